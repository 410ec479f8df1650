import { existsSync } from "node:fs";
import path from "node:path";
import { root, startProcess, type ProcessOptions, type RunningProcess } from "./process.js";

/** The built program of an app. @throws Error when there is none. */
export function builtApp(app: "signal" | "datachannel" | "media"): string {
  const main = path.join(root, "apps", app, "dist", "main.js");
  if (!existsSync(main)) throw new Error(`${main} is missing: run "pnpm build" first`);
  return main;
}

export interface SignalServerOptions extends ProcessOptions {
  /** Behind `--port=0`. */
  readonly args?: readonly string[];
  /** Options of Node itself. */
  readonly nodeArgs?: readonly string[];
}

/** A signaling server in a process of its own, on a free port. */
export interface SignalServer extends AsyncDisposable {
  readonly process: RunningProcess;
  /** Where clients connect, as it printed it. */
  readonly url: string;
  readonly port: number;
  get(path: string, init?: RequestInit): Promise<Response>;
}

const startLine = /^Conic signaling server on (wss?:\/\/.+:(\d+)\/\S*)$/;

/** Resolves when it listens. */
export async function startSignalServer(options: SignalServerOptions = {}): Promise<SignalServer> {
  const { args = [], nodeArgs = [], ...rest } = options;
  const command = [...nodeArgs, builtApp("signal"), "--port=0", ...args];
  const server = await startProcess(process.execPath, command, rest);
  try {
    const [, url = "", port] = await server.stdout.waitFor(startLine);
    return {
      process: server,
      url,
      port: Number(port),
      get: (where, init) => fetch(`http://127.0.0.1:${port}${where}`, init),
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    };
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
}
