import { PassThrough } from "node:stream";
import { FakeClock } from "@conic/internal-testing";
import { describe, expect, it } from "vitest";
import { Display, plainLineMs, refreshMs } from "../../src/ui/display.js";
import { ask } from "../../src/ui/keys.js";
import { createVoice, type Terminal } from "../../src/ui/voice.js";

interface Seat {
  readonly terminal: Terminal;
  readonly input: PassThrough;
  readonly raw: boolean[];
  out(): string;
  err(): string;
}

function read(stream: PassThrough): string {
  return (stream.read() as string | null) ?? "";
}

/** Streams, at which somebody sits or not. */
function seat(isTTY: boolean): Seat {
  const raw: boolean[] = [];
  const setRawMode = (mode: boolean): void => void raw.push(mode);
  const input = Object.assign(new PassThrough(), { isTTY, setRawMode });
  const output = Object.assign(new PassThrough({ encoding: "utf8" }), { isTTY, columns: 40 });
  const error = new PassThrough({ encoding: "utf8" });
  const terminal = { input, output, error } as unknown as Terminal;
  return { terminal, input, raw, out: () => read(output), err: () => read(error) };
}

function display(
  { terminal }: Seat,
  json = false,
): { display: Display; clock: FakeClock; voice: ReturnType<typeof createVoice>; done: string[] } {
  const clock = new FakeClock();
  const voice = createVoice(terminal, json);
  const done: string[] = [];
  const onQuit = (): void => void done.push("quit");
  const shown = {
    view: () => ({ seconds: clock.now() / 1000, roundTripMs: undefined, flows: [] }),
    toggleMute: () => void done.push("mute"),
  };
  const made = new Display({ terminal, voice, json, clock, onQuit });
  made.open();
  made.show(shown);
  return { display: made, clock, voice, done };
}

async function keys(input: PassThrough, text: string): Promise<void> {
  input.write(text);
  await new Promise(setImmediate);
}

const clear = "\u001b[1G\u001b[0J";

describe("at a terminal", () => {
  it("one line is refreshed, and what is printed goes above it", () => {
    const one = seat(true);
    const { display: shown, clock, voice } = display(one);
    expect(one.out()).toBe("waiting ... (Enter: details, m: mute, q: quit)");
    clock.advance(refreshMs);
    expect(one.out()).toBe(`${clear}00:00  nothing yet`);
    voice.report({ event: "incoming", peer: "bob" });
    expect(one.out()).toBe(`${clear}* bob is calling\n00:00  nothing yet`);
    clock.advance(refreshMs);
    expect(one.out()).toBe("");
    clock.advance(1000);
    expect(one.out()).toBe(`${clear}00:01  nothing yet`);
    shown.close();
    voice.print("the end");
    expect(one.out()).toBe(`${clear}the end\n`);
    expect([one.err(), clock.pending, one.raw]).toEqual(["", 0, [true, false]]);
  });

  it("keys mute, show details and quit, and others do nothing", async () => {
    const one = seat(true);
    const { display: shown, done } = display(one);
    one.out();
    await keys(one.input, "m");
    await keys(one.input, "xyz");
    await keys(one.input, "\u001b[A");
    expect(done).toEqual(["mute"]);
    await keys(one.input, "\r");
    expect(one.out()).toContain("after 00:00\n");
    for (const key of ["q", "\u0003", "\u0004"]) await keys(one.input, key);
    expect(done).toEqual(["mute", "quit", "quit", "quit"]);
    shown.close();
    await keys(one.input, "q");
    expect(done).toHaveLength(4);
  });

  it("a terminal that goes away quits", async () => {
    const one = seat(true);
    const { display: shown, done } = display(one);
    one.input.end();
    one.input.resume();
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    expect(done).toEqual(["quit"]);
    shown.close();
  });

  it("a question waits for an answer that is none of blanks", async () => {
    const one = seat(true);
    const answer = ask("Peer ID: ", one.terminal, new AbortController().signal);
    await keys(one.input, "  \r");
    await keys(one.input, " bob \r");
    expect(await answer).toBe("bob");
    expect(one.out()).toContain("Peer ID: ");
  });

  it("a question ends with the program", async () => {
    const one = seat(true);
    const stop = new AbortController();
    const answer = ask("Peer ID: ", one.terminal, stop.signal);
    stop.abort();
    expect(await answer).toBeUndefined();
    expect(await ask("Peer ID: ", seat(true).terminal, stop.signal)).toBeUndefined();
  });
});

describe("without a terminal", () => {
  it("a plain line comes on stderr now and then, and stdout stays empty", () => {
    const none = seat(false);
    const { display: shown, clock } = display(none);
    clock.advance(plainLineMs - 1);
    expect(none.err()).toBe("");
    clock.advance(plainLineMs + 1);
    expect(none.err()).toBe("00:05  nothing yet\n00:10  nothing yet\n");
    shown.close();
    expect([none.out(), clock.pending, none.raw]).toEqual(["", 0, []]);
  });
});

describe("--json", () => {
  it("is one object a line on stdout, with the time, and people's text on stderr", () => {
    for (const isTTY of [true, false]) {
      const one = seat(isTTY);
      const { display: shown, voice } = display(one, true);
      voice.report({ event: "incoming", peer: "bob" });
      voice.report({ event: "stats", seconds: 1, roundTripMs: undefined, flows: [] });
      shown.close();
      const lines = one.out().trimEnd().split("\n");
      expect(lines.map((text) => JSON.parse(text) as unknown)).toEqual([
        { time: expect.any(String) as unknown, event: "incoming", peer: "bob" },
        { time: expect.any(String) as unknown, event: "stats", seconds: 1, flows: [] },
      ]);
      expect(one.err()).toBe("* bob is calling\n");
    }
  });
});
