import { Duplex } from "node:stream";
import { Frame } from "@conic/domain";
import { describe, expect, it } from "vitest";
import { Outbox } from "../../../src/websocket/server-end/outbox.js";

/** A socket that takes bytes at once, or keeps them without a copy until it is let go. */
class FakeSocket extends Duplex {
  readonly taken: Buffer[] = [];
  readonly #kept: (() => void)[] = [];
  isStuck = false;

  override _read(): void {
    // Nothing comes.
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    const take = (): void => {
      this.taken.push(Buffer.from(chunk));
      done();
    };
    if (this.isStuck) this.#kept.push(take);
    else take();
  }

  letGo(): void {
    this.isStuck = false;
    for (const take of this.#kept.splice(0)) take();
  }
}

/** Writes them in one go; how many bytes that was said to be. */
function send(socket: FakeSocket, ...frames: readonly Frame[]): number {
  const outbox = new Outbox();
  for (const frame of frames) outbox.push(frame);
  const bytes = outbox.byteLength;
  outbox.writeTo(socket, undefined);
  expect(outbox.byteLength).toBe(0);
  return bytes;
}

const frameOf = (length: number, letter = "x"): Frame => Frame.fromText(letter.repeat(length));

describe("what a server writes", () => {
  it("is one write for all frames, with the shortest header for each", () => {
    const socket = new FakeSocket();
    const lengths = [0, 1, 125, 126, 65_535, 65_536];
    const bytes = send(socket, ...lengths.map((length) => frameOf(length)));
    expect(socket.taken.map(({ length }) => length)).toEqual([bytes]);
    const heads = [[0], [1], [125], [126, 0, 126], [126, 255, 255], [127, 0, 0, 0, 0, 0, 1, 0, 0]];
    expect(socket.taken[0]).toEqual(
      Buffer.concat(
        lengths.flatMap((length, index) => [
          Buffer.from([0x81, ...(heads[index] ?? [])]),
          Buffer.alloc(length, "x"),
        ]),
      ),
    );
  });

  it("is made once for a frame that goes to many, and not mixed up with the next one", () => {
    const socket = new FakeSocket();
    const [one, other] = [frameOf(5, "a"), frameOf(5, "b")];
    for (const frame of [one, one, other, one]) send(socket, frame);
    send(socket, one, other);
    send(socket, one);
    expect(socket.taken.map((bytes) => bytes.toString("latin1").replaceAll(/[^ab]/g, ""))).toEqual([
      "aaaaa",
      "aaaaa",
      "bbbbb",
      "aaaaa",
      "aaaaabbbbb",
      "aaaaa",
    ]);
  });

  it("does not change while a socket keeps it", () => {
    const stuck = new FakeSocket();
    const other = new FakeSocket();
    stuck.isStuck = true;
    send(stuck, frameOf(20, "a"));
    send(other, frameOf(20, "b"));
    send(stuck, frameOf(20, "c"));
    send(other, frameOf(20, "d"));
    stuck.letGo();
    const letters = Buffer.concat(stuck.taken)
      .toString("latin1")
      .replaceAll(/[^a-z]/g, "");
    expect(letters).toBe("a".repeat(20) + "c".repeat(20));
  });
});
