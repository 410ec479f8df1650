import type { Program } from "@conic/internal-cli";
import { generateAudio } from "./generate-audio/command.js";
import { startCommand } from "./start/command.js";
import type { Terminal } from "./ui/voice.js";

/** Each command has its own folder. */
export function mediaProgram(version: string, terminal: Terminal): Program {
  return {
    name: "conic-media",
    summary: "Audio and video between peers, and test tones.",
    version,
    commands: [startCommand(terminal), generateAudio],
  };
}
