import type { Program } from "@conic/internal-cli";
import { generateAudio } from "./generate-audio/command.js";

/** Each command has its own folder. */
export function mediaProgram(version: string): Program {
  return {
    name: "conic-media",
    summary: "Audio tools of Conic.",
    version,
    commands: [generateAudio],
  };
}
