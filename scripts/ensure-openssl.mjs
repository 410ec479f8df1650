// Makes sure that the tests of DTLS find openssl, which they talk to: the installed one, else Debian's.
import { spawnSync } from "node:child_process";
import { aptAttempts, ensure } from "./lib/apt.mjs";

const advice = `No openssl was found and none could be installed. Install it, such as with "apt-get install openssl" as root
or "brew install openssl", and run this again.`;

/** @returns {string | undefined} its version */
function findOpenssl() {
  const { status, stdout } = spawnSync("openssl", ["version"], { encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
}

const { found, failures } = await ensure(findOpenssl, () => aptAttempts("openssl"));
if (found === undefined) {
  console.error([...failures, advice].join("\n\n"));
  process.exitCode = 1;
} else {
  console.log(`openssl: ${found}`);
}
