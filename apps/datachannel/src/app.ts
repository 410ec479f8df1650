import { connect } from "@conic/client";
import { createLogger, exitCodes, type ExitCode } from "@conic/internal-cli";
import type { ChatEvent } from "./chat/events.js";
import { ChatSession } from "./chat/session.js";
import { iceServers, serverUrl, startError, type Options } from "./options.js";
import { runInteractive } from "./ui/interactive.js";
import { runPiped } from "./ui/piped.js";
import { describe, printable } from "./ui/text.js";

export interface AppIo {
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
  readonly error: NodeJS.WriteStream;
}

/** Connects, chats and leaves. */
export async function run(options: Options, io: AppIo, stop: AbortSignal): Promise<ExitCode> {
  const url = serverUrl(options.addr);
  const interactive =
    io.input.isTTY && io.output.isTTY && !options.json && options.send === undefined;
  // People's text: on stdout at a terminal; else on stderr, so that stdout holds messages or JSON alone.
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
  const client = await connect(url, {
    signal: stop,
    ...(options.id === undefined ? {} : { id: options.id }),
    iceServers: iceServers(options["ice-server"]),
    peer: { connectTimeoutMs: options.timeout * 1000 },
    logger: createLogger({ level: options["log-level"], format: options.json ? "json" : "text" }),
  }).catch((error: unknown) => {
    if (stop.aborted) return undefined;
    throw startError(error, url);
  });
  if (client === undefined) return exitCodes.ok;
  const session = new ChatSession(client, options.channel, report);
  report({ event: "registered", id: client.id, server: url });
  try {
    if (!interactive) {
      const { target, send: text, role } = options;
      const stay = role === "answer";
      return await runPiped({ session, stop, target, text, stay, input: io.input, print });
    }
    print(greeting(options));
    return await runInteractive({
      session,
      stop,
      target: options.target,
      askTarget: options.role === "offer",
      input: io.input,
      output: io.output,
      redirect: (above) => {
        print = above;
      },
    });
  } finally {
    await session.close();
  }
}

function greeting(options: Options): string {
  if (options.role === "answer")
    return "Waiting for a call. Give your ID to the other side; help lists commands.";
  return 'Type "offer <peer_id>" to call a peer, "help" for all commands.';
}
