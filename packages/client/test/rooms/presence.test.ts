import { parseClientId, type ClientId } from "@conic/domain";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Presence, type RoomEvent } from "../../src/rooms/presence.js";

const id = (i: number): ClientId => parseClientId(`client-${i}`);

/** What is there to read now. */
async function unread(presence: Presence): Promise<RoomEvent[]> {
  const events: RoomEvent[] = [];
  const iterator = presence[Symbol.asyncIterator]();
  for (;;) {
    const next = await Promise.race([
      iterator.next(),
      new Promise<undefined>((resolve) => {
        setImmediate(() => {
          resolve(undefined);
        });
      }),
    ]);
    if (next?.value === undefined) break;
    events.push(next.value);
  }
  await iterator.return?.();
  return events;
}

const said = (events: readonly RoomEvent[]): string[] =>
  events.map((event) => `${event.type} ${event.id}`);

describe("the events of a room", () => {
  it("are those who are there, then who comes and goes", async () => {
    const presence = new Presence(8);
    presence.replace([id(1), id(2)]);
    presence.leave(id(1));
    presence.join(id(3));
    expect(said(await unread(presence))).toEqual(["joined client-2", "joined client-3"]);
    presence.leave(id(2));
    expect(said(await unread(presence))).toEqual(["left client-2"]);
  });

  it("tell of somebody who left and came back unread: that is another one", async () => {
    const presence = new Presence(8);
    presence.join(id(1));
    await unread(presence);
    presence.leave(id(1));
    presence.join(id(1));
    expect(said(await unread(presence))).toEqual(["left client-1", "joined client-1"]);
  });

  it("keep what a loop that was left in between did not take", async () => {
    const presence = new Presence(8);
    presence.join(id(1));
    await unread(presence);
    presence.leave(id(1));
    presence.join(id(1));
    for await (const { type } of presence) {
      expect(type).toBe("left");
      break;
    }
    expect(said(await unread(presence))).toEqual(["joined client-1"]);
  });

  it("are read by one loop at a time, and end after what is unread", async () => {
    const presence = new Presence(8);
    presence.join(id(1));
    const first = presence[Symbol.asyncIterator]();
    expect(() => presence[Symbol.asyncIterator]()).toThrow(/another loop/);
    presence.end();
    expect((await first.next()).value).toEqual({ type: "joined", id: id(1) });
    expect((await first.next()).done).toBe(true);
  });

  it("count maxPeers members and no more", () => {
    const presence = new Presence(2);
    expect(presence.join(id(1))).toBe(true);
    expect(presence.join(id(2))).toBe(true);
    expect(presence.join(id(3))).toBe(false);
    expect(presence.replace([id(4), id(5), id(6)])).toBe(false);
    expect(presence.peers).toEqual([id(4), id(5)]);
  });

  it("play from the start to who is there, however they are read", async () => {
    const step = fc.oneof(
      fc.record({ do: fc.constantFrom("join" as const, "leave" as const), who: fc.nat(5) }),
      fc.record({ do: fc.constant("replace" as const), who: fc.array(fc.nat(5)) }),
      fc.constant({ do: "read" as const }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const presence = new Presence(6);
        const view = new Set<ClientId>();
        const read = async (): Promise<void> => {
          for (const event of await unread(presence)) {
            // Each event changes something.
            expect(view.has(event.id)).toBe(event.type === "left");
            if (event.type === "left") view.delete(event.id);
            else view.add(event.id);
          }
          expect([...view].toSorted()).toEqual([...presence.peers].toSorted());
        };
        for (const next of steps) {
          if (next.do === "read") await read();
          else if (next.do === "replace") presence.replace(next.who.map(id));
          else presence[next.do](id(next.who));
        }
        await read();
      }),
      { numRuns: 200 },
    );
  });
});
