// One server and the load generator: two processes, each on a core of its own.
import { fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { canPin, pin } from "../pin.mjs";
import { ask, within, withServing } from "../rpc.mjs";

/** @import { ChildProcess } from "node:child_process" */
/** @import { Account, Contender, Sample } from "./types.js" */

/** @typedef {{ server: ChildProcess, generator: ChildProcess }} Stage */

const serverCore = 0;
const generatorCore = 1;

export const pinning = canPin
  ? "The server is kept on one core with all its threads, the load generator on another."
  : "There is no taskset here: the processes ran on any core.";

/** Resolves to the port that a server prints. @param {ChildProcess} child @returns {Promise<number>} */
function portOf(child) {
  return new Promise((resolve, reject) => {
    let text = "";
    child.stdout?.setEncoding("utf8").on("data", (/** @type {string} */ part) => {
      text += part;
      const port = /ws:\/\/\S+:(\d+)\//.exec(text)?.[1];
      if (port !== undefined) resolve(Number(port));
    });
    child.once("exit", (code) => {
      reject(new Error(`a server ended with code ${code} before it listened`));
    });
  });
}

/**
 * @template T
 * @param {Pick<Contender, "program" | "args">} contender
 * @param {(server: ChildProcess, port: number) => Promise<T>} use
 * @returns {Promise<T>}
 */
async function withServer({ program, args }, use) {
  const probe = new URL("probe.mjs", import.meta.url).href;
  const child = fork(new URL(`../${program}`, import.meta.url), [...args], {
    execArgv: ["--expose-gc", "--import", probe],
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
  const exited = once(child, "exit");
  try {
    pin(child, serverCore);
    return await use(child, await within(portOf(child), 20_000, "a server did not start"));
  } finally {
    child.kill("SIGKILL");
    await exited;
  }
}

/**
 * A server with so many clients, each registered; all gone when the callback is done.
 *
 * @template T
 * @param {Contender} contender
 * @param {(stage: Stage) => Promise<T>} use
 * @returns {Promise<T>}
 */
export function onStage(contender, use) {
  return withServer(contender, (server, port) =>
    withServing([{ file: "./signal/generator.mjs", args: [] }], async ([generator]) => {
      if (generator === undefined) throw new Error("a process is missing");
      pin(generator, generatorCore);
      await ask(generator, "create", { wire: contender.wire, port });
      return use({ server, generator });
    }),
  );
}

/** Connects clients; resolves to how long it took, in ms. @param {Stage} stage @param {number} count */
export async function open({ generator }, count) {
  return Number(await ask(generator, "open", { count }, 60_000));
}

/** @param {ChildProcess} child */
async function sampleOf(child) {
  return /** @type {Sample} */ (await ask(child, "sample"));
}

/**
 * What both processes do for so long.
 *
 * @param {Stage} stage
 * @param {number} windowMs
 */
export async function observe({ server, generator }, windowMs) {
  const [serverFrom, generatorFrom] = [await sampleOf(server), await sampleOf(generator)];
  await pause(windowMs);
  const [serverTo, generatorTo] = [await sampleOf(server), await sampleOf(generator)];
  const share = (/** @type {Sample} */ from, /** @type {Sample} */ to) =>
    (to.cpuMs - from.cpuMs) / (to.atMs - from.atMs);
  const perSecond =
    ((generatorTo.delivered - generatorFrom.delivered) * 1000) /
    (generatorTo.atMs - generatorFrom.atMs);
  const serverShare = share(serverFrom, serverTo);
  return {
    perSecond,
    serverCpu: serverShare * 100,
    generatorCpu: share(generatorFrom, generatorTo) * 100,
    cpuMicros: (serverShare * 1e6) / perSecond,
  };
}

/** The account as figures, for a table. @param {Account} account */
export function accountValues({ sent, lost, duplicated, reordered, unexpected, first }) {
  if (first !== undefined) process.stderr.write(`unexpected: ${first}\n`);
  return { sent, lost, duplicated, reordered, unexpected };
}
