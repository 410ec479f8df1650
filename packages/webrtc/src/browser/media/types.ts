import type { MediaTypes } from "../../platform.js";
import type { LocalTrack } from "./local-track.js";
import type { RemoteTrack } from "./remote-track.js";
import type { TrackSender } from "./track-sender.js";

/** Media of a browser: native tracks. */
export interface NativeMediaTypes extends MediaTypes {
  readonly local: LocalTrack;
  readonly remote: RemoteTrack;
  readonly sender: TrackSender;
}
