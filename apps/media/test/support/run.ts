import { PassThrough } from "node:stream";
import { runCommand, runMain, type CommandIo, type MainHost } from "@conic/internal-cli";
import { mediaProgram } from "../../src/program.js";
import type { Terminal } from "../../src/ui/voice.js";

/** No terminal: streams that nobody sits at. */
function pipes(error: PassThrough): Terminal {
  return { input: new PassThrough(), output: new PassThrough(), error } as unknown as Terminal;
}

export interface Outcome {
  readonly code: unknown;
  /** Lines of stdout. */
  readonly out: string[];
  /** Lines of stderr. */
  readonly err: string[];
}

/** Runs the program as its main does, on streams and an exit code of its own. */
export async function runMedia(
  argv: readonly string[],
  io: Partial<CommandIo> & Pick<CommandIo, "cwd">,
): Promise<Outcome> {
  const out: string[] = [];
  const stderr = new PassThrough({ encoding: "utf8" });
  const host: MainHost = { stdout: new PassThrough(), stderr };
  const program = mediaProgram("1.2.3", pipes(stderr));
  const commandIo: CommandIo = {
    cwd: io.cwd,
    env: io.env ?? {},
    print: (text) => out.push(...text.split("\n")),
    get signal() {
      return io.signal;
    },
  };
  await runMain(program.name, () => runCommand(program, argv, commandIo), host);
  const text = (stderr.read() as string | null) ?? "";
  return { code: host.exitCode, out, err: text.split("\n").slice(0, -1) };
}
