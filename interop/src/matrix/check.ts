import { createHash } from "node:crypto";
import { expect } from "vitest";
import type { Message, SideChannel } from "./sides/side.js";

/** Short enough for a failure to show it: long messages by their length and hash. */
function brief(message: Message): string {
  const bytes = typeof message === "string" ? Buffer.from(message) : message;
  const kind = typeof message === "string" ? "text" : "binary";
  if (bytes.length <= 64) {
    const shown =
      typeof message === "string" ? JSON.stringify(message) : Buffer.from(message).toString("hex");
    return `${kind} ${shown}`;
  }
  const hash = createHash("sha256").update(bytes).digest("hex");
  return `${kind} of ${bytes.length} bytes, sha256 ${hash}`;
}

export function expectSame(received: readonly Message[], sent: readonly Message[]): void {
  expect(received.map(brief)).toEqual(sent.map(brief));
}

export function expectSameSet(received: readonly Message[], sent: readonly Message[]): void {
  expect(received.map(brief).toSorted()).toEqual(sent.map(brief).toSorted());
}

/** Sends these from each end to the other one, and compares what arrives there. */
export async function exchange(
  a: SideChannel,
  b: SideChannel,
  messages: readonly Message[],
  compare: typeof expectSame = expectSame,
): Promise<void> {
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const) {
    const [received] = await Promise.all([to.receive(messages.length), from.send(...messages)]);
    compare(received, messages);
  }
}
