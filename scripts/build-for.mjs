// Builds one app and what it depends on, before it starts. Turbo's words go to stderr and its stdin is closed:
// an app's stdout is data, and its stdin belongs to the user.
import { spawnSync } from "node:child_process";

const app = process.argv[2];
const result = spawnSync(
  "turbo",
  ["run", "build", `--filter=@conic/${app}...`, "--output-logs=errors-only", "--log-prefix=none"],
  {
    stdio: ["ignore", "pipe", "pipe"],
    encoding: "utf8",
    shell: process.platform === "win32",
    cwd: new URL("..", import.meta.url),
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: "1", TURBO_NO_UPDATE_NOTIFIER: "1" },
  },
);
if (result.error !== undefined || result.status !== 0) {
  process.stderr.write(`${result.stdout}${result.stderr}`);
  process.stderr.write(
    `building ${app} failed${result.error ? `: ${result.error.message}` : ""}\n`,
  );
  process.exit(1);
}
