import { createRequire } from "node:module";
import { once } from "node:events";
import { ConicError, isErrorCode } from "@conic/domain";
import { failOnLeaks } from "@conic/internal-testing";
import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { createSignalingServer, type SignalingServerOptions } from "../../src/index.js";
import { openHost } from "../support/host.js";

failOnLeaks();

const secret = "s3cret-203.0.113.9";

/** How a socket to a server of its own is closed, after what is done with it. */
async function closeOf(
  act: (socket: WebSocket, end: () => void, url: string) => unknown,
  options: SignalingServerOptions = {},
): Promise<readonly [code: number, reason: string]> {
  await using host = await openHost();
  await using server = createSignalingServer(options);
  server.attach(host.http);
  const socket = new WebSocket(host.url());
  const others: WebSocket[] = [];
  await once(socket, "open");
  const closed = once(socket, "close") as Promise<[number, Buffer]>;
  const end = (): void => void server.close();
  const other = await act(socket, end, host.url());
  if (other instanceof WebSocket) others.push(other);
  const [code, reason] = await closed;
  for (const one of others) {
    one.close();
    await once(one, "close");
  }
  return [code, reason.toString("utf8")];
}

const register = (body: object): string =>
  JSON.stringify({ type: "register", raw: JSON.stringify(body) });

async function takeOver(socket: WebSocket, _end: () => void, url: string): Promise<WebSocket> {
  socket.send(register({ ID: "alice" }));
  const [answer] = (await once(socket, "message")) as [Buffer];
  const { raw } = JSON.parse(answer.toString("utf8")) as { raw: string };
  const { Resume } = JSON.parse(raw) as { Resume: string };
  const newer = new WebSocket(url);
  await once(newer, "open");
  newer.send(register({ ID: "alice", Resume }));
  await once(newer, "message");
  return newer;
}

/** Whatever a client does, and what it must be told: the code and a word of the closed table, or nothing. */
type Way = readonly [
  name: string,
  code: number,
  act: (socket: WebSocket, end: () => void, url: string) => unknown,
  options: SignalingServerOptions,
];
const ways: readonly Way[] = [
  ["a binary frame", 1003, (socket) => socket.send(Buffer.from(secret)), {}],
  ["a frame that is too large", 1009, (socket) => socket.send(secret.repeat(5000)), {}],
  [
    "text that is no UTF-8",
    1007,
    (socket) => socket.send(Buffer.from([0xff]), { binary: false }),
    {},
  ],
  ["no register in time", 4002, () => undefined, { registerTimeoutMs: 20 }],
  [
    "a wrong token",
    4501,
    (socket) => socket.send(register({ Token: secret })),
    {
      authenticate: () => {
        throw new ConicError("unauthorized", `the token ${secret} is wrong`);
      },
    },
  ],
  [
    "a fault within",
    1011,
    (socket) => socket.send(register({})),
    {
      authenticate: () => {
        throw new Error(`the database at ${secret} is gone`);
      },
    },
  ],
  ["a take-over", 4500, takeOver, {}],
  ["the end of the server", 1001, (_socket, end) => end(), {}],
];

describe("S9 reasons of a close", () => {
  it.each(ways)("%s: %i, with a constant", async (_name, code, act, options) => {
    const [seen, reason] = await closeOf(act, options);
    expect(seen).toBe(code);
    expect(reason === "" || isErrorCode(reason)).toBe(true);
    expect(reason).not.toContain(secret);
  });

  it("are written by a ws that does not send memory with them (8.20.1), nor drowns in fragments (8.21)", () => {
    const transport = createRequire(new URL("../../../transport/package.json", import.meta.url));
    const { version } = transport("ws/package.json") as { readonly version: string };
    const [major = 0, minor = 0] = version.split(".").map(Number);
    expect(major > 8 || (major === 8 && minor >= 21)).toBe(true);
  });
});
