import type { ConicError } from "@conic/domain";
import { Association } from "../../src/association/association.js";
import { DataChannels } from "../../src/channels/data-channels.js";
import type { SctpChannel } from "../../src/channels/types.js";
import type { AssociationOptions, AssociationState } from "../../src/options.js";
import {
  chunk,
  packet,
  parameter,
  readPacket,
  readParameters,
  readU32,
  types,
  u16,
  u32,
  type Chunk,
  type Packet,
} from "./packets.js";

export interface LabOptions {
  readonly association?: Partial<AssociationOptions>;
  readonly maxChannels?: number;
  /** Chunk types that the scripted remote says it knows. Default FORWARD TSN and RE-CONFIG. */
  readonly extensions?: readonly number[];
  readonly receiveWindow?: number;
  readonly streams?: number;
  readonly remoteTsn?: number;
  readonly localTsn?: number;
}

export const remoteTag = 0x52_52_52_52;

/** Channels over an association, and a remote that the test plays by hand, chunk by chunk. */
export class Lab {
  now = 1000;
  /** What the association sent, oldest first. */
  readonly sent: Packet[] = [];
  readonly sentBytes: Uint8Array[] = [];
  readonly faults: ConicError[] = [];
  readonly states: AssociationState[] = [];
  readonly incoming: SctpChannel[] = [];
  readonly log: string[] = [];
  readonly channels: DataChannels<Association>;
  error: ConicError | undefined;
  /** Tag and TSN that the association chose, once known. */
  localTag = 0;
  localTsn = 0;
  /** The next TSN of the scripted remote. */
  tsn: number;
  readonly #options: LabOptions;

  constructor(options: LabOptions = {}) {
    this.#options = options;
    this.tsn = options.remoteTsn ?? 100;
    let draws = 0;
    // Whatever is drawn is the TSN that was asked for, or else a number of its own.
    const random32 = (): number => {
      draws += 1;
      return options.localTsn ?? (Math.imul(draws, 0x9e_37_79_b1) | 1) >>> 0;
    };
    this.channels = new DataChannels(
      (events) => new Association({ random32, ...options.association }, events),
      {
        role: "client",
        ...(options.maxChannels === undefined ? {} : { maxChannels: options.maxChannels }),
      },
      {
        // The association writes its next packet over this one.
        packet: (bytes) => this.#onPacket(bytes.slice()),
        state: (state, error) => {
          this.states.push(state);
          this.error = error;
        },
        channel: (channel) => {
          this.incoming.push(channel);
          this.listen(channel, channel.init.label);
        },
        fault: (error) => this.faults.push(error),
      },
    );
  }

  get association(): Association {
    return this.channels.association;
  }

  get state(): AssociationState {
    return this.association.state;
  }

  listen(channel: SctpChannel, name: string): SctpChannel {
    channel.bind({
      open: () => this.log.push(`${name} open`),
      message: (data) =>
        this.log.push(`${name} ${typeof data === "string" ? data : `[${data.length}]`}`),
      drained: () => {},
      closed: (error) => this.log.push(`${name} closed${error ? ` ${error.code}` : ""}`),
    });
    return channel;
  }

  open(label: string = "x"): SctpChannel {
    const channel = this.listen(this.channels.open({ label }, this.now), label);
    this.flush();
    return channel;
  }

  /** Chunks of the remote, in one packet, and the turn's end after it. */
  give(...chunks: readonly Uint8Array[]): void {
    this.giveBytes(packet({ tag: this.localTag }, ...chunks));
  }

  giveBytes(bytes: Uint8Array): void {
    this.channels.receive(bytes, this.now);
    this.flush();
  }

  flush(): void {
    this.channels.flush(this.now);
  }

  /** Time passes; timers run when they are due. */
  wait(ms: number): void {
    const end = this.now + ms;
    for (let turn = 0; turn < 10_000; turn += 1) {
      const at = this.channels.nextTimeout();
      if (at === undefined || at > end) {
        this.now = end;
        return;
      }
      this.now = Math.max(this.now, at);
      this.channels.advance(this.now);
    }
    throw new Error("timers without end");
  }

  /** Chunks of a type that the association sent so far. */
  chunks(type: number): readonly Chunk[] {
    return this.sent.flatMap((one) => one.chunks.filter((each) => each.type === type));
  }

  /** Forgets what was sent so far. */
  forget(): void {
    this.sent.length = 0;
    this.sentBytes.length = 0;
  }

  /** The whole handshake, begun by the association. */
  connect(): this {
    this.channels.connect(this.now);
    this.flush();
    this.giveBytes(packet({ tag: this.localTag }, this.initAck()));
    this.give(chunk(types.cookieAck, 0));
    if (this.state !== "connected") throw new Error(`it is ${this.state}`);
    this.forget();
    return this;
  }

  /** The whole handshake, begun by the remote. */
  accept(): this {
    this.giveBytes(packet({ tag: 0 }, this.init()));
    const cookie = this.cookie();
    this.give(chunk(types.cookieEcho, 0, cookie));
    if (this.state !== "connected") throw new Error(`it is ${this.state}`);
    this.forget();
    return this;
  }

  init(): Uint8Array {
    return chunk(types.init, 0, this.#initBody());
  }

  initAck(): Uint8Array {
    return chunk(types.initAck, 0, this.#initBody(), parameter(7, u32(1, 2, 3, 4)));
  }

  /** The cookie of the last INIT ACK of the association. */
  cookie(): Uint8Array {
    const answer = this.chunks(types.initAck).at(-1);
    const found = answer && readParameters(answer.value, 16).find(({ type }) => type === 7);
    if (found === undefined) throw new Error("no INIT ACK with a cookie");
    return found.value;
  }

  /** A DATA chunk with the next TSN. */
  data(
    streamId: number,
    ppid: number,
    bytes: Uint8Array,
    {
      flags = 3,
      ssn = 0,
      tsn = this.takeTsn(),
    }: { flags?: number; ssn?: number; tsn?: number } = {},
  ): Uint8Array {
    return chunk(types.data, flags, u32(tsn), u16(streamId, ssn), u32(ppid), bytes);
  }

  takeTsn(): number {
    const { tsn } = this;
    this.tsn = (tsn + 1) >>> 0;
    return tsn;
  }

  sack(cumulative: number, window: number = 1_000_000): Uint8Array {
    return chunk(types.sack, 0, u32(cumulative >>> 0, window), u16(0, 0));
  }

  /** Acknowledges all DATA that was sent so far. */
  sackAll(window?: number): void {
    const type = this.association.stats().interleaving ? types.iData : types.data;
    const last = this.chunks(type).at(-1);
    if (last !== undefined) this.give(this.sack(readU32(last.value, 0), window));
  }

  #initBody(): Uint8Array {
    const { receiveWindow = 1_000_000, streams = 65_535, remoteTsn = 100 } = this.#options;
    const extensions = this.#options.extensions ?? [types.forwardTsn, types.reconfig];
    const fixed = [u32(remoteTag, receiveWindow), u16(streams, streams), u32(remoteTsn)];
    const supported = parameter(0x80_08, Uint8Array.from(extensions));
    const forward = extensions.includes(types.forwardTsn) ? parameter(0xc0_00) : new Uint8Array(0);
    return Buffer.concat([...fixed, supported, forward]);
  }

  #onPacket(bytes: Uint8Array): void {
    const read = readPacket(bytes);
    if (read === undefined) throw new Error("the association sent no packet");
    this.sent.push(read);
    this.sentBytes.push(bytes);
    for (const { type, value } of read.chunks) {
      if (type !== types.init && type !== types.initAck) continue;
      this.localTag = readU32(value, 0);
      this.localTsn = readU32(value, 12);
    }
  }
}
