import { hash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Link } from "../../connection/link.js";
import type { Refusal } from "../upgrade.js";
import { ServerLink, type WebSocketLinkOptions } from "./server-link.js";

/**
 * Answers an upgrade request of the client at `remoteAddress` that `checkUpgrade` let pass: calls `onLink`, or returns
 * why there is no WebSocket. Neither for a client that has gone.
 * @throws Error when another listener has taken the stream.
 */
export type Upgrader = (
  request: IncomingMessage,
  stream: Duplex,
  head: Buffer,
  remoteAddress: string,
  onLink: (link: Link) => void,
) => Refusal | undefined;

const guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/** 16 bytes in base64. */
const keyPattern = /^[+/0-9A-Za-z]{22}==$/;
// RFC 9110 section 5.6.2.
const tokenPattern = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** `Sec-WebSocket-Accept` for a key (RFC 6455 section 4.2.2). */
export function acceptOf(key: string): string {
  return hash("sha1", key + guid, "base64");
}

/** The subprotocols in a header; undefined when it is not one of RFC 6455 section 11.3.4, or names one twice. */
export function protocolsIn(header: string): readonly string[] | undefined {
  // As nearly all are.
  if (tokenPattern.test(header)) return [header];
  const names = header.split(",").map((name) => name.replaceAll(/^[ \t]+|[ \t]+$/g, ""));
  const isValid = names.every((name) => tokenPattern.test(name));
  return isValid && new Set(names).size === names.length ? names : undefined;
}

/** No extension is ever agreed to. */
function answer(key: string, protocol: string): string {
  const chosen = protocol === "" ? "" : `Sec-WebSocket-Protocol: ${protocol}\r\n`;
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptOf(key)}\r\n${chosen}\r\n`;
}

/** @param supported in order of preference; a client that offers none of them gets none. */
export function createUpgrader(
  supported: readonly string[],
  options: WebSocketLinkOptions,
): Upgrader {
  return ({ headers }, stream, head, remoteAddress, onLink) => {
    const key = headers["sec-websocket-key"] ?? "";
    if (!keyPattern.test(key)) {
      return { status: 400, message: "Sec-WebSocket-Key is missing or no 16 bytes in base64" };
    }
    const header = headers["sec-websocket-protocol"];
    const offered = header === undefined ? [] : protocolsIn(header);
    if (offered === undefined) {
      return { status: 400, message: "Sec-WebSocket-Protocol is no list of different tokens" };
    }
    // Node has removed its own; whoever listens speaks with this client already.
    if (stream.listenerCount("data") > 0) {
      throw new Error("another listener has taken this socket");
    }
    if (!stream.readable || !stream.writable) {
      stream.destroy();
      return undefined;
    }
    const protocol = supported.find((name) => offered.includes(name)) ?? "";
    stream.write(answer(key, protocol), "latin1");
    if (head.length > 0) stream.unshift(head);
    onLink(new ServerLink({ stream, protocol, remoteAddress }, options));
    return undefined;
  };
}
