import { expect } from "vitest";
import { exchange, expectSame } from "../check.js";
import type { Row, Rows } from "../row.js";
import type { Scene } from "../scene.js";
import type { Message, SideChannel } from "../sides/side.js";

/** Sends in small batches until told to stop. */
class Traffic {
  readonly #from: SideChannel;
  readonly #to: SideChannel;
  readonly #name: string;
  readonly #sent: Message[] = [];
  readonly #running: Promise<void>;
  #isStopped = false;

  constructor(name: string, from: SideChannel, to: SideChannel) {
    this.#name = name;
    this.#from = from;
    this.#to = to;
    this.#running = this.#run();
    // Reported by finish().
    this.#running.catch(() => undefined);
  }

  /** Sends a last batch and compares all that arrived. */
  async finish(): Promise<void> {
    this.#isStopped = true;
    await this.#running;
    await this.#batch();
    expectSame(await this.#to.receive(this.#sent.length), this.#sent);
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      await this.#batch();
      // Ours sends within one turn: let the rest of the process have the next one.
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    }
  }

  async #batch(): Promise<void> {
    if (this.#sent.length >= 5_000) return;
    const from = this.#sent.length;
    const batch = Array.from({ length: 10 }, (_, i) => `${this.#name} ${from + i}`);
    this.#sent.push(...batch);
    await this.#from.send(...batch);
  }
}

/** The last description of a side: its ICE user fragment. */
function fragment(scene: Scene, from: "ours" | "theirs"): string | undefined {
  const last = scene.descriptions.findLast((description) => description.from === from);
  return /^a=ice-ufrag:(.*)$/m.exec(last?.sdp ?? "")?.[1]?.trim();
}

/** Another round of offer and answer, while messages go both ways. */
function renegotiate(by: "ours" | "theirs", iceRestart: boolean): Row {
  return async ({ scene }) => {
    const [ours, theirs] = await scene.connect();
    const before = [fragment(scene, "ours"), fragment(scene, "theirs")];
    const rounds = scene.descriptions.length;
    expect(rounds).toBe(2);
    const traffic = [new Traffic("from us", ours, theirs), new Traffic("from them", theirs, ours)];
    await scene[by].offer({ iceRestart });
    await scene.exchanged(4);
    await Promise.all(traffic.map((one) => one.finish()));
    const after = [fragment(scene, "ours"), fragment(scene, "theirs")];
    if (iceRestart) {
      expect(after[0], "our ICE credentials").not.toBe(before[0]);
      expect(after[1], "their ICE credentials").not.toBe(before[1]);
    } else expect(after).toEqual(before);
    const late = await scene[by].createChannel("after the round");
    const came = await (by === "ours" ? scene.theirs : scene.ours).channel("after the round");
    await Promise.all([late.opened(), came.opened()]);
    await exchange(late, came, ["still there"]);
    expect(scene.descriptions.map(({ type }) => type)).toEqual([
      "offer",
      "answer",
      "offer",
      "answer",
    ]);
  };
}

export const negotiationRows: Rows<
  "connect" | "we offer again" | "they offer again" | "we restart ICE" | "they restart ICE"
> = {
  connect: async ({ scene }) => {
    const [ours, theirs] = await scene.connect();
    expect(await ours.opened()).toMatchObject({ label: "first", protocol: "" });
    expect(await theirs.opened()).toMatchObject({ label: "first", protocol: "" });
  },
  "we offer again": renegotiate("ours", false),
  "they offer again": renegotiate("theirs", false),
  "we restart ICE": renegotiate("ours", true),
  "they restart ICE": renegotiate("theirs", true),
};
