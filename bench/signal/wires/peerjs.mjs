// What clients of PeerJS 1.5 say.

/** @typedef {{ type: string, src: string, payload: { sdp: { sdp: string }, candidate: unknown } }} Message */

/** @type {import("../types.js").Wire} */
export const peerjsWire = {
  echoes: false,
  upgrade: (id) => ({
    target: `/peerjs?key=peerjs&id=${id}&token=${id}&version=1.5.5`,
    headers: [],
  }),
  hello: () => undefined,
  setUp(text, id) {
    if (text !== '{"type":"OPEN"}') throw new Error(`not registered: ${text}`);
    return { id };
  },
  answer: () => undefined,
  message(kind, _from, to, body) {
    const connection = { type: "data", connectionId: "dc_k4ud2o8wxjs" };
    const more = { label: "dc_k4ud2o8wxjs", reliable: true, serialization: "binary" };
    const offer = { sdp: { type: "offer", sdp: body }, ...connection, browser: "chrome", ...more };
    return kind === "sdp"
      ? JSON.stringify({ type: "OFFER", payload: offer, dst: to })
      : `{"type":"CANDIDATE","payload":{"candidate":${body},"type":"data","connectionId":"dc_k4ud2o8wxjs"},"dst":"${to}"}`;
  },
  read(text) {
    const { type, src, payload } = /** @type {Message} */ (JSON.parse(text));
    if (type === "OFFER") return { from: src, kind: "sdp", body: payload.sdp.sdp };
    if (type !== "CANDIDATE") throw new Error(`not a message of a client: ${text}`);
    return { from: src, kind: "candidate", body: JSON.stringify(payload.candidate) };
  },
};
