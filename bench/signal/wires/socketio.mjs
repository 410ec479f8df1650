// Engine.IO 4 and Socket.IO 5 over a WebSocket from the start: one event for a relayed message.

/** @import { Kind, Wire } from "../types.js" */

const event = '42["message",';

/** @type {Wire} */
export const socketioWire = {
  echoes: false,
  upgrade: () => ({ target: "/socket.io/?EIO=4&transport=websocket", headers: [] }),
  hello: () => undefined,
  setUp(text, id) {
    if (text.startsWith("0{")) return { send: `40${JSON.stringify({ id })}` };
    if (!text.startsWith("40{")) throw new Error(`not registered: ${text}`);
    return { id };
  },
  // The ping of Engine.IO.
  answer: (text) => (text === "2" ? "3" : undefined),
  message(kind, _from, to, body) {
    const content = kind === "sdp" ? JSON.stringify({ type: "offer", sdp: body }) : body;
    return `${event}"${to}","${kind}",${content}]`;
  },
  read(text) {
    if (!text.startsWith(event)) throw new Error(`not a message of a client: ${text}`);
    const [, from, kind, content] = /** @type {[string, string, Kind, { sdp: string }]} */ (
      JSON.parse(text.slice(2))
    );
    return { from, kind, body: kind === "sdp" ? content.sdp : JSON.stringify(content) };
  },
};
