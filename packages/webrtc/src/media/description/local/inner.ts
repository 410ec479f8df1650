import { ConicError, type SessionDescription } from "@conic/domain";
import { attributeName, parseMediaLine, writeMediaLine } from "../sdp/attributes.js";
import { isData } from "../layout.js";
import { parseSdp } from "../sdp/text.js";
import type { RemoteDescription } from "../remote/description.js";
import type { RemoteSection } from "../remote/section.js";

/** A description of the engine below, which knows nothing but one m=application. */
export interface InnerDescription {
  readonly type: "offer" | "answer";
  readonly session: readonly string[];
  readonly lines: readonly string[];
  readonly mid: string;
  /** The c= line and the attributes of the transport, for every section that shares it. */
  readonly transport: readonly string[];
  /** For the tagged section alone (RFC 8843 section 7.1.3). */
  readonly candidates: readonly string[];
}

const transportNames = new Set([
  "ice-ufrag",
  "ice-pwd",
  "ice-options",
  "ice-pacing",
  "fingerprint",
  "setup",
  "tls-id",
]);
const candidateNames = new Set(["candidate", "end-of-candidates", "remote-candidates"]);

export function isCandidateLine(line: string): boolean {
  return candidateNames.has(attributeName(line) ?? "");
}

/** Of the transport, candidates and all. */
export function isTransportLine(line: string): boolean {
  return (
    line.startsWith("c=") || transportNames.has(attributeName(line) ?? "") || isCandidateLine(line)
  );
}

/** @throws ConicError `internal` when the engine made something else. */
export function splitInner({ type, sdp }: SessionDescription): InnerDescription {
  const { session, sections } = parseSdp(sdp);
  const [lines] = sections;
  if (lines === undefined || sections.length > 1 || !isData(parseMediaLine(lines[0] ?? ""))) {
    throw new ConicError("internal", "the engine described something else than data channels");
  }
  if (type !== "offer" && type !== "answer") {
    throw new ConicError("internal", "the engine described neither an offer nor an answer");
  }
  const transport = lines.filter(isTransportLine);
  return {
    type,
    session,
    lines,
    mid: lines.find((line) => attributeName(line) === "mid")?.slice("a=mid:".length) ?? "0",
    transport: transport.filter((line) => !isCandidateLine(line)),
    candidates: transport.filter(isCandidateLine),
  };
}

export interface InnerParts {
  readonly remote: RemoteDescription;
  /** m=application of the remote; undefined where there is none, or a refused one. */
  readonly data: RemoteSection | undefined;
  /** Whose transport is used; undefined where no section is live. */
  readonly tagged: RemoteSection | undefined;
  /** In force until now. */
  readonly remoteTransport: readonly string[];
  readonly mid: string;
}

/** What the engine below is to see of a remote description. */
export function innerText({ remote, data, tagged, remoteTransport, mid }: InnerParts): {
  readonly session: readonly string[];
  readonly sections: readonly (readonly string[])[];
} {
  const session = remote.session.filter((line) => attributeName(line) !== "group");
  if (remote.hasGroup) session.push(`a=group:BUNDLE ${mid}`);
  const transport = tagged?.lines.filter(isTransportLine) ?? remoteTransport;
  const { proto, formats } = data ?? madeUp;
  const lines = data?.lines.slice(1) ?? ["a=sctp-port:5000"];
  // A port of 0 would be a refusal, and the section may be one that says bundle-only.
  const port = (tagged?.port ?? 0) === 0 ? 9 : (tagged?.port ?? 9);
  const rest = lines.filter((line) => !isTransportLine(line) && !isReplaced(line));
  return {
    session,
    sections: [
      [
        writeMediaLine({ kind: "application", port, proto, formats }),
        ...transport,
        `a=mid:${mid}`,
        ...rest,
      ],
    ],
  };
}

const madeUp = { proto: "UDP/DTLS/SCTP", formats: ["webrtc-datachannel"] } as const;

function isReplaced(line: string): boolean {
  const name = attributeName(line);
  return name === "mid" || name === "bundle-only";
}
