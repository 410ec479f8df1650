// Only the contender under test is loaded: native ones start threads.
/** @import { CreatePeer } from "../types.js" */

/** @type {Readonly<Record<string, () => Promise<{ createPeer: CreatePeer }>>>} */
const contenders = {
  conic: () => import("./conic.mjs"),
  werift: () => import("./werift.mjs"),
  ndc: () => import("./ndc.mjs"),
  wrtc: () => import("./wrtc.mjs"),
};

/** @param {string | undefined} name @returns {Promise<CreatePeer>} */
export async function loadContender(name = "") {
  const load = contenders[name];
  if (load === undefined) throw new Error(`there is no contender "${name}"`);
  return (await load()).createPeer;
}
