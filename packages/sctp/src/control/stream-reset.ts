import type { OutboundStream } from "../send/outbound.js";
import type { RttEstimator } from "../send/rtt.js";
import { isAfter, next } from "../wire/serial.js";
import {
  reconfigResult,
  writeOutgoingReset,
  writeReconfigResponse,
  type OutgoingReset,
  type ReconfigParameter,
} from "../wire/chunks/reconfig.js";

/** Stream ids in one request at most: it has to fit one packet. */
const maxIdsPerRequest = 256;

export interface StreamResetHost {
  readonly initialTsn: number;
  readonly remoteInitialTsn: number;
  readonly rtt: RttEstimator;
  readonly lastTsn: () => number;
  readonly remoteCumulativeTsn: () => number;
  /** The remote resets these; all of its streams when none is named. */
  readonly onRemoteReset: (streamIds: readonly number[]) => void;
  /** The remote wants these of ours reset; all of them when none is named. */
  readonly onResetAsked: (streamIds: readonly number[]) => void;
  readonly onConfirmed: (streams: readonly OutboundStream[]) => void;
  /** Whether the remote knows of all this. */
  readonly isSupported: boolean;
  /** All is delivered on these; a remote that knows no resets is told nothing, and answers nothing. */
  readonly onClosedAlone: (streams: readonly OutboundStream[]) => void;
}

/** Resetting streams, which is how data channels close (RFC 6525 section 5, RFC 8831 section 6.7). */
export class StreamReset {
  readonly #host: StreamResetHost;
  /** Streams that are to be reset once all that was sent on them is delivered. */
  readonly #closing = new Set<OutboundStream>();
  #request: { readonly wire: Omit<OutgoingReset, "kind">; streams: OutboundStream[] } | undefined;
  #requestNumber: number;
  #timeoutAt: number | undefined;
  #expected: number;
  /** A request whose data is not all here yet. */
  #deferred: OutgoingReset | undefined;
  #lastResult: { number: number; result: number } | undefined;
  #chunks: Uint8Array[] = [];

  constructor(host: StreamResetHost) {
    this.#host = host;
    // RFC 6525 section 4.1: the first request has the number of the first TSN.
    this.#requestNumber = host.initialTsn;
    this.#expected = host.remoteInitialTsn;
  }

  get nextTimeout(): number | undefined {
    return this.#timeoutAt;
  }

  get isIdle(): boolean {
    return this.#closing.size === 0 && this.#request === undefined;
  }

  close(stream: OutboundStream): void {
    this.#closing.add(stream);
  }

  /** Chunks to send now. */
  take(now: number): readonly Uint8Array[] {
    this.#completeDeferred();
    if (this.#request === undefined && this.#closing.size > 0) {
      if (this.#host.isSupported) this.#begin(now);
      else this.#closeAlone();
    }
    const chunks = this.#chunks;
    if (chunks.length > 0) this.#chunks = [];
    return chunks;
  }

  advance(now: number): void {
    if (this.#timeoutAt === undefined || this.#timeoutAt > now) return;
    this.#host.rtt.onTimeout();
    this.#send(now);
  }

  onParameters(parameters: readonly ReconfigParameter[], now: number): void {
    for (const parameter of parameters) {
      if (parameter.kind === "response") this.#onResponse(parameter, now);
      else this.#onRequest(parameter);
    }
  }

  #begin(now: number): void {
    const streams: OutboundStream[] = [];
    for (const stream of this.#closing) {
      if (streams.length === maxIdsPerRequest) break;
      if (stream.isFlushed) streams.push(stream);
    }
    if (streams.length === 0) return;
    for (const stream of streams) this.#closing.delete(stream);
    this.#request = {
      wire: {
        requestNumber: this.#requestNumber,
        lastTsn: this.#host.lastTsn(),
        streamIds: streams.map(({ id }) => id),
      },
      streams,
    };
    this.#requestNumber = next(this.#requestNumber);
    this.#send(now);
  }

  #closeAlone(): void {
    const streams = [...this.#closing].filter(({ isFlushed }) => isFlushed);
    if (streams.length === 0) return;
    for (const stream of streams) this.#closing.delete(stream);
    this.#host.onClosedAlone(streams);
  }

  #send(now: number): void {
    if (this.#request === undefined) return;
    const last = (this.#expected - 1) >>> 0;
    this.#chunks.push(writeOutgoingReset(this.#request.wire, last));
    this.#timeoutAt = now + this.#host.rtt.answerTimeout;
  }

  #onResponse(response: { responseNumber: number; result: number }, now: number): void {
    const request = this.#request;
    if (request === undefined || response.responseNumber !== request.wire.requestNumber) return;
    if (response.result === reconfigResult.inProgress) {
      // It is asked again, under the same number, until the remote has all that came before.
      this.#timeoutAt = now + this.#host.rtt.answerTimeout;
      return;
    }
    this.#request = undefined;
    this.#timeoutAt = undefined;
    this.#host.rtt.onProgress();
    // A remote that refuses has forgotten the stream: for us it is closed all the same.
    this.#host.onConfirmed(request.streams);
  }

  #onRequest(request: Exclude<ReconfigParameter, { kind: "response" }>): void {
    const { requestNumber } = request;
    if (requestNumber !== this.#expected) {
      const isRepeated = this.#lastResult?.number === requestNumber;
      const result = isRepeated ? this.#lastResult?.result : reconfigResult.wrongNumber;
      this.#respond(requestNumber, result ?? reconfigResult.wrongNumber);
      return;
    }
    switch (request.kind) {
      case "outgoingReset":
        this.#deferred = request;
        if (!this.#completeDeferred()) this.#respond(requestNumber, reconfigResult.inProgress);
        return;
      case "incomingReset":
        this.#host.onResetAsked(request.streamIds);
        this.#settle(requestNumber, reconfigResult.performed);
        return;
      case "other":
        this.#settle(requestNumber, reconfigResult.denied);
    }
  }

  /** @returns whether nothing waits (any more) for data that is on its way. */
  #completeDeferred(): boolean {
    const request = this.#deferred;
    if (request === undefined) return true;
    if (isAfter(request.lastTsn, this.#host.remoteCumulativeTsn())) return false;
    this.#deferred = undefined;
    this.#settle(request.requestNumber, reconfigResult.performed);
    this.#host.onRemoteReset(request.streamIds);
    return true;
  }

  #settle(requestNumber: number, result: number): void {
    this.#expected = next(requestNumber);
    this.#lastResult = { number: requestNumber, result };
    this.#respond(requestNumber, result);
  }

  #respond(requestNumber: number, result: number): void {
    if (this.#chunks.length < 8) this.#chunks.push(writeReconfigResponse(requestNumber, result));
  }
}
