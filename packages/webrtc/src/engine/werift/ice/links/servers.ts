import type { IceServer } from "@conic/domain";
import type { IceServerSource } from "../../../port.js";
import type { RelayServer } from "../../vendor.js";

export interface StunServer {
  readonly host: string;
  readonly port: number;
}

/** More servers than this are not asked: each is one more request from every address. */
export const maxServersOfAKind = 4;

const serverUrl =
  /^(?<scheme>stuns?|turns?):(?:\[(?<v6>[^\]]+)\]|(?<name>[\w.-]+))(?::(?<port>\d+))?(?:\?transport=(?<transport>\w+))?$/;

export function currentServers(source: IceServerSource): readonly IceServer[] {
  return typeof source === "function" ? source() : source;
}

/** The servers to ask, of the URLs of RFC 7064 and RFC 7065. STUN over TLS is asked over UDP: it keeps no secret. */
export function serversOf(iceServers: readonly IceServer[]): {
  stun: StunServer[];
  turn: RelayServer[];
} {
  const stun: StunServer[] = [];
  const turn: RelayServer[] = [];
  for (const { urls, username = "", credential = "" } of iceServers) {
    for (const url of typeof urls === "string" ? [urls] : urls) {
      const { scheme, v6, name, port, transport } = serverUrl.exec(url)?.groups ?? {};
      const host = v6 ?? name;
      if (scheme === undefined || host === undefined) continue;
      const isTls = scheme.endsWith("s");
      if (scheme.startsWith("stun")) stun.push({ host, port: Number(port ?? 3478) });
      else {
        const over = isTls ? "tls" : transport === "tcp" ? "tcp" : "udp";
        const address = [host, Number(port ?? (isTls ? 5349 : 3478))] as const;
        turn.push({ url, address, username, password: credential, transport: over });
      }
    }
  }
  return { stun: stun.slice(0, maxServersOfAKind), turn: turn.slice(0, maxServersOfAKind) };
}
