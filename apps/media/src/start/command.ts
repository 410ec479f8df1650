import { defineCommand, joinRepeated, readToken, type Command } from "@conic/internal-cli";
import { keyHelp } from "../ui/keys.js";
import type { Terminal } from "../ui/voice.js";
import { flags } from "./flags.js";

/** `start audio|video|av`: a call with media. */
export function startCommand(terminal: Terminal): Command {
  const command = defineCommand({
    name: "start",
    summary: "Send or receive audio, video, or both (av) in a call",
    positionals: ["audio|video|av"],
    flags,
    footer: [
      `Keys at a terminal: ${keyHelp}`,
      "",
      "Exit codes: 0 done, 1 failure, 2 wrong usage, 3 server unreachable, 4 peer unknown, gone, unreachable or without the codec",
    ],
    run: async (values, io, [kind]) => {
      const token = readToken({
        path: values["token-file"],
        env: io.env,
        cwd: io.cwd,
        warn: (text) => terminal.error.write(`conic-media: ${text}\n`),
      });
      // Loaded only now: `--help` needs none of it.
      const [{ toOptions }, { start }] = await Promise.all([
        import("./options.js"),
        import("./run.js"),
      ]);
      const options = { ...toOptions(values, kind, io), token };
      // A reader that went away, such as "| head" or a closed terminal, ends the call, but not without a goodbye.
      const unread = new AbortController();
      terminal.output.on("error", () => {
        unread.abort();
      });
      return start(
        options,
        terminal,
        AbortSignal.any([unread.signal, ...(io.signal ? [io.signal] : [])]),
      );
    },
  });
  return {
    ...command,
    run: (program, argv, io) => command.run(program, joinRepeated(argv, "--ice-server"), io),
  };
}
