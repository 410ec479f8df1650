// A bare echo: conic.v1 as text, which comes back to whoever sent it.
import { conicWire } from "./conic.mjs";

/** @type {import("../types.js").Wire} */
export const echoWire = {
  ...conicWire,
  echoes: true,
  upgrade: () => ({ target: "/ws", headers: [] }),
  setUp: (_text, id) => ({ id }),
};
