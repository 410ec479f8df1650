// What it costs to read a message that is forwarded: in one pass, by the schemas, and with JSON.parse alone.
import { Frame } from "@conic/domain";
import { decodeClientMessage } from "@conic/protocol";
import { compare, quick } from "./harness.mjs";
import { candidateBody, sdpBody } from "./signal/load/content.mjs";

const messages = quick ? 200 : 2000;
const repeats = quick ? 2 : 20;
const ids = { ID: "0123456789abcdefghjkmnpq", TargetID: "zyxwvtsrqpnmkjhgfedcba98" };

/** @param {object} content @param {object} [more] fields that the protocol does not know */
function textOf(content, more = {}) {
  const type = "Candidate" in content ? "candidate" : "sdp";
  return JSON.stringify({ type, raw: JSON.stringify({ ...ids, ...content, ...more }) });
}

/**
 * Nanoseconds a message, from the bytes: those of each message are others, as they are when they come from a socket.
 *
 * @param {string} text @param {(frame: Frame) => unknown} read
 */
function time(text, read) {
  const bytes = Array.from({ length: messages }, () => Buffer.from(text));
  return () => {
    let least = Infinity;
    for (let i = 0; i < repeats; i += 1) {
      const start = performance.now();
      for (const each of bytes) read(Frame.fromBytes(each));
      least = Math.min(least, ((performance.now() - start) * 1e6) / messages);
    }
    return Promise.resolve(least);
  };
}

/** What a server needs to pass it on. @param {Frame} frame */
const forward = (frame) => {
  const decoded = decodeClientMessage(frame);
  return decoded.head ?? decoded.message;
};

/** @param {Frame} frame */
const parseTwice = (frame) => {
  const { raw } = /** @type {{ raw: string }} */ (JSON.parse(frame.text));
  return /** @type {unknown} */ (JSON.parse(raw));
};

/** @param {{ report: (result: { title: string, rows: Record<string, string | number>[], notes: string[] }) => void }} context */
export async function run({ report }) {
  for (const [name, content] of /** @type {const} */ ([
    ["candidate", { Candidate: candidateBody(0) }],
    ["description", { SessionDescription: { type: "offer", sdp: sdpBody(2) } }],
  ])) {
    const text = textOf(content);
    const { rows, note } = await compare({
      figure: `reading a ${name}, ns`,
      reference: "JSON.parse twice, unchecked",
      contenders: {
        "to forward it": time(text, forward),
        "and its content": time(text, (frame) => decodeClientMessage(frame).message.body),
        "with an unknown field: by the schemas": time(textOf(content, { x: 1 }), forward),
        "JSON.parse twice, unchecked": time(text, parseTwice),
      },
    });
    const title = `Reading a ${name} of ${Buffer.byteLength(text)} bytes (lower is better)`;
    report({ title, rows, notes: [note] });
  }
}
