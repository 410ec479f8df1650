// Data channel throughput as a ratio to bare werift: two processes on this machine, ordered and reliable.
import { messageOf, withChild } from "./child.mjs";
import { compare, quick } from "./harness.mjs";

const warmUpMs = quick ? 200 : 1000;
const measureMs = quick ? 700 : 4000;

/** @param {number} ms */
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** @param {import("node:child_process").ChildProcess} child */
async function count(child) {
  const answer = messageOf(child, "count");
  child.send("count");
  return Number((await answer)["received"]);
}

/** @param {"conic" | "werift"} engine @param {number} bytes messages of this size; resolves with messages a second */
function messagesPerSecond(engine, bytes) {
  return withChild("./datachannel/peer.mjs", [engine, "receiver", String(bytes)], (receiver) =>
    withChild("./datachannel/peer.mjs", [engine, "sender", String(bytes)], async (sender) => {
      for (const [from, to] of /** @type {const} */ ([
        [sender, receiver],
        [receiver, sender],
      ])) {
        from.on("message", (message) => {
          if (typeof message === "object" && "signal" in message) to.send(message);
        });
      }
      await messageOf(sender, "open");
      await pause(warmUpMs);
      const before = await count(receiver);
      const start = performance.now();
      await pause(measureMs);
      const after = await count(receiver);
      return ((after - before) / (performance.now() - start)) * 1000;
    }),
  );
}

/** @param {{ report: (result: { title: string, rows: Record<string, unknown>[], notes?: string[] }) => void }} context */
export async function run({ report }) {
  for (const [name, bytes] of /** @type {const} */ ([
    ["16 KiB", 16_384],
    ["1 KiB", 1024],
    ["16 B", 16],
  ])) {
    const { rows, note } = await compare({
      figure: "messages/s",
      reference: "bare werift",
      contenders: {
        conic: () => messagesPerSecond("conic", bytes),
        "bare werift": () => messagesPerSecond("werift", bytes),
      },
    });
    report({ title: `Data channel, messages of ${name}`, rows, notes: [note] });
  }
}
