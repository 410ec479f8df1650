import type { ConicClient } from "@conic/client";
import { ConicError, isConicError, systemClock, type Clock } from "@conic/domain";
import {
  createLogger,
  ExitError,
  exitCodes,
  peerError,
  usageError,
  type ExitCode,
} from "@conic/internal-cli";
import { AudioTrack, VideoTrack, type PeerConnection } from "@conic/webrtc";
import { Display } from "../ui/display.js";
import { ask } from "../ui/keys.js";
import { summary } from "../ui/text/summary.js";
import { createVoice, isInteractive, type Terminal, type Voice } from "../ui/voice.js";
import { answer, dial, register } from "./call/caller.js";
import type { MediaCall } from "./call/media-call.js";
import { createCodecs } from "./codecs.js";
import type { MediaEvent, Path } from "./events.js";
import { Media } from "./media.js";
import type { StartOptions } from "./options.js";
import { Session, type SessionEnd, type SessionOptions } from "./session.js";

type EndEvent = Pick<Extract<MediaEvent, { event: "ended" }>, "by" | "clean" | "reason" | "error">;

/** One run of the program: everything that its parts share. */
interface Run {
  readonly options: StartOptions;
  readonly terminal: Terminal;
  readonly voice: Voice;
  readonly display: Display;
  readonly media: Media;
  readonly clock: Clock;
  readonly stop: AbortSignal;
}

/** Registers, calls or waits for a call, sends and receives, and leaves. @throws ExitError, ConicError. */
export async function start(
  options: StartOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ExitCode> {
  const clock = systemClock;
  const interactive = isInteractive(terminal, options.json);
  if (options.role === "offer" && options.peer === undefined && !interactive) {
    throw usageError("--role=offer needs --peer=<id> without a terminal to ask on");
  }
  const voice = createVoice(terminal, options.json);
  const quit = new AbortController();
  signal.addEventListener("abort", () => quit.abort("the program was stopped"), { once: true });
  if (signal.aborted) return exitCodes.ok;
  const onQuit = (): void => quit.abort("hung up");
  const display = new Display({ terminal, voice, json: options.json, clock, onQuit });
  voice.report({ event: "started", role: options.role, kind: options.kind });
  await using media = await Media.open(options, createCodecs());
  const run = { options, terminal, voice, display, media, clock, stop: quit.signal };
  try {
    return await registered(run);
  } finally {
    display.close();
  }
}

async function registered(run: Run): Promise<ExitCode> {
  const { options, voice, stop } = run;
  const format = options.json ? "json" : "text";
  const logger = await createLogger({ level: options.logLevel, format });
  await using client = await register(options, logger, voice.report, stop);
  if (client === undefined) return exitCodes.ok;
  const inspectors = await run.media.openInspectors();
  const connection = await called(run, client);
  if (connection === undefined) return exitCodes.ok;
  try {
    return await talk(run, connection, inspectors);
  } finally {
    await connection.close();
  }
}

async function called(run: Run, client: ConicClient): Promise<PeerConnection | undefined> {
  const { options, terminal, voice, display, stop } = run;
  if (options.role === "answer") {
    voice.print(`Waiting for a call. At the other side: ${invitation(options, client.id)}`);
    display.open();
    return answer(client, voice.report, stop);
  }
  const peer = options.peer ?? (await ask("Peer ID: ", terminal, stop));
  if (peer === undefined) return undefined;
  display.open();
  return dial(client, peer, voice.report, stop);
}

/** What to type at the other side. */
function invitation({ kind, addr }: StartOptions, id: string): string {
  const event = process.env["npm_lifecycle_event"];
  const script = event === "npx" ? "npx @conic/media" : "pnpm --filter media";
  const program = event === undefined ? "conic-media" : script;
  const where = addr === "localhost:3000" ? "" : ` --addr=${addr}`;
  return `${program} start ${kind} --role=offer --peer=${id}${where}`;
}

async function talk(
  run: Run,
  connection: PeerConnection,
  inspectors: SessionOptions["inspectors"],
): Promise<ExitCode> {
  const { options, voice, display, media, clock, stop } = run;
  const { report } = voice;
  const call: MediaCall = connection;
  const peer = call.remoteId;
  report({ event: "connected", peer, ...(await pathOf(call)) });
  call.on("pathchange", () => {
    void pathOf(call).then(({ path }) => {
      report({ event: "path", peer, path });
    });
  });
  const session = new Session({
    ...options,
    call,
    sources: media.sources,
    recorder: media.recorder,
    inspectors,
    createTrack: (kind, maxBitrate) =>
      kind === "audio"
        ? new AudioTrack()
        : new VideoTrack(maxBitrate === undefined ? {} : { maxBitrate }),
    endsWhenSent: options.role === "offer" || options.duration !== undefined,
    maxSeconds: media.sources.length === 0 ? options.duration : undefined,
    negotiationTimeoutMs: options.timeoutMs,
    clock,
    report,
    stop,
  });
  display.show(session);
  const end = await session.run();
  display.close();
  if (end.by === "remote") {
    const { clean, reason, why } = end;
    report({ event: "left", peer, clean, reason, ...(why === undefined ? {} : { why }) });
  }
  const recorded = await media.finishRecording();
  if (recorded !== undefined) report({ event: "recorded", ...recorded });
  const totals = session.totals();
  for (const line of summary(totals)) voice.print(line);
  const seconds = Math.round(session.view().seconds * 1000) / 1000;
  report({ event: "ended", ...ending(end), seconds, ...totals });
  return outcome(end, session, run, peer);
}

function ending({ by, clean, reason, error }: SessionEnd): EndEvent {
  if (error === undefined) return { by, clean, reason };
  const { code, message } = ConicError.from(error, "internal");
  return { by, clean, reason, error: { code, message } };
}

function outcome(end: SessionEnd, session: Session, run: Run, peer: string): ExitCode {
  if (end.error !== undefined) {
    // What is no fault of this side: the other takes nothing of it, or does not answer.
    const isPeers = isConicError(end.error, "unsupported") || isConicError(end.error, "timeout");
    throw isPeers ? peerError(peer, end.error) : end.error;
  }
  if (!end.clean) throw new ExitError(exitCodes.peer, `lost ${peer}: ${end.reason}`);
  const bounded = run.media.sources.some(({ isEndless }) => !isEndless);
  if (end.by === "remote" && run.options.role === "offer" && bounded && !session.isSent) {
    throw new ExitError(exitCodes.peer, `${peer} left before all was sent`);
  }
  return exitCodes.ok;
}

async function pathOf(call: MediaCall): Promise<{ path: Path; ms: number }> {
  const { transport, connectTimeMs } = await call.getStats();
  const types = [transport.local?.type, transport.remote?.type];
  const isDirect = types.every((type) => type === "host");
  const path = types.includes("relay") ? "relay" : isDirect ? "direct" : "nat";
  return { path, ms: Math.round(connectTimeMs ?? 0) };
}
