import type { Readable } from "node:stream";
import { ConicError } from "@conic/domain";
import { ExitError, exitCodes, peerError, usageError, type ExitCode } from "@conic/internal-cli";
import { parseCommand } from "../chat/commands.js";
import type { ChatPeer } from "../chat/peer.js";
import type { ChatSession } from "../chat/session.js";
import { linesOf } from "./lines.js";
import { channelTable, memberTable } from "./text.js";

export interface PipedOptions {
  readonly session: ChatSession;
  readonly stop: AbortSignal;
  readonly target: string | undefined;
  /** Entered before the first line. */
  readonly room: string | undefined;
  /** Sent in place of what stdin holds. */
  readonly text: string | undefined;
  /** Go on after the end of stdin, until a signal. */
  readonly stay: boolean;
  readonly input: Readable;
  readonly print: (text: string) => void;
}

/**
 * Without a terminal. With a target, each line of stdin is one message, and the end of stdin ends the program once
 * all has arrived. Without one, lines are commands, as at the prompt.
 */
export function runPiped(options: PipedOptions): Promise<ExitCode> {
  return options.target === undefined ? runScript(options) : sendTo(options, options.target);
}

async function sendTo(options: PipedOptions, target: string): Promise<ExitCode> {
  const { session, stop } = options;
  let peer: ChatPeer;
  try {
    peer = await session.offer(target, { signal: stop });
  } catch (error) {
    if (stop.aborted) return exitCodes.ok;
    throw peerError(target, error);
  }
  const gone = new AbortController();
  void peer.connection.closed.then(() => {
    gone.abort();
  });
  const signal = AbortSignal.any([stop, gone.signal]);
  const lines = options.text === undefined ? linesOf(options.input, signal) : [options.text];
  try {
    for await (const line of lines) {
      if (line !== "" && !session.say(line)) await peer.channels[0]?.ready({ signal });
    }
    // What was sent must have arrived before this counts as done.
    await Promise.all(peer.channels.map((channel) => channel.flush({ signal: stop })));
    await Promise.all(peer.channels.map((channel) => channel.close()));
  } catch (error) {
    if (!stop.aborted) throw peerError(target, error);
  }
  const lost = await Promise.race([peer.connection.closed, Promise.resolve(undefined)]);
  if (lost !== undefined && !stop.aborted) {
    throw new ExitError(exitCodes.peer, `${target} went away: ${lost.reason}`);
  }
  return exitCodes.ok;
}

/** Returns false when it is stopped before the server answers. */
async function enter(session: ChatSession, room: string, stop: AbortSignal): Promise<boolean> {
  try {
    await session.join(room, { signal: stop });
    return true;
  } catch (error) {
    if (stop.aborted) return false;
    const { code, message } = ConicError.from(error, "internal");
    if (code === "invalid_id") throw usageError(`--room: ${message}`);
    throw new ExitError(exitCodes.failure, `the room ${room} cannot be joined: ${message}`);
  }
}

async function runScript(options: PipedOptions): Promise<ExitCode> {
  const { session, stop, room, text } = options;
  if (text !== undefined && room === undefined) {
    throw usageError("--send needs --target=<peer_id> or --room=<name>");
  }
  if (room !== undefined && !(await enter(session, room, stop))) return exitCodes.ok;
  if (text !== undefined) {
    await session.run({ name: "say", message: text }, { signal: stop });
    await session.flush({ signal: stop });
    return exitCodes.ok;
  }
  for await (const line of linesOf(options.input, stop)) {
    const command = parseCommand(line);
    if (command.name === "list") options.print(channelTable(session.rows()).join("\n"));
    if (command.name === "peers")
      options.print(memberTable(session.rooms.rows(), session.rooms.names).join("\n"));
    if (!(await session.run(command, { signal: stop }))) {
      await session.flush({ signal: stop });
      return exitCodes.ok;
    }
  }
  await session.flush({ signal: stop });
  if (options.stay && !stop.aborted) {
    await new Promise<void>((resolve) => {
      stop.addEventListener("abort", () => {
        resolve();
      });
    });
  }
  return exitCodes.ok;
}
