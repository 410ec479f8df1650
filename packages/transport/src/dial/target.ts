import { ConicError } from "@conic/domain";

/** Where to dial. */
export interface Target {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
}

/** @throws ConicError `invalid_argument` unless `url` is a `ws:` or `wss:` URL without a fragment. */
export function parseTarget(url: string): Target {
  if (!URL.canParse(url)) {
    throw new ConicError(
      "invalid_argument",
      "the URL cannot be read; it looks like ws://host:3000/ws",
    );
  }
  const parsed = new URL(url);
  if (parsed.protocol !== "ws:" && parsed.protocol !== "wss:") {
    throw new ConicError("invalid_argument", "the URL must begin with ws:// or wss://");
  }
  if (parsed.hash !== "") {
    throw new ConicError("invalid_argument", "the URL of a WebSocket has no fragment (#…)");
  }
  const secure = parsed.protocol === "wss:";
  const port = parsed.port === "" ? (secure ? 443 : 80) : Number(parsed.port);
  return { url: parsed.href, host: parsed.hostname, port, secure };
}
