import type { Clock, ConicError } from "@conic/domain";
import type { RemoteTrack } from "./remote-track.js";

/** What the media of an engine connection needs of the connection. */
export interface MediaSessionHost {
  readonly remoteId: string;
  readonly clock: Clock;
  readonly maxBufferedChunks: number;
  /** A track of the remote, once it was negotiated. */
  track(track: RemoteTrack): void;
  negotiationNeeded(): void;
  /** Of the path in use; undefined where it is not known. */
  roundTripTimeMs(): number | undefined;
  fault(error: ConicError): void;
}
