import { ConicError, type Connection } from "@conic/domain";
import { dialing, type DialOptions } from "../dial/dialing.js";
import { checkNativeClose } from "./close-codes.js";
import { openSocket } from "./native.js";
import { NativeLink } from "./native-link.js";

function unsupported(option: string, why: string): ConicError {
  return new ConicError("unsupported", `a browser has no ${option} for a WebSocket: ${why}`, {
    details: { option },
  });
}

/** An option that is ignored would be believed in. */
function requireNative({ headers, ca, limits }: DialOptions): void {
  if (headers !== undefined && Object.keys(headers).length > 0) {
    throw unsupported("headers", "send what they say in the first message");
  }
  if (ca !== undefined) {
    throw unsupported("ca", "it trusts the authorities that its user or system trusts");
  }
  for (const name of ["pingIntervalMs", "pongTimeoutMs"] as const) {
    if (limits?.[name] === undefined) continue;
    throw unsupported(`limits.${name}`, "only the server can ping, and the browser answers");
  }
}

/**
 * Connects to a WebSocket server with the WebSocket of the browser. The connection is returned at once, in state
 * `connecting`.
 *
 * `opened` rejects with `timeout`, with `aborted`, else with `unreachable` and `details.reason` `other`: browsers do
 * not tell pages why a WebSocket did not open, such as that the server answered 401.
 *
 * @throws ConicError `invalid_argument` for a URL other than `ws:` or `wss:`, or options out of range; `unsupported`
 * for `headers`, `ca`, `limits.pingIntervalMs` and `limits.pongTimeoutMs`, with `details.option`.
 */
export function dialWebSocket(url: string, options: DialOptions = {}): Connection {
  requireNative(options);
  return dialing(url, options, (target, limits, clock) => ({
    link: new NativeLink(openSocket(target.url, options.protocols ?? []), target, limits, clock),
    setup: { checkClose: checkNativeClose },
  }));
}
