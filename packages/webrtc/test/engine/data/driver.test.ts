import type { Clock } from "@conic/domain";
import { describe, expect, it } from "vitest";
import { AssociationDriver } from "../../../src/engine/werift/data/driver.js";

/** A clock whose timers are late: they never ring, as while this process is busy. */
class LateClock implements Clock {
  time = 0;

  now(): number {
    return this.time;
  }

  schedule(): () => void {
    return () => undefined;
  }
}

const path = { rttMs: undefined, maxPacketBytes: 1_200 };

function driver(
  clock: Clock,
  outbox: Uint8Array[],
  opened: (channel: unknown) => void,
): AssociationDriver {
  return new AssociationDriver(
    {
      clock,
      maxMessageBytes: 65_536,
      carrier: { send: (packet) => outbox.push(packet.slice()) },
      state: () => undefined,
      channel: opened,
      fault: (error) => {
        throw error;
      },
      progress: () => undefined,
    },
    5_000,
  );
}

async function turn(): Promise<void> {
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** Whether the far side sees the channel when the n-th turn comes 300 ms late, with a timer overdue in it. */
async function opensThough(lateTurn: number): Promise<boolean> {
  const clock = new LateClock();
  const opened: unknown[] = [];
  const toFar: Uint8Array[] = [];
  const toNear: Uint8Array[] = [];
  const near = driver(clock, toFar, () => undefined);
  const far = driver(clock, toNear, (channel) => {
    opened.push(channel);
  });
  near.open({
    label: "chat",
    protocol: "",
    ordered: true,
    maxRetransmits: undefined,
    maxPacketLifeTimeMs: undefined,
    negotiatedId: undefined,
  });
  near.start("client", path, 0);
  far.start("server", path, 0);
  for (let n = 0; n < 20; n += 1) {
    if (n === lateTurn) {
      clock.time += 300;
      // What is due is noticed first, the packets of the same moment after it.
      near.wake();
      far.wake();
      await Promise.resolve();
    }
    for (const packet of toFar.splice(0)) far.receive(packet);
    for (const packet of toNear.splice(0)) near.receive(packet);
    await turn();
  }
  near.close();
  far.close();
  return opened.length === 1;
}

describe("the driver of an association", () => {
  it.each([0, 1, 2, 3, 4, 5, 6])(
    "answers what arrives although a timer is overdue in turn %i",
    async (n) => {
      expect(await opensThough(n)).toBe(true);
    },
  );
});
