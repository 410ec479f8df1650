// How long an echo takes, and a set-up, with and without loss.
import { median, percentile, quick } from "../../harness.mjs";
import { ask, HangError } from "../../rpc.mjs";
import { flowFor, withPair } from "../pair.mjs";

/** @import { Figure, Outcome } from "../types.js" */

const pings = quick ? 100 : 1000;
// Of a connection that is in use: the first thousands of echoes of a process run code that is not compiled yet.
const warmUpPings = quick ? 100 : 15_000;
const pingBytes = 32;
const setUps = quick ? 2 : 20;
const warmUpSetUps = quick ? 1 : 5;
const lossyPath = { rttMs: 50, loss: 0.03 };
const lossyTimeoutMs = 10_000;

/** @param {string} contender @returns {Promise<Outcome>} */
function roundTrip(contender) {
  return withPair(contender, undefined, async (pair) => {
    await pair.connect({ flow: flowFor(pingBytes) });
    await ask(pair.receiver, "echo");
    const times = /** @type {number[]} */ (
      await ask(pair.sender, "ping", { count: warmUpPings + pings, bytes: pingBytes }, 60_000)
    );
    const first = median(times.slice(0, pings));
    const warm = times.slice(warmUpPings);
    return {
      value: median(warm),
      details: { p99: percentile(warm, 0.99), "p50 of the first 1,000": first },
    };
  });
}

/** @param {string} contender @returns {Promise<Outcome>} */
function setUp(contender) {
  return withPair(contender, undefined, async (pair) => {
    const fromOffer = [];
    const fromNew = [];
    for (let i = 0; i < warmUpSetUps + setUps; i += 1) {
      const { fromOfferMs, fromNewMs } = await pair.connect({ flow: flowFor(1024) });
      await pair.disconnect();
      if (i < warmUpSetUps) continue;
      fromOffer.push(fromOfferMs);
      fromNew.push(fromNewMs);
    }
    return {
      value: median(fromOffer),
      details: { p95: percentile(fromOffer, 0.95), "p50 with constructor": median(fromNew) },
    };
  });
}

/** Ours is tried more often: it is to succeed always. @param {string} contender @param {number} rounds */
function triesOf(contender, rounds) {
  if (quick) return 2;
  return Math.ceil((contender.startsWith("conic") ? 40 : 25) / rounds);
}

/** @param {string} contender @param {number} round @param {number} rounds @returns {Promise<Outcome>} */
function lossySetUp(contender, round, rounds) {
  return withPair(contender, lossyPath, async (pair) => {
    const tries = triesOf(contender, rounds);
    const times = [];
    await pair.connect({ flow: flowFor(1024), seed: 1_000_000 }).catch(() => undefined);
    await pair.disconnect();
    for (let i = 0; i < tries; i += 1) {
      try {
        const { fromOfferMs } = await pair.connect({
          flow: flowFor(1024),
          seed: round * 1000 + i,
          timeoutMs: lossyTimeoutMs,
        });
        times.push(fromOfferMs);
      } catch (error) {
        if (!(error instanceof HangError)) throw error;
      }
      await pair.disconnect();
    }
    return { value: (times.length / tries) * 100, times, tries };
  });
}

/** @param {readonly Outcome[]} outcomes @returns {Outcome} */
function poolSetUps(outcomes) {
  const times = outcomes.flatMap((outcome) => outcome.times ?? []);
  let tries = 0;
  for (const outcome of outcomes) tries += outcome.tries ?? 0;
  const failed = tries - times.length;
  return {
    value: (times.length / tries) * 100,
    details: { succeeded: times.length, tries, p50: median(times), p90: percentile(times, 0.9) },
    ...(failed === 0
      ? {}
      : { problem: `${failed} of ${tries} not open within ${lossyTimeoutMs / 1000} s` }),
  };
}

/** @type {readonly Figure[]} */
export const latencyFigures = [
  {
    key: "rtt",
    title: `echo of ${pingBytes} B, one at a time, p50 of ${pings} after ${warmUpPings}`,
    unit: "ms",
    better: "lower",
    measure: roundTrip,
  },
  {
    key: "setup",
    title: `set-up, from createOffer to open at both ends, p50 of ${setUps}`,
    unit: "ms",
    better: "lower",
    measure: setUp,
  },
  {
    key: "lossy-setup",
    title: "set-ups that succeed within 10 s, 50 ms round trip, 3 % loss",
    unit: "%",
    better: "higher",
    measure: lossySetUp,
    pool: poolSetUps,
  },
];
