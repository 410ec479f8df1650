import { describe, expect, it } from "vitest";
import { defaultLimits, resolveLimits, type StreamLimits } from "../src/limits.js";

describe("stream limits", () => {
  it("has the documented defaults", () => {
    expect(resolveLimits()).toEqual(defaultLimits);
    expect(defaultLimits).toEqual({
      maxFrameBytes: 65_536,
      maxBufferedBytes: 1_048_576,
      highWaterMarkBytes: 65_536,
      lowWaterMarkBytes: 16_384,
      maxReceiveQueueFrames: 256,
      maxReceiveQueueBytes: 262_144,
      pingIntervalMs: 25_000,
      pongTimeoutMs: 10_000,
      closeTimeoutMs: 2_000,
    });
  });

  it("shrinks water marks that were not given with the limit above them", () => {
    expect(resolveLimits({ maxBufferedBytes: 100 })).toMatchObject({
      highWaterMarkBytes: 100,
      lowWaterMarkBytes: 100,
    });
    expect(resolveLimits({ highWaterMarkBytes: 1000 }).lowWaterMarkBytes).toBe(1000);
    expect(resolveLimits({ highWaterMarkBytes: 1000, lowWaterMarkBytes: 0 })).toMatchObject({
      highWaterMarkBytes: 1000,
      lowWaterMarkBytes: 0,
    });
  });

  it.each<StreamLimits>([
    { maxFrameBytes: 0 },
    { maxFrameBytes: 1.5 },
    { maxFrameBytes: Number.NaN },
    { maxFrameBytes: Infinity },
    { maxReceiveQueueFrames: -1 },
    { pingIntervalMs: 2_147_483_648 },
    { closeTimeoutMs: 0 },
    { lowWaterMarkBytes: 2000, highWaterMarkBytes: 1000 },
    { highWaterMarkBytes: 2000, maxBufferedBytes: 1000 },
  ])("refuses %o", (limits) => {
    expect(() => resolveLimits(limits)).toThrow(
      expect.objectContaining({ code: "invalid_argument" }) as Error,
    );
  });
});
