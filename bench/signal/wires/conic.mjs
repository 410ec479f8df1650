// conic.v1, docs/protocol.md.
import { Frame } from "@conic/domain";
import { decodeServerMessage } from "@conic/protocol";

/** @import { Wire } from "../types.js" */

/** @typedef {{ ID: string, TargetID: string, Code: string }} Body */

/** The least that tells what a message is, where many are timed. @param {string} text */
function parse(text) {
  const { type, raw } = /** @type {{ type: string, raw?: string }} */ (JSON.parse(text));
  return { type, body: /** @type {Body} */ (JSON.parse(raw ?? "{}")) };
}

/** @type {Wire} */
export const conicWire = {
  echoes: false,
  upgrade: () => ({ target: "/ws", headers: ["Sec-WebSocket-Protocol: conic.v1"] }),
  hello: () => '{"type":"register"}',
  setUp(text) {
    const { type, body } = parse(text);
    if (type !== "register_response") throw new Error(`not registered: ${text}`);
    return { id: body.ID };
  },
  answer: () => undefined,
  message(kind, from, to, body) {
    const content =
      kind === "sdp" ? { SessionDescription: { type: "offer", sdp: body } } : { Candidate: body };
    return JSON.stringify({
      type: kind,
      raw: JSON.stringify({ ID: from, TargetID: to, ...content }),
    });
  },
  read(text) {
    // As clients of ours read it.
    const { message } = decodeServerMessage(Frame.fromText(text));
    if (message.type === "sdp") {
      return {
        from: message.body.ID,
        kind: message.type,
        body: message.body.SessionDescription.sdp,
      };
    }
    if (message.type === "candidate") {
      return { from: message.body.ID, kind: message.type, body: message.body.Candidate };
    }
    throw new Error(`not a message of a client: ${text}`);
  },
  undeliverable(text) {
    const { type, body } = parse(text);
    return type === "error" && body.Code === "target_not_found" ? body.TargetID : undefined;
  },
};

/** The same in a session, as clients of ours have it: nothing is lost when a connection breaks off. @type {Wire} */
export const conicSessionWire = {
  ...conicWire,
  hello: () => JSON.stringify({ type: "register", raw: '{"Received":0}' }),
  setUp(text, id) {
    return { ...conicWire.setUp(text, id), send: '{"type":"ack","raw":"{\\"Received\\":0}"}' };
  },
  answer: (text) => (parse(text).type === "ack" ? "" : undefined),
  acknowledge: (received) =>
    JSON.stringify({ type: "ack", raw: JSON.stringify({ Received: received }) }),
};
