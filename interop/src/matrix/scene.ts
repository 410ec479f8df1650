import type { PeerConnectionOptions } from "@conic/webrtc";
import { Journal } from "./sides/journal.js";
import { OurSide } from "./sides/our-side.js";
import type { RemoteLink, Signal } from "./links/protocol.js";
import type { Side, SideChannel } from "./sides/side.js";
import { TheirSide } from "./sides/their-side.js";

type SignalingChannel = PeerConnectionOptions["signaling"];

export type Role = "we offer" | "they offer";

export interface SceneOptions {
  readonly name: string;
  readonly link: RemoteLink;
  readonly role: Role;
  /** How long anything may take. */
  readonly patienceMs: number;
  /** How long anything may take once there is a connection. */
  readonly connectedPatienceMs: number;
}

export interface DescriptionFrom {
  readonly from: "ours" | "theirs";
  readonly type: string;
  readonly sdp: string;
}

let lastPeer = 0;

/** One connection between us and another implementation, with the signaling between the two. */
export class Scene implements AsyncDisposable {
  readonly ours: Side;
  readonly theirs: Side;
  readonly role: Role;
  /** All descriptions that were exchanged, in order. */
  readonly descriptions: DescriptionFrom[] = [];

  readonly #journal: Journal;
  readonly #connectedPatienceMs: number;

  private constructor(ours: Side, theirs: Side, journal: Journal, options: SceneOptions) {
    this.ours = ours;
    this.theirs = theirs;
    this.role = options.role;
    this.#journal = journal;
    this.#connectedPatienceMs = options.connectedPatienceMs;
  }

  static async open(options: SceneOptions): Promise<Scene> {
    const { name, link, patienceMs } = options;
    lastPeer += 1;
    const journal = new Journal(patienceMs);
    const inbox = new SignalQueue();
    const keep = (from: "ours" | "theirs", signal: Signal): void => {
      const who = from === "ours" ? "ours" : name;
      if (signal.kind === "description") {
        scene?.descriptions.push({ from, ...signal.description });
        journal.note(`${who}: ${signal.description.type}`);
      } else journal.note(`${who}: ${signal.candidate.candidate}`);
    };
    let scene: Scene | undefined;
    const theirs = await TheirSide.open({
      name,
      link,
      peer: lastPeer,
      journal,
      signal: (signal) => {
        keep("theirs", signal);
        inbox.push(signal);
      },
    });
    const signaling = {
      localId: "ours",
      remoteId: "theirs",
      send: (signal: Signal) => {
        keep("ours", signal);
        void theirs.signal(signal);
        return Promise.resolve();
      },
      [Symbol.asyncIterator]: () => inbox.read(),
      [Symbol.asyncDispose]: () => {
        inbox.end();
        return Promise.resolve();
      },
    } as unknown as SignalingChannel;
    scene = new Scene(new OurSide({ signaling, journal }), theirs, journal, options);
    return scene;
  }

  get offerer(): Side {
    return this.role === "we offer" ? this.ours : this.theirs;
  }

  get answerer(): Side {
    return this.role === "we offer" ? this.theirs : this.ours;
  }

  /** Connects by a first channel; both ends of it, ours first. */
  async connect(): Promise<readonly [ours: SideChannel, theirs: SideChannel]> {
    const created = await this.offerer.createChannel("first");
    // Ours offers by itself as soon as it needs to.
    if (this.offerer === this.theirs) await this.theirs.offer();
    const came = await this.answerer.channel("first");
    await Promise.all([created.opened(), came.opened()]);
    this.#journal.patienceMs = this.#connectedPatienceMs;
    return this.role === "we offer" ? [created, came] : [came, created];
  }

  /** Resolves once there were this many descriptions. */
  async exchanged(count: number): Promise<void> {
    await this.#journal.until(`description ${count}`, () =>
      this.descriptions.length >= count ? true : undefined,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.ours[Symbol.asyncDispose](), this.theirs[Symbol.asyncDispose]()]);
  }
}

/** Signals for us, in order. */
class SignalQueue {
  readonly #signals: Signal[] = [];
  #arrived: (() => void) | undefined;
  #isEnded = false;

  push(signal: Signal): void {
    this.#signals.push(signal);
    this.#arrived?.();
  }

  end(): void {
    this.#isEnded = true;
    this.#arrived?.();
  }

  async *read(): AsyncGenerator<Signal> {
    for (;;) {
      const signal = this.#signals.shift();
      if (signal !== undefined) yield signal;
      else if (this.#isEnded) return;
      else {
        await new Promise<void>((resolve) => {
          this.#arrived = resolve;
        });
      }
    }
  }
}
