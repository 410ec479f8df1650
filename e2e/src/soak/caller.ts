import { once } from "node:events";
import { WebSocket } from "ws";
import { within } from "../within.js";

/** What does not come by then is lost, even on a machine that stands still for seconds. */
const patienceMs = 120_000;

/** A frame of a server, as plain JSON. */
export interface Heard {
  readonly type: string;
  readonly raw: Readonly<Record<string, unknown>>;
}

/** How a client goes. */
export type Leaving = "unregister" | "close" | "vanish";

/** What has been sent and received by all callers together. */
export interface Tally {
  opened: number;
  framesSent: number;
  framesReceived: number;
  relayed: number;
  errors: number;
  /** Upgrades that were answered with an error: of a server that had no time, not of one that lost anything. */
  refused: number;
  calls: number;
  readonly wrong: string[];
}

export function emptyTally(): Tally {
  return {
    opened: 0,
    framesSent: 0,
    framesReceived: 0,
    relayed: 0,
    errors: 0,
    refused: 0,
    calls: 0,
    wrong: [],
  };
}

/** A client of plain ws and JSON that counts all that it does, and hears one message at a time. */
export class Caller {
  id = "";
  readonly #socket: WebSocket;
  readonly #tally: Tally;
  readonly #heard: Heard[] = [];
  #arrived: (() => void) | undefined;
  #closed = false;
  #refused = false;

  constructor(url: string, tally: Tally) {
    this.#tally = tally;
    this.#socket = new WebSocket(url, ["conic.v1"], { perMessageDeflate: false });
    this.#socket.on("error", (error) => {
      if (!this.#refused) tally.wrong.push(`socket: ${error.message}`);
    });
    this.#socket.on("unexpected-response", () => {
      this.#refused = true;
      this.#socket.terminate();
    });
    this.#socket.on("message", (data: Buffer) => {
      tally.framesReceived += 1;
      const { type, raw } = JSON.parse(data.toString()) as { type: string; raw: string };
      this.#heard.push({ type, raw: JSON.parse(raw) as Heard["raw"] });
      this.#arrived?.();
    });
    this.#socket.on("close", () => {
      this.#closed = true;
      this.#arrived?.();
    });
  }

  /** False when the server had no time for it. */
  async enter(): Promise<boolean> {
    const answered = ["open", "unexpected-response"].map((event) => once(this.#socket, event));
    await within(Promise.race(answered), patienceMs, () => "an answer to the upgrade");
    if (this.#refused) {
      this.#tally.refused += 1;
      return false;
    }
    this.#tally.opened += 1;
    this.send("register");
    this.id = String((await this.hear("register_response")).raw["ID"]);
    return true;
  }

  send(type: string, raw: Heard["raw"] = {}): void {
    this.#tally.framesSent += 1;
    this.#socket.send(JSON.stringify({ type, raw: JSON.stringify(raw) }));
  }

  /** The next message, which must be of this type. */
  async hear(type: string): Promise<Heard> {
    while (this.#heard.length === 0) {
      if (this.#closed) throw new Error(`closed while waiting for ${type}`);
      const arrived = new Promise<void>((resolve) => {
        this.#arrived = resolve;
      });
      await within(arrived, patienceMs, () => `${type} for ${this.id}`);
    }
    const heard = this.#heard.shift();
    if (heard?.type === type) return heard;
    throw new Error(`${JSON.stringify(heard)} came where ${type} was next`);
  }

  async leave(how: Leaving): Promise<void> {
    if (how === "unregister") {
      this.send("unregister");
      await this.hear("unregister_response");
    }
    const closed = this.#closed ? undefined : once(this.#socket, "close");
    if (how === "vanish") this.#socket.terminate();
    else this.#socket.close(1000);
    if (closed !== undefined) await within(closed, patienceMs, () => `the end of ${this.id}`);
    if (this.#heard.length > 0) this.#tally.wrong.push(`unheard: ${JSON.stringify(this.#heard)}`);
  }
}
