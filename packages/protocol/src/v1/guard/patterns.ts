import type { RelayMessageType } from "../messages.js";

// Most frames that a server sees are candidates and descriptions as encodeMessage and other JSON writers make them. They
// are recognised here in one pass over the text, with nothing unescaped and nothing built. These patterns accept
// less than the schemas do, and never more: what they do not know, from an unknown field to an odd order, is read the
// long way, which also words the errors.

/** In `raw`, quotes are written with one escape. */
export const quote: string = String.raw`\\"`;
export const chars: string = String.raw`[^"\\\0-\x1f]`;
/** An escape of a string in `raw`, whose own backslashes are escaped, as JSON.stringify does it. */
const escape = String.raw`\\\\(?:[bfnrt/]|u[\dA-Fa-f]{4}|\\\\|\\")`;
// Each character can be matched in one way only: a text that does not fit is refused in linear time.
const text = `${quote}${chars}*(?:${escape}${chars}*)*${quote}`;
// Its length is looked at afterwards: a counted repetition is several times slower.
const id = `${quote}([A-Za-z0-9._~@:-]+)${quote}`;

const comma = ", ?";

function member(key: string, value: string): string {
  return `${quote}${key}${quote}: ?${value}`;
}

function frameOf(type: string, body: string): RegExp {
  const correlation = `(?:${comma}"id": ?"(${chars}*)")?`;
  return new RegExp(
    String.raw`^\{"type": ?"${type}"${comma}"raw": ?"\{${body}\}"${correlation}\}$`,
  );
}

function relayed(type: RelayMessageType, content: string): readonly [RelayMessageType, RegExp] {
  const ids = `(?:${member("ID", id)}${comma})?${member("TargetID", id)}`;
  return [type, frameOf(type, `${ids}${comma}${content}`)];
}

const kind = member("type", `${quote}(?:offer|pranswer|answer|rollback)${quote}`);
const sdp = member("sdp", text);
const description = String.raw`\{(?:${kind}${comma}${sdp}|${sdp}${comma}${kind})\}`;

/** Groups: ID, TargetID, correlation id. The commonest type first. */
export const relayPatterns: readonly (readonly [RelayMessageType, RegExp])[] = [
  relayed("candidate", member("Candidate", text)),
  relayed("sdp", member("SessionDescription", description)),
  relayed("data_channel", `${member("Label", text)}${comma}${member("Data", text)}`),
];

/** A group. 15 digits, however large, are what a double counts exactly. */
export const count: string = String.raw`(0|[1-9]\d{0,14})`;

/** Groups: Received, correlation id. */
export const ackPattern: RegExp = frameOf("ack", member("Received", count));
