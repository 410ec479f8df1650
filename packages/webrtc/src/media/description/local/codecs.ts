import type { MediaKind } from "../slot.js";

/** A codec as this side describes it. */
export interface LocalCodec {
  /** As in an rtpmap: `opus/48000/2`. */
  readonly encoding: string;
  /** In offers, unless the remote has another one for the codec already; 96 to 127. */
  readonly payloadType: number;
  /** Parameters of the fmtp line; none when empty. */
  readonly fmtp: string;
  /** Values of the rtcp-fb lines, such as `nack pli` (RFC 4585 section 4.2). */
  readonly feedback: readonly string[];
}

export type LocalCodecs = Readonly<Record<MediaKind, LocalCodec>>;

export const defaultCodecs: LocalCodecs = {
  audio: {
    encoding: "opus/48000/2",
    payloadType: 111,
    fmtp: "minptime=10;useinbandfec=1;stereo=1",
    feedback: [],
  },
  video: {
    encoding: "VP8/90000",
    payloadType: 96,
    fmtp: "",
    feedback: ["nack", "nack pli", "ccm fir", "goog-remb"],
  },
};

/** For comparison: encoding names know no case (RFC 8866 section 6.6), and one channel goes without saying. */
export function encodingKey(encoding: string): string {
  return encoding.toLowerCase().replace(/\/1$/, "");
}
