import { failOnLeaks, FakeClock, seededRandom } from "@conic/internal-testing";
import type { Signal } from "@conic/domain";
import { describe, expect, it } from "vitest";
import { createPeers, next } from "../peers.js";

/** Delays each signal at random and keeps the order of each direction. */
function slowly(seed: number, maxDelayMs: number): (from: string, deliver: () => void) => void {
  const random = seededRandom(seed);
  const last = new Map<string, Promise<void>>();
  return (from, deliver) => {
    const delayMs = random() * maxDelayMs;
    const before = last.get(from) ?? Promise.resolve();
    last.set(
      from,
      before.then(async () => {
        await new Promise((resolve) => {
          setTimeout(resolve, delayMs);
        });
        deliver();
      }),
    );
  };
}

interface Tally {
  offers: number;
  answers: number;
}

/** Both sides open a channel at the same moment; both channels must open and carry messages. */
async function crossOffers(seed: number): Promise<Tally> {
  const tally: Tally = { offers: 0, answers: 0 };
  const count = (signal: Signal): void => {
    if (signal.kind !== "description") return;
    if (signal.description.type === "offer") tally.offers += 1;
    if (signal.description.type === "answer") tally.answers += 1;
  };
  // Time stands still: nobody starts over because a busy machine is slow.
  const clock = new FakeClock();
  await using peers = createPeers({
    a: { clock },
    b: { clock },
    ids: seed % 2 === 0 ? ["alice", "bob"] : ["bob", "alice"],
    carry: slowly(seed, 20),
    pass: (_, signal) => {
      count(signal);
      return true;
    },
  });
  const mine = peers.a.createDataChannel("from a");
  const theirs = peers.b.createDataChannel("from b");
  const [atB, atA] = await Promise.all([
    next(peers.b.dataChannels()),
    next(peers.a.dataChannels()),
    mine.opened,
    theirs.opened,
    peers.a.connected,
    peers.b.connected,
  ]);
  expect([atB.label, atA.label]).toEqual(["from a", "from b"]);
  mine.send(`a ${seed}`);
  theirs.send(`b ${seed}`);
  expect(await Promise.all([next(atB), next(atA)])).toEqual([`a ${seed}`, `b ${seed}`]);
  expect([peers.a.signalingState, peers.b.signalingState]).toEqual(["stable", "stable"]);
  const [a, b] = await Promise.all([peers.a.getStats(), peers.b.getStats()]);
  expect([a.attempts, b.attempts]).toEqual([1, 1]);
  return tally;
}

/** Of any platform: both offer at once. */
export function describeGlare(): void {
  describe("two peers that offer at the same time", () => {
    failOnLeaks();

    it("connect in 30 of 30 runs, however the signals are delayed", async () => {
      const failed: string[] = [];
      let crossed = 0;
      // Five at a time: a connection is 26 ms of arithmetic.
      for (let first = 0; first < 30; first += 5) {
        await Promise.all(
          [0, 1, 2, 3, 4].map(async (offset) => {
            const seed = first + offset;
            try {
              const tally = await crossOffers(seed);
              if (tally.offers > tally.answers) crossed += 1;
            } catch (error) {
              failed.push(`seed ${seed}: ${String(error)}`);
            }
          }),
        );
      }
      expect(failed).toEqual([]);
      // The runs are about glare: in most of them an offer was ignored.
      expect(crossed).toBeGreaterThan(20);
    });
  });
}
