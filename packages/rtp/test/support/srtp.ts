import {
  srtpKeyLengths,
  srtpProfile,
  SrtpSession,
  writeRtp,
  type SrtpOptions,
} from "../../src/index.js";

export const profiles: readonly number[] = Object.values(srtpProfile);

/** Two ends of one connection. */
export interface Ends {
  readonly a: SrtpSession;
  readonly b: SrtpSession;
}

export function connect(profile: number, options: SrtpOptions = {}): Ends {
  const { keyBytes, saltBytes } = srtpKeyLengths(profile);
  const of = (first: number) => ({
    key: Uint8Array.from({ length: keyBytes }, (_, index) => first + index),
    salt: Uint8Array.from({ length: saltBytes }, (_, index) => first + 64 + index),
  });
  const one = of(1);
  const two = of(101);
  return {
    a: new SrtpSession({
      profile,
      localKey: one.key,
      localSalt: one.salt,
      remoteKey: two.key,
      remoteSalt: two.salt,
    }),
    b: new SrtpSession(
      {
        profile,
        localKey: two.key,
        localSalt: two.salt,
        remoteKey: one.key,
        remoteSalt: one.salt,
      },
      options,
    ),
  };
}

/** A packet whose payload tells its place in the stream. */
export function rtp(index: number, ssrc = 7): Uint8Array {
  return writeRtp({
    payloadType: 111,
    sequenceNumber: index & 0xffff,
    timestamp: index * 960,
    ssrc,
    payload: new TextEncoder().encode(`packet ${index}`),
  });
}

export function receiverReport(ssrc: number): Uint8Array {
  const bytes = Uint8Array.of(0x80, 201, 0, 1, 0, 0, 0, 0);
  new DataView(bytes.buffer).setUint32(4, ssrc);
  return bytes;
}
