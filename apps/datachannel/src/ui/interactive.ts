import { exitCodes, type ExitCode } from "@conic/internal-cli";
import { commandHelp, parseCommand, type Command } from "../chat/commands.js";
import { complete } from "../chat/completion.js";
import type { ChatSession } from "../chat/session.js";
import { Prompt } from "./prompt.js";
import { channelTable, memberTable } from "./text.js";

export interface InteractiveOptions {
  readonly session: ChatSession;
  readonly stop: AbortSignal;
  readonly target: string | undefined;
  /** Entered at once. */
  readonly room: string | undefined;
  /** Ask for the target first. */
  readonly askTarget: boolean;
  readonly greeting: string;
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
  /** Where lines go from now on: above the line being typed. */
  readonly redirect: (print: (text: string) => void) => void;
}

/** The prompt: reads commands and plain lines until the person leaves. */
export async function runInteractive(options: InteractiveOptions): Promise<ExitCode> {
  const { session, stop } = options;
  options.output.write(`${options.greeting}\n`);
  const leave = new AbortController();
  const signal = AbortSignal.any([stop, leave.signal]);
  const left = new Promise<void>((resolve) => {
    signal.addEventListener("abort", () => {
      resolve();
    });
  });
  const prompt = new Prompt({
    input: options.input,
    output: options.output,
    complete: (line) => complete(line, session.vocabulary),
    onLine: (line) => void execute(parseCommand(line)),
    onEnd: () => {
      leave.abort();
    },
  });
  options.redirect((text) => {
    prompt.print(text);
    prompt.setPrompt(promptFor(session));
  });
  session.onPeer(() => {
    prompt.setPrompt(promptFor(session));
  });
  session.onTurn(() => {
    prompt.setPrompt(promptFor(session));
  });
  async function execute(command: Command): Promise<void> {
    if (command.name === "list") prompt.print(channelTable(session.rows()).join("\n"));
    else if (command.name === "peers")
      prompt.print(memberTable(session.rooms.rows(), session.rooms.names).join("\n"));
    else if (command.name === "help") prompt.print(commandHelp.join("\n"));
    if (!(await session.run(command, { signal }))) leave.abort();
  }
  void callFirst(options, prompt, execute);
  await left;
  prompt.close();
  return exitCodes.ok;
}

async function callFirst(
  options: InteractiveOptions,
  prompt: Prompt,
  execute: (command: Command) => Promise<void>,
): Promise<void> {
  if (options.room !== undefined) await execute({ name: "join", room: options.room });
  const target = options.target ?? (options.askTarget ? await prompt.ask("Target peer ID: ") : "");
  if (target !== undefined && target !== "") await execute({ name: "offer", peer: target });
}

function promptFor(session: ChatSession): string {
  const { current, rooms } = session;
  if (rooms.current !== undefined) return `#${rooms.current}> `;
  return current?.alive === true ? `${current.id}> ` : "> ";
}
