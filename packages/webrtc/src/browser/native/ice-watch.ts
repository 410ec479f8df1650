import type { EngineProgress, IceServerError } from "../../engine/port.js";

const found = new Set<RTCIceConnectionState>(["connected", "completed"]);

/** How far the search for a path has come, as a browser tells of it. */
export class IceWatch {
  readonly #errors = new Map<string, IceServerError>();
  /** TURN servers that gave a relay, whatever failed on the way to it. */
  readonly #relays = new Set<string>();
  #pc: RTCPeerConnection;
  #hasCandidates = false;
  #hasPath = false;
  #hasSignOfLife = false;

  constructor(pc: RTCPeerConnection) {
    this.#pc = pc;
  }

  get hasPath(): boolean {
    this.#hasPath ||= found.has(this.#pc.iceConnectionState);
    return this.#hasPath;
  }

  /** The remote has told a candidate, or there is a path to it. */
  get hasSignOfLife(): boolean {
    return this.#hasSignOfLife || this.hasPath;
  }

  get progress(): EngineProgress {
    return {
      hasGathered: this.#pc.iceGatheringState === "complete",
      hasCandidates: this.#hasCandidates,
      hasPath: this.hasPath,
      serverErrors: [...this.#errors.values()].filter(({ url }) => !this.#relays.has(url)),
    };
  }

  replace(pc: RTCPeerConnection): void {
    this.#pc = pc;
    this.#hasCandidates = false;
  }

  localCandidate(candidate: RTCIceCandidate): void {
    this.#hasCandidates = true;
    // Not in the types of TypeScript yet.
    const { url } = candidate as RTCIceCandidate & { readonly url?: string | null };
    if (candidate.type === "relay" && typeof url === "string") this.#relays.add(url);
  }

  remoteCandidate(): void {
    this.#hasSignOfLife = true;
  }

  /** @returns the error, when it is news of a TURN server. */
  serverError({ url, errorCode }: RTCPeerConnectionIceErrorEvent): IceServerError | undefined {
    // A STUN server fails on every address family that it does not have.
    if (!url.startsWith("turn") || this.#errors.has(url)) return undefined;
    const error = { url, errorCode };
    this.#errors.set(url, error);
    return error;
  }
}
