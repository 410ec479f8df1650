import type { RtcpCipher, RtpCipher } from "./cipher.js";
import { CmRtcp, CmRtp } from "./cm-hmac.js";
import { GcmRtcp, GcmRtp } from "./gcm.js";
import { deriveKey, keyLabel } from "../key-derivation.js";
import { srtpKeyLengths, srtpProfile } from "../profile.js";

/** RFC 3711 section 5.2. */
const authenticationKeyBytes = 20;

export interface DirectionCiphers {
  readonly rtp: RtpCipher;
  readonly rtcp: RtcpCipher;
}

/** What protects or opens the packets of one direction. */
export function createCiphers(
  profile: number,
  masterKey: Uint8Array,
  masterSalt: Uint8Array,
): DirectionCiphers {
  const { keyBytes, saltBytes } = srtpKeyLengths(profile);
  const derive = (label: number, length: number): Buffer =>
    deriveKey(masterKey, masterSalt, label, length);
  const rtpKey = derive(keyLabel.rtpEncryption, keyBytes);
  const rtpSalt = derive(keyLabel.rtpSalt, saltBytes);
  const rtcpKey = derive(keyLabel.rtcpEncryption, keyBytes);
  const rtcpSalt = derive(keyLabel.rtcpSalt, saltBytes);
  if (profile === srtpProfile.aeadAes128Gcm) {
    return { rtp: new GcmRtp(rtpKey, rtpSalt), rtcp: new GcmRtcp(rtcpKey, rtcpSalt) };
  }
  return {
    rtp: new CmRtp({
      encryption: rtpKey,
      authentication: derive(keyLabel.rtpAuthentication, authenticationKeyBytes),
      salt: rtpSalt,
    }),
    rtcp: new CmRtcp({
      encryption: rtcpKey,
      authentication: derive(keyLabel.rtcpAuthentication, authenticationKeyBytes),
      salt: rtcpSalt,
    }),
  };
}
