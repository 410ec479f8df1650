// Makes sure that the tests of media find ffmpeg and ffprobe, which check what we record: the installed ones, else Debian's.
import { spawnSync } from "node:child_process";
import { aptAttempts, ensure } from "./lib/apt.mjs";

const advice = `No ffmpeg was found and none could be installed. Install it, such as with "apt-get install ffmpeg" as root
or "brew install ffmpeg", and run this again.`;

/** @returns {string | undefined} the first line of its version */
function findFfmpeg() {
  const versions = ["ffmpeg", "ffprobe"].map((program) =>
    spawnSync(program, ["-version"], { encoding: "utf8" }),
  );
  if (versions.some(({ status }) => status !== 0)) return undefined;
  return versions[0]?.stdout.split("\n", 1)[0];
}

const { found, failures } = await ensure(findFfmpeg, () => aptAttempts("ffmpeg"));
if (found === undefined) {
  console.error([...failures, advice].join("\n\n"));
  process.exitCode = 1;
} else {
  console.log(`ffmpeg: ${found}`);
}
