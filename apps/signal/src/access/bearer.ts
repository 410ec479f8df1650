import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

/** As digests: comparing them tells nothing about the token, not even its length. */
export function sameText(a: string, b: string): boolean {
  return timingSafeEqual(digest(a), digest(b));
}

/** The token of `Authorization: Bearer …` (RFC 6750 section 2.1); undefined where there is none. */
export function bearerToken({ headers }: IncomingMessage): string | undefined {
  const given = /^Bearer +(?<token>\S+)$/i.exec(headers.authorization ?? "");
  return given?.groups?.["token"];
}
