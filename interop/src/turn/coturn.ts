import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { steadyPort } from "../../../internal/testing/src/steady-port.js";
import { bindingRequest, openTurnSocket } from "./stun.js";

const realm = "conic.test";
const maxAttempts = 10;
/** EADDRINUSE, as it says it: then it tries the same port for ever. */
const inUse = "errno=98";
/** It is there in a fraction of that, also on a busy machine. */
const startTimeoutMs = 30_000;

/** A coturn of this machine alone, which shares a secret with whoever mints credentials. */
export interface Coturn extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
}

function argumentsFor(
  folder: string,
  port: number,
  secret: string,
  bounds: readonly string[],
): string[] {
  return [
    // Nothing of this machine's own configuration.
    "-n",
    `--listening-ip=127.0.0.1`,
    `--relay-ip=127.0.0.1`,
    `--listening-port=${port}`,
    "--use-auth-secret",
    `--static-auth-secret=${secret}`,
    `--realm=${realm}`,
    ...bounds,
    "--no-tls",
    "--no-dtls",
    "--no-cli",
    "--log-file=stdout",
    `--userdb=${path.join(folder, "users")}`,
    `--pidfile=${path.join(folder, "pid")}`,
  ];
}

/**
 * Resolves when it answers. Rejects with what it said when it ends before.
 * @param bounds - options that say whom it relays to; by default, to this machine too.
 */
export async function startCoturn(
  secret: string,
  bounds: readonly string[] = ["--allow-loopback-peers"],
): Promise<Coturn> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startOnce(secret, bounds);
    } catch (error) {
      // Somebody else may have taken the port that was free.
      if (attempt >= maxAttempts) throw error;
    }
  }
}

async function startOnce(secret: string, bounds: readonly string[]): Promise<Coturn> {
  const folder = await mkdtemp(path.join(tmpdir(), "conic-coturn-"));
  const port = await steadyPort();
  const child = spawn("turnserver", argumentsFor(folder, port, secret, bounds), {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said: string[] = [];
  let isStarting = true;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8");
    stream.on("data", (text: string) => {
      said.push(text);
      if (isStarting && said.join("").includes(inUse)) child.kill("SIGKILL");
    });
  }
  const ended = new Promise<Error>((resolve) => {
    child.once("error", resolve);
    child.once("close", () => {
      resolve(new Error(`coturn ended:\n${said.join("")}`));
    });
  });
  const stop = async (): Promise<void> => {
    child.kill("SIGKILL");
    await ended;
    await rm(folder, { recursive: true });
  };
  const failed = ended.then((error) => {
    throw error;
  });
  try {
    await using socket = await openTurnSocket(port);
    const late = delay(startTimeoutMs, undefined, { ref: false }).then(() => {
      throw new Error(`coturn does not answer:\n${said.join("")}`);
    });
    late.catch(() => undefined);
    await Promise.race([socket.ask(bindingRequest()), failed, late]);
    isStarting = false;
  } catch (error) {
    await stop();
    throw error;
  }
  failed.catch(() => undefined);
  return { port, url: `turn:127.0.0.1:${port}`, [Symbol.asyncDispose]: stop };
}
