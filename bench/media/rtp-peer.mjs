// One end of a connection with one track in a process of its own. argv: contender, role, kind,
// packets of a frame.
import { serve } from "../rpc.mjs";
import { loadContender } from "./contenders/load.mjs";
import { Pacer } from "./streams/pacer.mjs";

/** @import { Signal } from "@conic/domain" */
/** @import { Kind, Role, RtpSample } from "./types.js" */

const [contender, role, kind, packets] = process.argv.slice(2);
const packetsPerFrame = Number(packets);
const createPeer = await loadContender(contender);
const peer = createPeer({
  role: /** @type {Role} */ (role),
  kind: /** @type {Kind} */ (kind),
  packetsPerFrame,
  send: (signal) => process.send?.({ type: "signal", id: 0, signal }),
});
/** @type {Pacer | undefined} */
let pacer;

/** @param {{ bytes: number, perSecond: number }} args size of a frame, packets a second */
function pump({ bytes, perSecond }) {
  // One frame of Opus, or a key frame of VP8; and a delta frame of VP8: the lowest bit says so.
  const first = new Uint8Array(bytes).fill(0x78);
  const later = kind === "audio" ? first : new Uint8Array(bytes).fill(0x79);
  pacer = new Pacer({
    streams: 1,
    perSecond: perSecond / packetsPerFrame,
    write: (_, frame) => {
      peer.write(frame === 0 ? first : later, frame);
      return true;
    },
  });
}

/** @returns {RtpSample} */
function sample() {
  const { user, system } = process.cpuUsage();
  return {
    atMs: Number(process.hrtime.bigint()) / 1e6,
    cpuMs: (user + system) / 1000,
    sent: (pacer?.written ?? 0) * packetsPerFrame,
    received: peer.received(),
  };
}

process.on("message", (message) => {
  if (typeof message !== "object" || message === null || !("signal" in message)) return;
  peer.signal(/** @type {{ signal: Signal }} */ (message).signal);
});
serve({
  open: () => peer.open(),
  pump,
  sample,
  stop: () => {
    pacer?.stop();
    return sample();
  },
});
