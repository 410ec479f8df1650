// Fails for a known vulnerability, of severity high or more, in what users get installed. Where the registry has no
// such answers it says so and does not fail: a mirror without them is no fault of a change.
import { advisoryLine, audit, failing } from "./lib/audit.mjs";

const result = await audit();
if (result.kind === "unavailable") {
  console.log(`audit: not available here: ${result.reason}`);
} else if (result.kind === "failed") {
  console.error(`pnpm audit failed:\n${result.output}`);
  process.exitCode = 1;
} else {
  for (const advisory of result.advisories) console.error(advisoryLine(advisory));
  const severe = result.advisories.filter(({ severity }) => failing.includes(severity)).length;
  console.log(
    `audit: ${severe} of ${result.advisories.length} known vulnerabilities in ${result.dependencies} dependencies are ${failing.join(" or ")}`,
  );
  if (severe > 0) process.exitCode = 1;
}
