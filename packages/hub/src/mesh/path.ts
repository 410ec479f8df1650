import { rm } from "node:fs/promises";
import path from "node:path";

const isWindows = process.platform === "win32";

/** Where a node listens. */
export function socketPath(directory: string, index: number): string {
  return isWindows
    ? `\\\\.\\pipe\\conic-${path.basename(directory)}-${index}`
    : path.join(directory, `${index}.sock`);
}

/** A process that was killed leaves its socket behind, and whoever has its index now is its successor. */
export async function removeStale(socket: string): Promise<void> {
  if (!isWindows) await rm(socket, { force: true });
}
