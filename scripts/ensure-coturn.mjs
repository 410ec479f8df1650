// Makes sure that the test of TURN credentials finds coturn, which checks them: the installed one, else Debian's.
import { spawnSync } from "node:child_process";
import { aptAttempts, ensure } from "./lib/apt.mjs";

const advice = `No coturn was found and none could be installed. Install it, such as with "apt-get install coturn" as root
or "brew install coturn", and run this again.`;

/** @returns {string | undefined} the version of its program, which is named turnserver */
function findCoturn() {
  const { status, stdout } = spawnSync("turnserver", ["--version"], { encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
}

/** Debian's package starts a server open to the network, and again at each boot: the test brings up its own. */
function stopService() {
  const systemctl = ["systemctl", "disable", "--now", "coturn"];
  // Where there is no systemd, nothing was started.
  if (process.getuid?.() === 0) spawnSync("systemctl", systemctl.slice(1), { stdio: "ignore" });
  else spawnSync("sudo", ["-n", ...systemctl], { stdio: "ignore" });
}

const before = findCoturn();
const { found, failures } = await ensure(findCoturn, () => aptAttempts("coturn"));
if (found === undefined) {
  console.error([...failures, advice].join("\n\n"));
  process.exitCode = 1;
} else {
  if (before === undefined) stopService();
  console.log(`coturn: ${found}`);
}
