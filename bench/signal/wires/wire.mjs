import { conicSessionWire, conicWire } from "./conic.mjs";
import { echoWire } from "./echo.mjs";
import { peerjsWire } from "./peerjs.mjs";
import { socketioWire } from "./socketio.mjs";

/** @type {Readonly<Record<import("../types.js").WireName, import("../types.js").Wire>>} */
export const wires = {
  echo: echoWire,
  conic: conicWire,
  "conic-sessions": conicSessionWire,
  peerjs: peerjsWire,
  socketio: socketioWire,
};
