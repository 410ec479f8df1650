import { afterAll, beforeAll, expect, it } from "vitest";
import { startSignalServer, type SignalServer } from "../../src/signal-server.js";
import { keys, Terminal } from "../datachannel/support/terminal.js";
import { MediaProgram, unique } from "./support/media.js";

let server: SignalServer;
beforeAll(async () => {
  server = await startSignalServer();
});
afterAll(() => server[Symbol.asyncDispose]());

it("an answer shows one line that lives, details, and a summary; q hangs up", async () => {
  const id = unique("seen");
  const options = { app: "media", columns: 120 } as const;
  const args = ["start", "audio", "--role=answer", `--id=${id}`];
  await using terminal = new Terminal(server.url, args, options);
  await terminal.shows(`Your ID: ${id}`);
  await terminal.shows(new RegExp(`^Waiting for a call\\. At the other side: .*--peer=${id}`));
  await using offer = MediaProgram.offer(server.url, id, "audio");
  await terminal.shows(/^00:(?!00|01)\d\d {2}audio in \[#+-*\|?-*\] -\d+ dB \d+ kb\/s \d+ packets/);
  await terminal.type(keys.enter);
  await terminal.shows(/^ {2}jitter +[\d.]+ ms$/);
  await terminal.type("q");
  await terminal.shows(/^received audio: \d+ packets, .* 0 lost/);
  expect(await terminal.exit()).toEqual({ code: 0, signal: null });
  expect(await offer.event("left")).toMatchObject({ reason: "hung up", clean: true });
  expect(await offer.exit()).toEqual({ code: 0, signal: null });
});

it("an offer asks for the id, mutes and goes on", async () => {
  await using answer = await MediaProgram.answer(server.url, "audio");
  const options = { app: "media", columns: 120 } as const;
  const args = ["start", "audio", "--role=offer", `--id=${unique("asked")}`];
  await using terminal = new Terminal(server.url, args, options);
  await terminal.prompts("Peer ID: ");
  await terminal.enter(answer.id);
  await terminal.shows(/^00:\d\d {2}audio out \d+ kb\/s/);
  await terminal.type("m");
  await answer.event("muted", { by: "remote" });
  await terminal.shows(/^00:\d\d {2}audio out \(muted\)/);
  await terminal.type("m");
  await answer.event("unmuted", { by: "remote" });
  await terminal.type(keys.interrupt);
  expect(await terminal.exit()).toEqual({ code: 0, signal: null });
  expect(await answer.exit()).toEqual({ code: 0, signal: null });
});
