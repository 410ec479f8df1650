import { parseCommandLine } from "@conic/internal-cli";
import { describe, expect, it } from "vitest";
import { flags } from "../../src/start/flags.js";
import { toOptions, type StartOptions } from "../../src/start/options.js";

const io = { cwd: "/here", env: {} };

function options(...argv: string[]): StartOptions {
  const { values, positionals } = parseCommandLine(flags, argv, {});
  return toOptions(values, positionals[0], io);
}

describe("what is started", () => {
  it("an offer sends, an answer receives, and --send makes it send too", () => {
    expect(options("audio", "--role=offer")).toMatchObject({
      kinds: ["audio"],
      audio: { isEndless: true },
      video: undefined,
    });
    expect(options("video", "--role=answer")).toMatchObject({ audio: undefined, video: undefined });
    expect(options("av", "--role=answer", "--send")).toMatchObject({
      kinds: ["audio", "video"],
      audio: { isEndless: true },
      video: { isEndless: true },
    });
  });

  it("whoever names a peer calls it, and whoever does not waits", () => {
    expect(options("audio", "--peer=bob").role).toBe("offer");
    expect(options("audio").role).toBe("answer");
  });

  it("paths are those of the folder that the user is in, with pnpm too", () => {
    expect(options("audio", "--peer=b", "--wav=a.wav").audio?.source.wav).toBe("/here/a.wav");
    const { values } = parseCommandLine(flags, ["--record=a.webm"], {});
    const there = { cwd: "/here", env: { INIT_CWD: "/there" } };
    expect(toOptions(values, "av", there).record).toBe("/there/a.webm");
  });

  it.each([
    ["a file ends", ["--wav=a.wav"], false],
    ["a file that is repeated does not", ["--wav=a.wav", "--loop"], true],
    ["a tone does not", ["--freq=1000"], true],
    ["a tone of a duration does", ["--duration=5"], false],
  ])("%s", (_, argv, isEndless) => {
    expect(options("audio", "--peer=b", ...argv).audio?.isEndless).toBe(isEndless);
  });

  it("the bitrate is that of the video where there is one", () => {
    const both = options("av", "--peer=b", "--bitrate=600000");
    expect([both.audio?.source.bitrate, both.video?.source.bitrate]).toEqual([undefined, 600_000]);
    expect(options("audio", "--peer=b", "--bitrate=64000").audio?.source.bitrate).toBe(64_000);
  });

  it("the counted pattern is the counter, and checker the one of black and white", () => {
    expect(options("video", "--peer=b", "--pattern=counter").video?.source.pattern).toBe("counted");
    expect(options("video", "--peer=b", "--pattern=checker").video?.source.pattern).toBe("checker");
  });
});

describe("what is refused, with exit code 2 and one line", () => {
  it.each([
    [[], /say what to start: audio, video or av/],
    [["speech"], /there is no "speech" to start/],
    [["audio", "--role=answer", "--peer=bob"], /--role=answer waits for a call/],
    [["audio", "--role=answer", "--wav=a.wav"], /--wav is of what is sent.*--send/],
    [["video", "--role=answer", "--loop"], /--loop is of what is sent.*--send/],
    [["audio", "--peer=b", "--ivf=a.ivf"], /--ivf is of video: start video or av, not audio/],
    [["video", "--peer=b", "--freq=440"], /--freq is of audio: start audio or av, not video/],
    [["audio", "--verify"], /--verify is of video/],
    [["audio", "--peer=b", "--bitrate=510001"], /--bitrate is 6000 to 510000 for audio/],
    [["video", "--peer=b", "--bitrate=9999"], /--bitrate is 10000 to 50000000 for video/],
    [["audio", "--addr=http://x"], /--addr is host:port or a ws:\/\/ URL/],
    [["audio", "--duration=0"], /--duration is a number from 0.1/],
    [["audio", "--record=a.mp3"], /\.wav/],
    [["video", "--record=a.wav"], /\.ivf|\.webm/],
    [["audio", "--ice-server=http://x"], /--ice-server/],
  ])("%j", (argv, message) => {
    expect(() => options(...argv)).toThrow(
      expect.objectContaining({ exitCode: 2, message: expect.stringMatching(message) as string }),
    );
  });

  it.each([
    ["audio", "--peer=b", "--bitrate=510000"],
    ["video", "--peer=b", "--bitrate=10000"],
    ["av", "--peer=b", "--duration=0.1", "--record=a.webm", "--verify"],
  ])("nothing at the limits: %s %s %s", (...argv) => {
    expect(() => options(...argv)).not.toThrow();
  });
});
