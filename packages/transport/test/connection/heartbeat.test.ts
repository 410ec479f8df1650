import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Heartbeat } from "../../src/connection/heartbeat.js";

const options = { pingIntervalMs: 100, pongTimeoutMs: 30 };

describe("heartbeat", () => {
  it("asks after the interval of silence and gives up after the pong time, not before", () => {
    const heartbeat = new Heartbeat(options, 0);
    expect(heartbeat.step(99, true)).toEqual({ action: "wait", untilMs: 100 });
    expect(heartbeat.step(100, true)).toEqual({ action: "ping", untilMs: 130 });
    expect(heartbeat.step(129, true)).toEqual({ action: "wait", untilMs: 130 });
    expect(heartbeat.step(130, true)).toEqual({ action: "dead" });
  });

  it("counts anything that arrives as life, and asks no talkative peer", () => {
    const heartbeat = new Heartbeat(options, 0);
    heartbeat.seen(60);
    expect(heartbeat.step(100, true)).toEqual({ action: "wait", untilMs: 160 });
    expect(heartbeat.step(160, true)).toEqual({ action: "ping", untilMs: 190 });
    heartbeat.seen(189);
    expect(heartbeat.step(190, true)).toEqual({ action: "wait", untilMs: 289 });
  });

  it("declares nobody dead while this side does not read, but goes on asking", () => {
    const heartbeat = new Heartbeat(options, 0);
    expect(heartbeat.step(100, false)).toEqual({ action: "ping", untilMs: 130 });
    expect(heartbeat.step(130, false)).toEqual({ action: "ping", untilMs: 160 });
    heartbeat.seen(150);
    expect(heartbeat.step(160, true)).toEqual({ action: "wait", untilMs: 250 });
  });

  it("never gives up on a peer that speaks within every interval plus pong time", () => {
    const gaps = fc.array(fc.integer({ min: 1, max: 129 }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(gaps, (silences) => {
        const heartbeat = new Heartbeat(options, 0);
        let now = 0;
        for (const silence of silences) {
          const end = now + silence;
          for (; now < end; now += 1) expect(heartbeat.step(now, true).action).not.toBe("dead");
          heartbeat.seen(now);
        }
      }),
    );
  });

  it("always gives up on a silent peer exactly at interval plus pong time", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1_000 }),
        fc.integer({ min: 1, max: 30 }),
        (seenAt, every) => {
          const heartbeat = new Heartbeat(options, 0);
          heartbeat.seen(seenAt);
          let now = seenAt;
          let step = heartbeat.step(now, true);
          // However often it is looked at: at once when it asks to be, or every few milliseconds.
          while (step.action !== "dead") {
            now = Math.min(now + every, step.untilMs);
            step = heartbeat.step(now, true);
          }
          expect(now).toBe(seenAt + 130);
        },
      ),
    );
  });
});
