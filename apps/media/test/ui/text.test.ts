import { describe, expect, it } from "vitest";
import type { MediaEvent } from "../../src/start/events.js";
import type { Flow } from "../../src/start/stats/flow.js";
import { describe as line } from "../../src/ui/text/describe.js";
import { details } from "../../src/ui/text/details.js";
import { meter } from "../../src/ui/text/meter.js";
import { clockTime } from "../../src/ui/text/numbers.js";
import { statsLine } from "../../src/ui/text/stats-line.js";
import { summary } from "../../src/ui/text/summary.js";

const audio: Flow = {
  direction: "receive",
  kind: "audio",
  muted: false,
  kbps: 32.4,
  packets: 1234,
  frames: 1230,
  fps: 50,
  keyFrames: 1230,
  lost: 1,
  repaired: 2,
  nacks: 3,
  keyFrameRequests: 0,
  jitterMs: 1.24,
  level: { rms: 0.1, peak: 0.5 },
};
const video: Flow = {
  direction: "send",
  kind: "video",
  muted: true,
  kbps: 980,
  targetKbps: 950,
  packets: 4000,
  frames: 900,
  fps: 29.97,
  keyFrames: 1,
  lost: 0,
  repaired: 5,
  nacks: 4,
  keyFrameRequests: 2,
  arrived: { packets: 3999, bytes: 1, lost: 0, frames: 899 },
};

describe("the line of statistics", () => {
  it("shows what is received, and what is sent", () => {
    expect(statsLine({ seconds: 65.9, roundTripMs: 0.44, flows: [audio] })).toBe(
      "01:05  audio in [#############----|--] -20 dB 32 kb/s 1,234 packets 1 lost 2 repaired jitter 1.2 ms round trip 0.4 ms",
    );
    expect(statsLine({ seconds: 3600, roundTripMs: undefined, flows: [video] })).toBe(
      "1:00:00  video out (muted) 980 kb/s 30.0 fps 4,000 packets 0 lost 5 sent again 1 key frame 899 frames arrived",
    );
    expect(statsLine({ seconds: 0, roundTripMs: undefined, flows: [] })).toBe("00:00  nothing yet");
  });

  it("leaves out what is least important where the terminal is narrow", () => {
    const quiet = { ...audio, lost: 0, repaired: 0 };
    const view = { seconds: 65, roundTripMs: 0.44, flows: [quiet] };
    expect(statsLine(view, 80)).toBe(
      "01:05  audio in [#######-|-] -20 dB 32 kb/s 1,234 packets 0 lost jitter 1.2 ms",
    );
    expect(statsLine(view, 40)).toBe("01:05  audio in 32 kb/s");
    expect(statsLine({ ...view, flows: [audio] }, 80)).toBe(
      "01:05  audio in [#######-|-] -20 dB 32 kb/s 1,234 packets 1 lost 2 repaired",
    );
  });

  it("leaves the last column free, whatever the width", () => {
    const view = { seconds: 1, roundTripMs: 1, flows: [audio, video] };
    for (let columns = 1; columns < 300; columns += 1) {
      expect(statsLine(view, columns).length).toBeLessThan(columns);
    }
    const whole = statsLine(view);
    expect(statsLine(view, whole.length + 1)).toBe(whole);
  });
});

describe("the meter", () => {
  it.each([
    [{ rms: 0, peak: 0 }, "[--------------------] silence"],
    [{ rms: 1, peak: 1 }, "[####################] 0 dB"],
    [{ rms: 0.001, peak: 0.001 }, "[--------------------] -60 dB"],
    [{ rms: 0.0316, peak: 1 }, "[##########---------|] -30 dB"],
    [{ rms: 2, peak: 2 }, "[####################] 6 dB"],
  ])("%j", (level, text) => {
    expect(meter(level)).toBe(text);
  });
});

describe("details", () => {
  it("are a table with a column for each flow", () => {
    expect(details({ seconds: 65, roundTripMs: 12, flows: [audio, video] })).toEqual([
      "after 01:05, round trip 12 ms",
      "                        audio in  video out",
      "  rate                   32 kb/s   980 kb/s",
      "  target rate                      950 kb/s",
      "  frames a second                      30.0",
      "  packets                  1,234      4,000",
      "  frames                   1,230        900",
      "  key frames                              1",
      "  lost                         1          0",
      "  sent again                   2          5",
      "  asked for again              3          4",
      "  key frames asked for                    2",
      "  jitter                  1.2 ms",
      "  level                   -20 dB",
      "  arrived there                         899",
      "  muted                                 yes",
    ]);
    expect(details({ seconds: 0, roundTripMs: undefined, flows: [] })).toEqual([
      "after 00:00",
      "  nothing is sent or received yet",
    ]);
  });
});

describe("lines for people", () => {
  const recorded = {
    event: "recorded",
    path: "/a/b.wav",
    written: true,
    seconds: 5.0201,
    bytes: 960_044,
    audioPackets: 250,
    videoFrames: 0,
    lost: 0,
    dropped: 0,
  } as const;
  it.each<[MediaEvent, string | undefined]>([
    [{ event: "registered", id: "x7", server: "ws://s" }, "Your ID: x7"],
    [
      { event: "connected", peer: "bob", path: "nat", ms: 31 },
      "* connected to bob (through NAT, 31 ms)",
    ],
    [
      {
        event: "track",
        direction: "receive",
        kind: "audio",
        description: "a\u001b[2J",
        taken: true,
      },
      String.raw`* receiving audio: a\u001b[2J`,
    ],
    [
      { event: "track", direction: "receive", kind: "video", description: "", taken: false },
      "* video comes too, and is not taken: start av takes both",
    ],
    [{ event: "frame-lost", kind: "video", lost: 1, at: 2.5 }, "! 1 frame lost at 2.5 s"],
    [{ event: "gap", kind: "audio", lost: 3, at: 2 }, "! 3 packets of audio lost at 2 s"],
    [{ event: "muted", kind: "audio", by: "remote" }, "* audio muted by the other side"],
    [{ event: "track-ended", kind: "video" }, "* video ended"],
    [{ event: "message", peer: "bob", text: "hi\u001b[2J\nyou" }, "bob: hi\\u001b[2J\n    you"],
    [{ event: "path", peer: "bob", path: "relay" }, "* the path to bob is through a relay now"],
    [{ event: "left", peer: "bob", clean: true, reason: "hung up" }, "* bob left: hung up"],
    [{ event: "left", peer: "bob", clean: true, reason: "" }, "* bob left"],
    // The error of the program says it.
    [{ event: "left", peer: "bob", clean: false, reason: "lost" }, undefined],
    [recorded, "recorded b.wav: 5.02 s, 960,044 bytes"],
    [{ ...recorded, dropped: 2 }, "recorded b.wav: 5.02 s, 960,044 bytes, 2 frames dropped"],
    [{ ...recorded, written: false }, "nothing came: b.wav was not written"],
    [{ event: "stats", seconds: 1, roundTripMs: 1, flows: [] }, undefined],
  ])("%j", (event, text) => {
    expect(line(event)).toBe(text);
  });

  it("the summary has one for each kind and direction", () => {
    const received = {
      packets: 4000,
      bytes: 3_675_000,
      frames: 900,
      keyFrames: 1,
      lost: 2,
      repaired: 3,
      seconds: 30,
    };
    const sent = { ...received, resent: 3, skipped: 0, lost: 2 };
    expect(
      summary({
        sent: { video: sent },
        received: { audio: { ...received, bytes: 120_000, frames: 1500, lost: 0, repaired: 0 } },
      }),
    ).toEqual([
      "received audio: 1,500 packets, 30 s, 32 kb/s, 0 lost, 0 repaired",
      "sent video: 900 frames, 30 s, 980 kb/s, 1 key frame, 3 packets sent again, 2 lost",
    ]);
    expect(summary({ sent: {}, received: {} })).toEqual([]);
    expect(
      summary({
        sent: { video: { ...sent, resent: 0, skipped: 1, lost: undefined } },
        received: {},
      }),
    ).toEqual([
      "sent video: 900 frames, 30 s, 980 kb/s, 1 key frame, 1 frame left out: the machine was too slow",
    ]);
  });

  it.each([
    [0, "00:00"],
    [59.99, "00:59"],
    [3599, "59:59"],
    [36_061, "10:01:01"],
  ])("%d s is %s", (seconds, text) => {
    expect(clockTime(seconds)).toBe(text);
  });
});
