// Makes sure that the interoperation tests find aiortc: the installed one, else Debian's (60 MB to fetch, 194 MB on disk).
import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { findAiortc } from "./lib/aiortc.mjs";
import { aptAttempts, ensure } from "./lib/apt.mjs";

export { findAiortc };

const advice = `No Python with aiortc was found and none could be installed. Run "apt-get install python3-aiortc" as root,
or "pip install aiortc==1.4.0" in a virtual environment and set the environment variable AIORTC_PYTHON to the path of
its python, and run this again.`;

/** @returns {Promise<number>} exit code */
async function main() {
  const named = process.env["AIORTC_PYTHON"];
  if (named && findAiortc() === undefined) {
    console.error(`AIORTC_PYTHON is ${named}, which cannot import aiortc: correct it or unset it`);
    return 1;
  }
  const { found, failures } = await ensure(findAiortc, () => aptAttempts("python3-aiortc"));
  if (found === undefined) {
    console.error([...failures, advice].join("\n\n"));
    return 1;
  }
  console.log(`aiortc: ${found}`);
  return 0;
}

const started = process.argv[1];
if (started !== undefined && realpathSync(started) === fileURLToPath(import.meta.url)) {
  process.exitCode = await main();
}
