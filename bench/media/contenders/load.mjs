// Only the contender under test is loaded.
/** @import { CreateRtpPeer } from "../types.js" */

/** @type {Readonly<Record<string, () => Promise<{ createRtpPeer: CreateRtpPeer }>>>} */
const contenders = {
  conic: () => import("./conic.mjs"),
  werift: () => import("./werift.mjs"),
  udp: () => import("./udp.mjs"),
};

/** @param {string | undefined} name @returns {Promise<CreateRtpPeer>} */
export async function loadContender(name = "") {
  const load = contenders[name];
  if (load === undefined) throw new Error(`there is no contender "${name}"`);
  return (await load()).createRtpPeer;
}
