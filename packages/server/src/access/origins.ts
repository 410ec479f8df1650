import type { IncomingMessage } from "node:http";
import { ConicError } from "@conic/domain";

/**
 * An origin as browsers write it (RFC 6454 section 6.2): lower case, IDN in Punycode, no default port.
 * @throws ConicError `invalid_argument` for what is no origin, such as one with a path, a wildcard, or `null`.
 */
export function serializeOrigin(text: string): string {
  let url: URL | undefined;
  try {
    url = new URL(text);
  } catch {
    // Told below.
  }
  const extra = url === undefined || `${url.username}${url.password}${url.search}${url.hash}`;
  const noPath = url?.pathname === "/" || url?.pathname === "";
  const written = /^[a-z][a-z0-9+.-]*:\/\/[^/?#@\\*\s]+\/?$/i.test(text);
  if (url === undefined || extra !== "" || !noPath || url.host === "" || !written) {
    const shape = "scheme://host[:port], such as https://example.net";
    throw new ConicError("invalid_argument", `an allowed origin is ${shape}, not "${text}"`);
  }
  // `url.origin` is "null" for schemes of apps, such as capacitor://localhost, which do have an Origin.
  return `${url.protocol}//${url.host}`.toLowerCase();
}

/**
 * Refuses requests of pages that are not of one of the origins. Compares what the browser sent with what it would
 * send, character by character: nothing is parsed that a stranger wrote. A request without an Origin is not a
 * page's, and whoever sends one can write what it likes: tokens are for those.
 * @throws ConicError `invalid_argument` for what is no origin.
 */
export function originCheck(allowed: readonly string[]): (request: IncomingMessage) => void {
  const origins = new Set(allowed.map(serializeOrigin));
  return ({ headers: { origin } }) => {
    if (origin === undefined || origins.has(origin)) return;
    throw new ConicError("forbidden", "pages of this origin may not connect");
  };
}
