import { readdir, readlink } from "node:fs/promises";

/** Descriptors of this process that refer to a file below `path`. Zero where the system does not tell. */
export async function openFiles(path: string): Promise<number> {
  const descriptors = await readdir("/proc/self/fd").catch(() => []);
  const targets = await Promise.all(
    descriptors.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => "")),
  );
  return targets.filter((target) => target.startsWith(path)).length;
}
