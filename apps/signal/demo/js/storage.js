import { objectOf, stringOf } from "./json.js";

/** What the page remembers. Where the browser keeps nothing, it forgets; it works all the same. */

const recentKey = "conic.recent";
const identityKey = "conic.identity";
const tokenKey = "conic.token";
const maxRecent = 6;

/** @returns {string[]} peers of earlier calls, the last one first */
export function recentPeers() {
  const value = read(() => localStorage, recentKey);
  return Array.isArray(value) ? value.filter((peer) => typeof peer === "string") : [];
}

/** @param {string} peer */
export function rememberPeer(peer) {
  const others = recentPeers().filter((known) => known !== peer);
  write(() => localStorage, recentKey, [peer, ...others].slice(0, maxRecent));
}

export function forgetPeers() {
  write(() => localStorage, recentKey, undefined);
}

/**
 * The id of this tab before it was loaded again. Taken out: a copy of the tab must not take the id over.
 * @returns {{ id: string | undefined, resume: string | undefined }}
 */
export function takeIdentity() {
  const { id, resume } = objectOf(read(() => sessionStorage, identityKey));
  write(() => sessionStorage, identityKey, undefined);
  return { id: stringOf(id), resume: stringOf(resume) };
}

/** @param {import("./net/signaling.js").Identity} identity */
export function keepIdentity({ id, resume }) {
  write(() => sessionStorage, identityKey, { id, resume });
}

/** @returns {string | undefined} the token of this tab: it is gone when the tab is closed */
export function keptToken() {
  return stringOf(read(() => sessionStorage, tokenKey));
}

/** @param {string} token */
export function keepToken(token) {
  write(() => sessionStorage, tokenKey, token);
}

/**
 * Takes a token out of the address, `#token=…`, which no server and no log is told of, and away from there at once:
 * the address may be copied, shown and kept in the history.
 * @returns {string | undefined}
 */
export function takeTokenOfAddress() {
  const fragment = new URLSearchParams(location.hash.slice(1));
  const token = fragment.get("token")?.trim();
  if (token === undefined) return undefined;
  fragment.delete("token");
  const url = new URL(location.href);
  url.hash = fragment.toString();
  history.replaceState(null, "", url);
  if (token === "") return undefined;
  keepToken(token);
  return token;
}

/**
 * @param {() => Storage} storage reading the property throws already where storage is forbidden
 * @param {string} key
 * @returns {unknown}
 */
function read(storage, key) {
  try {
    return JSON.parse(storage().getItem(key) ?? "null");
  } catch {
    return undefined;
  }
}

/**
 * @param {() => Storage} storage
 * @param {string} key
 * @param {unknown} value none: removes it
 */
function write(storage, key, value) {
  try {
    if (value === undefined) storage().removeItem(key);
    else storage().setItem(key, JSON.stringify(value));
  } catch {
    // Full or forbidden.
  }
}
