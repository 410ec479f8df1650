import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** Clients in a process of their own. */
export interface Crowd extends AsyncDisposable {
  /** Connects and registers `prefix0`, `prefix1`, … */
  join(url: string, prefix: string, count: number): Promise<void>;
  /** Those of one prefix are flooded by those of another until they are gone, while those of the third talk. */
  stall(prefixes: {
    readonly stalled: string;
    readonly attackers: string;
    readonly bystanders: string;
  }): Promise<{ readonly sent: number; readonly took: readonly number[] }>;
  /** So many requests to upgrade at once: how often each status came, and how often Retry-After with it. */
  burst(
    port: number,
    count: number,
  ): Promise<{ readonly statuses: Readonly<Record<string, number>>; readonly retry: number }>;
  /** As by `kill -STOP`: its connections stay, and nobody reads or answers them. */
  freeze(): void;
}

async function ask<T>(child: ChildProcess, command: string, args: object): Promise<T> {
  child.send({ command, args });
  const [{ result }] = (await once(child, "message")) as [{ readonly result: T }];
  return result;
}

export function startCrowd(): Crowd {
  const child = fork(fileURLToPath(new URL("crowd.mjs", import.meta.url)), { execArgv: [] });
  const exit = once(child, "exit");
  return {
    join: (url, prefix, count) => ask(child, "join", { url, prefix, count }),
    stall: (prefixes) => ask(child, "stall", prefixes),
    burst: (port, count) => ask(child, "burst", { port, count }),
    freeze: () => {
      child.kill("SIGSTOP");
    },
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await exit;
    },
  };
}
