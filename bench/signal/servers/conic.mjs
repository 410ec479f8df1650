// The library of Conic within a program of one's own: for what its app has no command for.
import { createServer } from "node:http";
import { Frame } from "@conic/domain";
import { createSignalingServer } from "@conic/server";
import { listenAnywhere } from "./listen.mjs";

const { href } = new URL("../../../packages/hub/dist/index.js", import.meta.url);
const { createHub } = /** @type {{ createHub: () => import("@conic/domain").Hub }} */ (
  await import(href)
);
const hub = createHub();

export function listen() {
  const http = createServer();
  createSignalingServer({ hub, maxConnections: 20_000 }).attach(http);
  return listenAnywhere(http);
}

/** @param {string} text */
export function broadcast(text) {
  void hub.broadcast(Frame.fromText(text));
}
