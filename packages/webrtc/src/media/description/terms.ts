import type { RemoteCodec } from "./remote/codecs.js";
import type { LocalTrackIds, MediaDirection } from "./slot.js";

/** What the description of this side says of a slot. */
export interface Terms {
  readonly direction: MediaDirection;
  readonly payloadType: number;
  readonly feedback: readonly string[];
  readonly midExtensionId: number | undefined;
  readonly hasReducedSizeRtcp: boolean;
  readonly track: LocalTrackIds;
}

/** What both descriptions together say. */
export interface Agreement {
  readonly offerer: "local" | "remote";
  readonly terms: Terms;
  /** As the remote sees it. */
  readonly remoteDirection: MediaDirection;
  readonly codec: RemoteCodec;
  readonly payloadTypes: readonly number[];
  readonly feedback: readonly string[];
  readonly midExtensionId: number | undefined;
  readonly ssrcs: readonly number[];
  readonly trackId: string;
  readonly streamId: string;
}
