import { once } from "node:events";
import { connect, type ConicClient } from "@conic/client";
import type { ConicError } from "@conic/domain";
import {
  createLogger,
  exitCodes,
  parseIceServers,
  printable,
  readToken,
  serverUrl,
  sessionError,
  startError,
  type Environment,
  type ExitCode,
  type Token,
} from "@conic/internal-cli";
import type { ChatEvent, Report, Room } from "./chat/events.js";
import { ChatSession } from "./chat/session.js";
import type { Options } from "./options.js";
import { runInteractive } from "./ui/interactive.js";
import { runPiped } from "./ui/piped.js";
import { describe } from "./ui/text.js";

/** Whoever reads the output, such as a program behind a pipe, may fall this far behind the network. */
const channelLimits = { maxReceiveBufferBytes: 268_435_456, maxReceiveBufferMessages: 1_048_576 };

export interface AppIo {
  readonly env: Environment;
  readonly cwd: string;
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
  readonly error: NodeJS.WriteStream;
}

/** Connects, chats and leaves. */
export async function run(options: Options, io: AppIo, stop: AbortSignal): Promise<ExitCode> {
  const url = serverUrl(options.addr);
  const interactive =
    io.input.isTTY && io.output.isTTY && !options.json && options.send === undefined;
  const token = tokenOf(options, io);
  const voice = createVoice(options, io, interactive);
  const client = await register(options, url, token, voice.report, stop);
  if (client === undefined) return exitCodes.ok;
  const session = new ChatSession({
    client,
    label: options.channel,
    report: voice.report,
    room: voice.room,
  });
  // The server may refuse to have this client back.
  const over = new AbortController();
  let refusal: ConicError | undefined;
  const ended = client.closed.then(({ error }) => {
    refusal = error;
    over.abort();
  });
  voice.report({ event: "registered", id: client.id, server: url });
  const until = AbortSignal.any([stop, over.signal]);
  try {
    const code = await chat({ session, options, io, voice, interactive, stop: until });
    await session.close();
    await ended;
    if (refusal === undefined) return code;
    throw sessionError(refusal);
  } finally {
    await session.close();
  }
}

interface Chat {
  readonly session: ChatSession;
  readonly options: Options;
  readonly io: AppIo;
  readonly voice: Voice;
  readonly interactive: boolean;
  readonly stop: AbortSignal;
}

/** Until the user, the input or the server ends it. */
function chat({ session, options, io, voice, interactive, stop }: Chat): Promise<ExitCode> {
  const { room, target } = options;
  if (!interactive) {
    return runPiped({
      session,
      stop,
      target,
      room,
      text: options.send,
      stay: options.role === "answer",
      input: io.input,
      print: voice.print,
    });
  }
  return runInteractive({
    session,
    stop,
    target,
    room,
    askTarget: options.role === "offer" && room === undefined,
    greeting: greeting(options),
    input: io.input,
    output: io.output,
    redirect: voice.redirect,
  });
}

function tokenOf(options: Options, { env, cwd, error }: AppIo): Token | undefined {
  return readToken({
    path: options["token-file"],
    env,
    cwd,
    warn: (text) => error.write(`conic-datachannel: ${text}\n`),
  });
}

/** Resolves with undefined when it is stopped before the server answers. */
async function register(
  options: Options,
  url: string,
  token: Token | undefined,
  report: Report,
  stop: AbortSignal,
): Promise<ConicClient | undefined> {
  const format = options.json ? "json" : "text";
  const logger = await createLogger({ level: options["log-level"], format });
  try {
    return await connect(url, {
      signal: stop,
      ...(options.id === undefined ? {} : { id: options.id }),
      ...(token === undefined ? {} : { token }),
      iceServers: parseIceServers(options["ice-server"] ?? ""),
      peer: { connectTimeoutMs: options.timeout * 1000, channelLimits },
      logger,
      onWaiting: () => {
        report({ event: "waiting", id: options.id ?? "" });
      },
    });
  } catch (error) {
    if (stop.aborted) return undefined;
    throw startError(error, url);
  }
}

interface Voice {
  readonly report: Report;
  readonly room: Room;
  readonly print: (text: string) => void;
  readonly redirect: (above: (text: string) => void) => void;
}

/** People's text: on stdout at a terminal; else on stderr, so that stdout holds messages or JSON alone. */
function createVoice(options: Options, io: AppIo, interactive: boolean): Voice {
  let print = (text: string): void => {
    (interactive ? io.output : io.error).write(`${text}\n`);
  };
  const report = (event: ChatEvent): void => {
    if (options.json)
      io.output.write(`${JSON.stringify({ time: new Date().toISOString(), ...event })}\n`);
    else if (event.event === "message" && !interactive && event.text !== undefined) {
      io.output.write(`${io.output.isTTY ? printable(event.text) : event.text}\n`);
      return;
    }
    const line = describe(event, options.channel);
    if (line !== undefined) print(line);
  };
  const redirect = (above: (text: string) => void): void => {
    print = above;
  };
  let draining: Promise<unknown> | undefined;
  const room = async (): Promise<void> => {
    if (!io.output.writableNeedDrain) return;
    // That the reader goes away is dealt with by whoever started this.
    draining ??= once(io.output, "drain").catch(() => undefined);
    await draining;
    draining = undefined;
  };
  return { report, room, print: (text) => print(text), redirect };
}

function greeting(options: Options): string {
  if (options.room !== undefined)
    return `Joining ${printable(options.room)}: what you type goes to all in it; help lists commands.`;
  if (options.role === "answer")
    return "Waiting for a call. Give your ID to the other side; help lists commands.";
  return 'Type "offer <peer_id>" to call a peer, "help" for all commands.';
}
