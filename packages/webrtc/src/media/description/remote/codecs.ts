import type { Attributes } from "../sdp/attributes.js";

export interface RemoteCodec {
  readonly payloadType: number;
  /** As in its rtpmap; "" where it has none. */
  readonly encoding: string;
  readonly fmtp: ReadonlyMap<string, string>;
  readonly feedback: readonly string[];
}

const maxParameters = 64;

/** The codecs of an RTP section, best liked first. */
export function readCodecs(formats: readonly string[], attributes: Attributes): RemoteCodec[] {
  const encodings = byPayloadType(attributes.get("rtpmap"));
  const parameters = byPayloadType(attributes.get("fmtp"));
  const feedback = feedbackOf(attributes.get("rtcp-fb"));
  const codecs = new Map<number, RemoteCodec>();
  for (const format of formats) {
    const payloadType = /^\d{1,3}$/.test(format) ? Number(format) : -1;
    if (!isUsable(payloadType) || codecs.has(payloadType)) continue;
    codecs.set(payloadType, {
      payloadType,
      encoding: encodings.get(format) ?? "",
      fmtp: readParameters(parameters.get(format) ?? ""),
      feedback: [...(feedback.get(format) ?? []), ...(feedback.get("*") ?? [])],
    });
  }
  return [...codecs.values()];
}

/** 64 to 95 with the marker bit look like RTCP, which comes on the same port (RFC 5761 section 4). */
function isUsable(payloadType: number): boolean {
  return payloadType >= 0 && payloadType <= 127 && (payloadType < 64 || payloadType > 95);
}

/** The first line of each payload type: `<payload type> <rest>`. */
function byPayloadType(values: readonly string[] = []): Map<string, string> {
  const found = new Map<string, string>();
  for (const value of values) {
    const [payloadType, rest] = splitFirst(value);
    if (!found.has(payloadType)) found.set(payloadType, rest);
  }
  return found;
}

function feedbackOf(values: readonly string[] = []): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const value of values) {
    const [payloadType, rest] = splitFirst(value);
    const known = found.get(payloadType);
    if (known === undefined) found.set(payloadType, [rest]);
    else known.push(rest);
  }
  return found;
}

function splitFirst(value: string): [first: string, rest: string] {
  const space = value.indexOf(" ");
  if (space === -1) return [value, ""];
  return [value.slice(0, space), value.slice(space + 1).trim()];
}

/** `minptime=10; useinbandfec=1` (RFC 7587 section 7); a word without a value gets "". */
function readParameters(text: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (const part of text.split(";", maxParameters)) {
    const [name = "", ...value] = part.split("=");
    const key = name.trim().toLowerCase();
    if (key !== "") parameters.set(key, value.join("=").trim());
  }
  return parameters;
}
