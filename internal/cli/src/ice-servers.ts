import type { IceServer } from "@conic/domain";
import { usageError, type ExitError } from "./exit-codes.js";

// RFC 7064 and 7065, and in front of the host what a WebRTC client needs to know beside the URL.
const urlPattern =
  /^(?<scheme>stuns?|turns?):(?:(?<user>[^:@\s]+):(?<password>[^@\s]+)@)?(?<address>(?:\[[0-9A-Fa-f:.]+\]|[^\s:@?/[\]]+)(?::\d{1,5})?(?:\?transport=(?:udp|tcp))?)$/;

/** @throws ExitError for what is no STUN or TURN URL. Its text never holds the URL: that may hold a password. */
function parseIceServer(text: string, position: number): IceServer {
  const groups = urlPattern.exec(text)?.groups;
  if (groups === undefined) throw wrong(position, "is not a URL such as stun:host:3478");
  const { scheme = "", user, password, address = "" } = groups;
  const urls = `${scheme}:${address}`;
  if (!scheme.startsWith("turn")) {
    if (user !== undefined) throw wrong(position, "is STUN, which takes no user and password");
    if (address.includes("?")) throw wrong(position, "is STUN, which takes no transport");
    return { urls };
  }
  if (user === undefined || password === undefined) {
    throw wrong(position, "is TURN and needs them: turn:user:password@host:3478");
  }
  try {
    const username = decodeURIComponent(user);
    return { urls, username, credential: decodeURIComponent(password) };
  } catch {
    throw wrong(position, "has a % that begins no escape; write %25 for it");
  }
}

function wrong(position: number, what: string): ExitError {
  return usageError(`--ice-server: number ${position} ${what}`);
}

/**
 * Servers out of a list with commas. User and password are percent-encoded where they hold `, : @ %`.
 * @throws ExitError with code 2.
 */
export function parseIceServers(list: string): IceServer[] {
  const texts = list.split(",").map((text) => text.trim());
  return texts.filter((text) => text !== "").map((text, i) => parseIceServer(text, i + 1));
}

/** The arguments with all values of a repeated option as one in front: node:util keeps the last one only. */
export function joinRepeated(argv: readonly string[], option: string): string[] {
  const rest: string[] = [];
  const values: string[] = [];
  for (let i = 0; i < argv.length; i += 1) {
    const arg = argv[i] ?? "";
    const next = argv[i + 1];
    if (arg.startsWith(`${option}=`)) values.push(arg.slice(option.length + 1));
    else if (arg === option && next !== undefined && !next.startsWith("-")) {
      values.push(next);
      i += 1;
    } else rest.push(arg);
  }
  return values.length === 0 ? rest : [`${option}=${values.join(",")}`, ...rest];
}
