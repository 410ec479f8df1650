import type { Clock } from "@conic/domain";
import type { MediaKind } from "../../sinks/recorder.js";
import type { CallStats, MediaCall } from "../call/media-call.js";
import type { Arrived } from "../control/messages.js";
import type { ReceivedTotals, SentTotals, Totals } from "../events.js";
import type { Receiver } from "../receive/receiver.js";
import type { Pump } from "../send/pump.js";
import { Rate, type Flow } from "./flow.js";

export const statsIntervalMs = 1_000;

export interface KeeperOptions {
  readonly call: MediaCall;
  readonly pumps: readonly Pump[];
  readonly receivers: readonly Receiver[];
  readonly clock: Clock;
  readonly isMuted: (direction: "send" | "receive", kind: MediaKind) => boolean;
  /** Called once in a second. */
  readonly onTick: () => void;
}

/** Statistics of a call: read once in a second, and at the end. */
export class StatsKeeper {
  /** What the other side says that it received. */
  arrived: Readonly<Partial<Record<MediaKind, Arrived>>> = {};
  flows: readonly Flow[] = [];
  roundTripMs: number | undefined;
  readonly #options: KeeperOptions;
  readonly #rates = new Map<string, Rate>();
  #stats: CallStats | undefined;
  #cancel: (() => void) | undefined;

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#schedule();
  }

  /** Packets of one kind that came. */
  packetsReceived(kind: MediaKind): number {
    return this.#inbound(kind)?.packetsReceived ?? 0;
  }

  /** Reads the counts, and with `rates` what came since they were read last. */
  async read(rates = false): Promise<void> {
    const { call, pumps, receivers, clock } = this.#options;
    this.#stats = await call.getStats();
    this.roundTripMs = roundTripOf(this.#stats);
    const nowMs = clock.now();
    const old = rates ? [] : this.flows;
    this.flows = [
      ...pumps.filter(({ isRefused }) => !isRefused).map((pump) => this.#sent(pump, nowMs, old)),
      ...receivers
        .filter(({ chunks, isBusy }) => isBusy || chunks > 0)
        .map((receiver) => this.#received(receiver, nowMs, old)),
    ];
  }

  totals(): Totals {
    const { pumps, receivers } = this.#options;
    const sent = pumps
      .filter(({ isRefused }) => !isRefused)
      .map((pump) => [pump.kind, this.#sentTotals(pump)] as const);
    const received = receivers
      .filter(({ chunks }) => chunks > 0)
      .map((receiver) => [receiver.kind, this.#receivedTotals(receiver)] as const);
    return { sent: Object.fromEntries(sent), received: Object.fromEntries(received) };
  }

  close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #schedule(): void {
    this.#cancel = this.#options.clock.schedule(statsIntervalMs, () => void this.#tick());
  }

  async #tick(): Promise<void> {
    await this.read(true);
    if (this.#cancel === undefined) return;
    this.#schedule();
    this.#options.onTick();
  }

  #sent({ kind, sentChunks, targetBitrate }: Pump, nowMs: number, old: readonly Flow[]): Flow {
    const rtp = this.#outbound(kind);
    const arrived = this.arrived[kind];
    const bytes = rtp?.bytesSent ?? 0;
    return {
      direction: "send",
      kind,
      muted: this.#options.isMuted("send", kind),
      ...this.#rate("send", kind, { nowMs, bytes, frames: sentChunks }, old),
      ...(targetBitrate !== undefined && { targetKbps: Math.round(targetBitrate / 100) / 10 }),
      packets: rtp?.packetsSent ?? 0,
      frames: sentChunks,
      keyFrames: rtp?.keyFramesSent ?? 0,
      lost: arrived?.lost ?? Math.max(0, rtp?.remotePacketsLost ?? 0),
      repaired: rtp?.retransmittedPacketsSent ?? 0,
      nacks: rtp?.nackCount ?? 0,
      keyFrameRequests: rtp?.pliCount ?? 0,
      ...(arrived && { arrived }),
    };
  }

  #received(receiver: Receiver, nowMs: number, old: readonly Flow[]): Flow {
    const { kind, chunks, bytes, lost, keyFrames, inspector } = receiver;
    const rtp = this.#inbound(kind);
    return {
      direction: "receive",
      kind,
      muted: this.#options.isMuted("receive", kind),
      ...this.#rate("receive", kind, { nowMs, bytes, frames: chunks }, old),
      packets: rtp?.packetsReceived ?? 0,
      frames: chunks,
      keyFrames,
      lost,
      repaired: rtp?.packetsRepaired ?? 0,
      nacks: rtp?.nackCount ?? 0,
      keyFrameRequests: rtp?.pliCount ?? 0,
      jitterMs: Math.round((rtp?.jitterMs ?? 0) * 100) / 100,
      ...(inspector?.level && { level: inspector.level }),
    };
  }

  /** Since the last reading, or as it was then. */
  #rate(
    direction: Flow["direction"],
    kind: MediaKind,
    count: { readonly nowMs: number; readonly bytes: number; readonly frames: number },
    old: readonly Flow[],
  ): { kbps: number; fps: number } {
    const before = old.find((flow) => flow.direction === direction && flow.kind === kind);
    if (before !== undefined) return { kbps: before.kbps, fps: before.fps };
    const key = `${direction} ${kind}`;
    const rate = this.#rates.get(key) ?? new Rate(count.nowMs - statsIntervalMs);
    this.#rates.set(key, rate);
    return rate.next(count.nowMs, count.bytes, count.frames);
  }

  #sentTotals(pump: Pump): SentTotals {
    const rtp = this.#outbound(pump.kind);
    return {
      packets: rtp?.packetsSent ?? 0,
      bytes: rtp?.bytesSent ?? 0,
      frames: pump.sentChunks,
      keyFrames: rtp?.keyFramesSent ?? 0,
      resent: rtp?.retransmittedPacketsSent ?? 0,
      skipped: pump.source.skippedFrames,
      lost: this.arrived[pump.kind]?.lost,
      seconds: Math.round(pump.sentSeconds * 1000) / 1000,
    };
  }

  #receivedTotals(receiver: Receiver): ReceivedTotals {
    const { kind, chunks, bytes, keyFrames, lost, seconds, inspector } = receiver;
    const rtp = this.#inbound(kind);
    return {
      packets: rtp?.packetsReceived ?? 0,
      bytes,
      frames: chunks,
      keyFrames,
      lost,
      repaired: rtp?.packetsRepaired ?? 0,
      seconds: Math.round(seconds * 1000) / 1000,
      ...(inspector?.order && { order: inspector.order }),
    };
  }

  // A track that was replaced leaves its stream behind: the last one counts.
  #inbound(kind: MediaKind): CallStats["inboundRtp"][number] | undefined {
    return this.#stats?.inboundRtp.findLast((one) => one.kind === kind);
  }

  #outbound(kind: MediaKind): CallStats["outboundRtp"][number] | undefined {
    return this.#stats?.outboundRtp.findLast((one) => one.kind === kind);
  }
}

/** That of the media, measured with every report; else that of the network path, measured now and then. */
function roundTripOf({ outboundRtp, transport }: CallStats): number | undefined {
  const measured = outboundRtp.map(({ roundTripTimeMs }) => roundTripTimeMs);
  const ms = measured.findLast((one) => one !== undefined) ?? transport.roundTripTimeMs;
  return ms === undefined ? undefined : Math.round(ms * 100) / 100;
}
