import {
  AsyncQueue,
  ConicError,
  deferred,
  type CloseInfo,
  type EncodedChunk,
  type ReceivedChunk,
} from "@conic/domain";
import type {
  CallStats,
  ControlStream,
  IncomingTrack,
  MediaCall,
  OutgoingSender,
  OutgoingTrack,
} from "../../../src/start/call/media-call.js";
import type { MediaKind } from "../../../src/sinks/recorder.js";

/** A track that goes out, and what hangs on it. */
export class FakeTrack implements OutgoingTrack {
  enabled = true;
  stopped = false;
  sink: ((chunk: EncodedChunk) => boolean) | undefined;
  readonly #listeners = new Set<() => void>();
  readonly #targets = new Set<(bitsPerSecond: number) => void>();

  readonly kind: MediaKind;

  constructor(kind: MediaKind) {
    this.kind = kind;
  }

  write(chunk: EncodedChunk): boolean {
    return this.enabled && this.sink?.(chunk) === true;
  }

  stop(): void {
    this.stopped = true;
  }

  on(type: "keyframerequest", listener: () => void): () => void;
  on(type: "targetbitrate", listener: (bitsPerSecond: number) => void): () => void;
  on(type: string, listener: (() => void) & ((bitsPerSecond: number) => void)): () => void {
    if (type === "targetbitrate") this.#targets.add(listener);
    else this.#listeners.add(listener);
    return () => undefined;
  }

  setTargetBitrate(bitsPerSecond: number): void {
    for (const listener of this.#targets) listener(bitsPerSecond);
  }

  requestKeyFrame(): void {
    for (const listener of this.#listeners) listener();
  }
}

class FakeIncoming implements IncomingTrack {
  readonly kind: MediaKind;
  readonly queue: AsyncQueue<ReceivedChunk> = new AsyncQueue({ maxItems: 10_000 });
  readonly #ended = deferred<void>();

  constructor(kind: MediaKind) {
    this.kind = kind;
  }

  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  captureTimeMs(): undefined {
    return undefined;
  }

  [Symbol.asyncIterator](): AsyncIterator<ReceivedChunk, undefined> {
    return this.queue[Symbol.asyncIterator]();
  }

  end(): void {
    this.queue.end();
    this.#ended.resolve();
  }
}

class FakeStream implements ControlStream {
  readonly label: string;
  readonly opened: Promise<void> = Promise.resolve();
  readonly inbox: AsyncQueue<string> = new AsyncQueue({ maxItems: 1000 });
  other: FakeStream | undefined;

  constructor(label: string) {
    this.label = label;
  }

  send(text: string): boolean {
    if (this.inbox.ended) throw new ConicError("closed", "the channel is closed");
    return this.other?.inbox.push(text) === true;
  }

  [Symbol.asyncIterator](): AsyncIterator<string> {
    return this.inbox[Symbol.asyncIterator]();
  }
}

export interface FakeCallOptions {
  /** Kinds that this side does not take. */
  readonly refuses?: readonly MediaKind[];
  /** Chunks of the other side that get lost: by kind and number. */
  readonly loses?: (kind: MediaKind, index: number) => boolean;
  /** Knows no control channel, as a browser. */
  readonly isDeaf?: boolean;
  /** Does not agree on media. */
  readonly isMute?: boolean;
}

/** One end of a call in memory, with the names of `@conic/webrtc`. */
export class FakeCall implements MediaCall {
  readonly remoteId: string;
  other: FakeCall | undefined;
  readonly received = { audio: 0, video: 0 };
  readonly #options: FakeCallOptions;
  readonly #closed = deferred<CloseInfo>();
  readonly #channels = new AsyncQueue<ControlStream>({ maxItems: 8 });
  readonly #tracks = new AsyncQueue<IncomingTrack>({ maxItems: 8 });
  readonly #incoming: FakeIncoming[] = [];
  readonly #streams: FakeStream[] = [];
  readonly #faults = new Set<(error: ConicError) => void>();
  readonly #states = new Set<(state: string) => void>();
  readonly #sent = { audio: 0, video: 0 };

  constructor(remoteId: string, options: FakeCallOptions = {}) {
    this.remoteId = remoteId;
    this.#options = options;
  }

  static pair(a: FakeCallOptions = {}, b: FakeCallOptions = {}): [FakeCall, FakeCall] {
    const [alice, bob] = [new FakeCall("bob", a), new FakeCall("alice", b)];
    alice.other = bob;
    bob.other = alice;
    return [alice, bob];
  }

  get closed(): Promise<CloseInfo> {
    return this.#closed.promise;
  }

  get isClosed(): boolean {
    return this.#closed.settled;
  }

  on(type: "fault", listener: (error: ConicError) => void): () => void;
  on(type: "connectionstatechange", listener: (state: string) => void): () => void;
  on(type: "pathchange", listener: () => void): () => void;
  on(
    type: string,
    listener: ((error: ConicError) => void) | ((state: string) => void),
  ): () => void {
    if (type === "pathchange") return () => undefined;
    if (type === "fault") this.#faults.add(listener as (error: ConicError) => void);
    else this.#states.add(listener as (state: string) => void);
    return () => undefined;
  }

  setState(state: string): void {
    for (const listener of this.#states) listener(state);
  }

  createDataChannel(label: string): ControlStream {
    const mine = new FakeStream(label);
    const theirs = new FakeStream(label);
    mine.other = theirs;
    theirs.other = mine;
    this.#streams.push(mine);
    this.other?.takeStream(theirs);
    return mine;
  }

  takeStream(stream: FakeStream): void {
    this.#streams.push(stream);
    if (this.#options.isDeaf !== true) this.#channels.push(stream);
  }

  dataChannels(): AsyncIterable<ControlStream> {
    return this.#channels;
  }

  addTrack(track: OutgoingTrack): OutgoingSender {
    const { other } = this;
    if (!(track instanceof FakeTrack) || other === undefined) throw new Error("fakes only");
    const sender = { active: false };
    queueMicrotask(() => {
      if (other.#options.isMute === true) return;
      if (other.#options.refuses?.includes(track.kind) === true) {
        const message = `${this.remoteId} does not take ${track.kind}`;
        const error = new ConicError("unsupported", message, { details: { kind: track.kind } });
        for (const listener of this.#faults) listener(error);
        return;
      }
      const accept = other.#accept(track.kind);
      track.sink = (chunk) => {
        if (this.#closed.settled) return false;
        this.#sent[track.kind] += 1;
        accept(chunk);
        return true;
      };
      sender.active = true;
      track.requestKeyFrame();
    });
    return sender;
  }

  tracks(): AsyncIterable<IncomingTrack> {
    return this.#tracks;
  }

  getStats(): Promise<CallStats> {
    const kinds = ["audio", "video"] as const;
    const feedback = { nackCount: 0, pliCount: 0 };
    return Promise.resolve({
      connectTimeMs: 12,
      transport: { roundTripTimeMs: 3, local: { type: "host" }, remote: { type: "host" } },
      inboundRtp: kinds.map((kind) => ({
        kind,
        ...feedback,
        packetsReceived: this.received[kind],
        bytesReceived: 0,
        packetsLost: 0,
        packetsRepaired: 0,
        packetsDiscarded: 0,
        jitterMs: 1.234,
        framesReceived: this.received[kind],
        keyFramesReceived: 1,
      })),
      outboundRtp: kinds.map((kind) => ({
        kind,
        ...feedback,
        packetsSent: this.#sent[kind],
        bytesSent: this.#sent[kind] * 10,
        framesSent: this.#sent[kind],
        keyFramesSent: 1,
        retransmittedPacketsSent: 0,
        remotePacketsLost: 0,
        roundTripTimeMs: 3,
      })),
    });
  }

  /** What comes of one kind ends, and the call goes on: the other side removed its track. */
  endIncoming(kind: MediaKind): void {
    for (const track of this.#incoming) if (track.kind === kind) track.end();
  }

  close(): Promise<void> {
    this.end({ code: 1000, reason: "", wasClean: true });
    this.other?.end({ code: 1000, reason: "closed by the remote", wasClean: true });
    return Promise.resolve();
  }

  /** The connection breaks, for both. */
  breakOff(reason: string): void {
    for (const call of [this, this.other]) call?.end({ code: 1006, reason, wasClean: false });
  }

  end(info: CloseInfo): void {
    for (const track of this.#incoming) track.end();
    for (const stream of this.#streams) stream.inbox.end();
    this.#channels.end();
    this.#tracks.end();
    this.#closed.resolve(info);
  }

  #accept(kind: MediaKind): (chunk: EncodedChunk) => void {
    const track = new FakeIncoming(kind);
    this.#incoming.push(track);
    this.#tracks.push(track);
    let [index, lostBefore] = [0, 0];
    return (chunk) => {
      if (this.#options.loses?.(kind, index++) === true) {
        lostBefore += 1;
        return;
      }
      this.received[kind] += 1;
      const rtpTimestamp = (chunk.timestamp * (kind === "audio" ? 48 : 90)) / 1000;
      track.queue.push({ ...chunk, rtpTimestamp, lostBefore, receivedAtMs: 0 });
      lostBefore = 0;
    };
  }
}
