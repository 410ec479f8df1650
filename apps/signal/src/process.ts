import { setFlagsFromString } from "node:v8";
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

/**
 * Thousands of clients that come at once teach V8 that what is made while they connect lives long, and from then on it puts
 * such objects into the old space at once: those of every message too, which live for a moment. The old space then
 * has to be collected all the time: a fifth of the CPU time of a relayed message, and pauses. They stay in the young one.
 */
export function keepMessagesYoung(): void {
  setFlagsFromString("--no-allocation-site-pretenuring");
}
