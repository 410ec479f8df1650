import type { Logger } from "@conic/domain";
import { exitCodes } from "@conic/internal-cli";

/** Whatever nobody caught has left the program in an unknown state: says so, and ends it. */
export function endOnUncaught(logger: Logger): void {
  // Unhandled rejections come here too: that is Node's default for them.
  process.on("uncaughtException", (error, origin) => {
    logger.error({ err: error, origin }, "stopping: a fault of the program");
    process.exit(exitCodes.failure);
  });
}
