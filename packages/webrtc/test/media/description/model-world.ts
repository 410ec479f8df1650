import { expect } from "vitest";
import type { SessionDescription } from "@conic/domain";
import type { MediaSlot } from "../../../src/media/description/slot.js";
import { blocks, Side, track } from "./model-inner.js";

/** What one peer can do, chosen by small numbers. */
export type Operation =
  | { readonly do: "add"; readonly side: 0 | 1; readonly kind: "audio" | "video" }
  | {
      readonly do: "direct";
      readonly side: 0 | 1;
      readonly slot: number;
      readonly direction: Direction;
    }
  | { readonly do: "rename" | "stop"; readonly side: 0 | 1; readonly slot: number }
  | {
      readonly do: "data" | "offer" | "offer-and-rollback" | "deliver" | "fail";
      readonly side: 0 | 1;
    };

type Direction = MediaSlot["direction"];
type Message = SessionDescription | { readonly type: "refused" };

/** Two negotiations with signaling in between that keeps the order, and perfect negotiation on top (RFC 8829). */
export class World {
  readonly sides: readonly [Peer, Peer];
  readonly #directions: readonly [Message[], Message[]] = [[], []];
  #names = 0;

  constructor(sides: readonly [Side, Side]) {
    this.sides = [new Peer(sides[0], true), new Peer(sides[1], false)];
  }

  run(operation: Operation): void {
    const peer = this.sides[operation.side];
    const { media } = peer.side;
    switch (operation.do) {
      case "add":
        if (media.slots.length < 12) media.addTrack(operation.kind, this.#newTrack());
        return;
      case "direct":
        peer.slot(operation.slot, (slot) => (slot.direction = operation.direction));
        return;
      case "rename":
        peer.slot(operation.slot, (slot) => (slot.localTrack = this.#newTrack()));
        return;
      case "stop":
        peer.slot(operation.slot, (slot) => {
          slot.stop();
        });
        return;
      case "data":
        media.dataWanted = true;
        return;
      case "offer":
        if (!peer.isOffering) this.#send(operation.side, peer.offer());
        return;
      case "offer-and-rollback":
        if (peer.isOffering) return;
        peer.offer();
        peer.rollback();
        return;
      case "deliver":
        this.#deliver(operation.side, false);
        return;
      case "fail":
        this.#deliver(operation.side, true);
        return;
    }
  }

  /** Delivers all and lets who needs it offer, until nothing is left to do. */
  settle(): void {
    for (let round = 0; round < 40; round += 1) {
      while (this.#deliver(0, false) || this.#deliver(1, false)) {
        // Until both directions are empty.
      }
      const needing = this.sides.findIndex(({ side }) => side.media.needsNegotiation());
      if (needing === -1) return;
      this.run({ do: "offer", side: needing === 0 ? 0 : 1 });
    }
    throw new Error("the negotiation does not come to rest");
  }

  checkRest(): void {
    const [a, b] = this.sides.map(({ side }) => side);
    if (a === undefined || b === undefined) return;
    for (const [one, other] of [
      [a, b],
      [b, a],
    ] as const) {
      for (const slot of one.media.slots.filter(({ stopped }) => !stopped)) {
        checkAgreement(
          slot,
          other.media.slots.find(({ mid }) => mid === slot.mid),
        );
      }
    }
    const [left, right] = [a, b].map((side) => {
      const offer = side.offer();
      side.media.rollback();
      return lines(offer);
    });
    checkSame(left, right);
  }

  #newTrack(): { trackId: string; streamId: string } {
    this.#names += 1;
    return track(String(this.#names));
  }

  #send(from: 0 | 1, message: Message): void {
    if ("sdp" in message) checkText(message);
    this.#directions[from === 0 ? 1 : 0].push(message);
  }

  #deliver(to: 0 | 1, fails: boolean): boolean {
    const message = this.#directions[to].shift();
    if (message === undefined) return false;
    const reply = this.sides[to].receive(message, fails);
    if (reply !== undefined) this.#send(to, reply);
    return true;
  }
}

class Peer {
  readonly side: Side;
  readonly isPolite: boolean;
  isOffering = false;

  constructor(side: Side, isPolite: boolean) {
    this.side = side;
    this.isPolite = isPolite;
  }

  slot(index: number, use: (slot: MediaSlot) => void): void {
    const { slots } = this.side.media;
    const slot = slots[index % Math.max(slots.length, 1)];
    if (slot !== undefined) use(slot);
  }

  offer(): SessionDescription {
    this.isOffering = true;
    return this.side.offer();
  }

  rollback(): void {
    this.isOffering = false;
    this.side.media.rollback();
  }

  receive(message: Message, fails: boolean): Message | undefined {
    const { media } = this.side;
    switch (message.type) {
      case "offer": {
        if (this.isOffering && !this.isPolite) return undefined;
        this.isOffering = false;
        if (fails) {
          media.takeOffer(message);
          media.failed();
          return { type: "refused" };
        }
        return this.side.answer(message);
      }
      case "answer": {
        if (!this.isOffering) return undefined;
        if (fails) {
          media.takeAnswer(message);
          media.failed();
        }
        this.side.accept(message);
        this.isOffering = false;
        return undefined;
      }
      case "refused":
      case "pranswer":
      case "rollback":
        if (this.isOffering) this.rollback();
        return undefined;
    }
  }
}

function checkSame(left: unknown, right: unknown): void {
  expect(left).toEqual(right);
}

function checkAgreement(slot: MediaSlot, other: MediaSlot | undefined): void {
  expect(slot.mid).toBeDefined();
  expect(other?.kind).toBe(slot.kind);
  const sends = slot.direction.startsWith("send");
  const isHeard = other?.direction === "sendrecv" || other?.direction === "recvonly";
  expect(slot.send !== undefined).toBe(sends && isHeard);
  expect(other?.receive !== undefined).toBe(sends && isHeard);
  expect((slot.currentDirection ?? "").startsWith("send")).toBe(sends && isHeard);
  if (slot.send === undefined || other?.receive === undefined) return;
  const { send } = slot;
  const { receive } = other;
  expect(receive.payloadTypes).toContain(send.payloadType);
  expect(receive.ssrcs).toEqual([send.ssrc]);
  expect(receive.trackId).toBe(slot.localTrack.trackId);
  expect(receive.streamId).toBe(slot.localTrack.streamId);
  for (const name of ["mid", "nack", "pli", "midExtensionId"] as const) {
    expect(receive[name]).toBe(send[name]);
  }
}

/** Kind, whether refused, and mid of each section. */
function lines(description: SessionDescription): string[] {
  return blocks(description)
    .slice(1)
    .map((block) => {
      const first = (block[0] ?? "").split(" ");
      const mid = block.find((line) => line.startsWith("a=mid:"));
      return [first[0], first[1] === "0" ? "refused" : "live", mid].join(" ");
    });
}

/** What every description of ours must fulfil, looked at without the parser that is under test. */
function checkText(description: SessionDescription): void {
  const [session = [], ...sections] = blocks(description);
  const group =
    session
      .find((line) => line.startsWith("a=group:BUNDLE"))
      ?.split(" ")
      .slice(1) ?? [];
  const mids = sections.map((block) => block.find((line) => line.startsWith("a=mid:"))?.slice(6));
  expect(new Set(mids).size).toBe(sections.length);
  const live = sections.filter((block) => !/^m=\S+ 0 /.test(block[0] ?? ""));
  const liveMids = live.map((block) => block.find((line) => line.startsWith("a=mid:"))?.slice(6));
  expect(group).toHaveLength(live.length);
  expect(new Set(group)).toEqual(new Set(liveMids));
  const codecs = new Map<string, string>();
  const extensions = new Map<string, string>();
  for (const block of live) {
    expect(block.filter((line) => line.startsWith("a=ice-ufrag:"))).toHaveLength(1);
    const hasCandidates = block.some((line) => line.startsWith("a=candidate:"));
    if (hasCandidates)
      expect(`a=mid:${group[0]}`).toBe(block.find((line) => line.startsWith("a=mid:")));
    for (const line of block) {
      checkOneMeaning(codecs, /^a=rtpmap:(\d+) (.*)$/.exec(line));
      checkOneMeaning(extensions, /^a=extmap:(\d+) (.*)$/.exec(line));
    }
  }
}

/** RFC 8843 section 9.1: one number means one thing within a group. */
function checkOneMeaning(meanings: Map<string, string>, match: RegExpExecArray | null): void {
  const [, number, meaning] = match ?? [];
  if (number === undefined || meaning === undefined) return;
  expect(meanings.get(number) ?? meaning).toBe(meaning);
  meanings.set(number, meaning);
}
