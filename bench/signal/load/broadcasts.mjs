// Has the server tell everybody something, again and again.
import { once } from "node:events";
import { connect } from "node:net";
import { within } from "../../rpc.mjs";

/** @import { Broadcasts } from "../types.js" */
/** @import { Load } from "./load.mjs" */

/**
 * One after the other, each ordered when the last client was told of the one before.
 *
 * @param {Load} load
 * @param {{ windowMs: number }} options
 * @returns {Promise<Broadcasts>}
 */
export async function broadcasts({ clients, shared, control }, { windowMs }) {
  const orders = connect({ port: control, host: "127.0.0.1", noDelay: true });
  await once(orders, "connect");
  for (const client of clients) client.received = 0;
  /** @type {string | undefined} */
  let news;
  let left = 0;
  /** @type {(() => void) | undefined} */
  let onTold;
  shared.onText = (_client, text) => {
    news ??= text;
    if (text !== news) shared.ledger.surprise(text);
    left -= 1;
    if (left === 0) onTold?.();
  };
  /** @type {number[]} */
  const times = [];
  const start = performance.now();
  let now = start;
  while (now - start < windowMs) {
    left = clients.length;
    /** @type {Promise<void>} */
    const told = new Promise((resolve) => {
      onTold = resolve;
    });
    orders.write("!");
    await within(told, 10_000, "not everybody was told");
    times.push(performance.now() - now);
    now = performance.now();
  }
  orders.destroy();
  // What comes twice may come a moment later.
  await new Promise((resolve) => setTimeout(resolve, 50));
  const wrong = clients.filter(({ received }) => received !== times.length).length;
  times.sort((a, b) => a - b);
  const p50Ms = times[Math.floor(times.length / 2)] ?? Number.NaN;
  return { count: times.length, ms: now - start, p50Ms, wrong };
}
