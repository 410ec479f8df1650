// One server and the load generator: two processes, each on a core of its own.
import { fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { canPin, pin } from "../pin.mjs";
import { ask, within, withServing } from "../rpc.mjs";

/** @import { ChildProcess } from "node:child_process" */
/** @import { Account, Contender, Sample } from "./types.js" */

/** @typedef {{ server: ChildProcess, generator: ChildProcess, port: number }} Stage */
/** @typedef {{ port: number, control: number }} Ports where a server listens, and where it is told to broadcast */

const serverCore = 0;
const generatorCore = 1;

export const pinning = canPin
  ? "The server is kept on one core with all its threads, the load generator on another."
  : "There is no taskset here: the processes ran on any core.";

/** Resolves to the ports that a server prints. @param {ChildProcess} child @returns {Promise<Ports>} */
function portsOf(child) {
  return new Promise((resolve, reject) => {
    let text = "";
    child.stdout?.setEncoding("utf8").on("data", (/** @type {string} */ part) => {
      text += part;
      const [line, port, control] = /ws:\/\/\S+:(\d+)\/\S*(?: control (\d+))?\n/.exec(text) ?? [];
      if (line !== undefined) resolve({ port: Number(port), control: Number(control ?? 0) });
    });
    child.once("exit", (code) => {
      reject(new Error(`a server ended with code ${code} before it listened`));
    });
  });
}

/**
 * @template T
 * @param {Pick<Contender, "program" | "args">} contender
 * @param {(server: ChildProcess, ports: Ports) => Promise<T>} use
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
    return await use(child, await within(portsOf(child), 20_000, "a server did not start"));
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
  return withServer(contender, (server, ports) =>
    withServing([{ file: "./signal/generator.mjs", args: [] }], async ([generator]) => {
      if (generator === undefined) throw new Error("a process is missing");
      pin(generator, generatorCore);
      await ask(generator, "create", { wire: contender.wire, ...ports });
      return use({ server, generator, port: ports.port });
    }),
  );
}

/** Connects clients; resolves to how long it took, in ms. @param {Stage} stage @param {number} count */
export async function open({ generator }, count) {
  return Number(await ask(generator, "open", { count }, 60_000));
}

/** @param {ChildProcess} child */
export async function sampleOf(child) {
  return /** @type {Sample} */ (await ask(child, "sample"));
}

/** Of one core. @param {Sample} from @param {Sample} to */
function share(from, to) {
  return (to.cpuMs - from.cpuMs) / (to.atMs - from.atMs);
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
