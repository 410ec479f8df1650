import type { ChannelSettings } from "./types.js";

/** Largest label, and largest protocol: their lengths are 16 bits. */
export const maxNameBytes = 65_535;

const ack = 0x02;
const open = 0x03;
const openHeaderBytes = 12;

const reliable = 0x00;
const retransmits = 0x01;
const lifetime = 0x02;
const unorderedFlag = 0x80;

// A name keeps a byte order mark that starts it.
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

export type DcepMessage =
  | { readonly kind: "ack" }
  | { readonly kind: "open"; readonly settings: ChannelSettings }
  | { readonly kind: "invalid"; readonly reason: string };

/** DATA_CHANNEL_OPEN (RFC 8832 section 5.1). Names above {@link maxNameBytes} are the caller's fault. */
export function encodeOpen(settings: ChannelSettings): Uint8Array {
  const label = Buffer.from(settings.label);
  const protocol = Buffer.from(settings.protocol);
  const bytes = new Uint8Array(openHeaderBytes + label.length + protocol.length);
  const view = new DataView(bytes.buffer);
  const { maxRetransmits, maxPacketLifeTimeMs } = settings;
  const limit =
    maxRetransmits !== undefined
      ? retransmits
      : maxPacketLifeTimeMs !== undefined
        ? lifetime
        : reliable;
  view.setUint8(0, open);
  view.setUint8(1, limit | (settings.ordered ? 0 : unorderedFlag));
  view.setUint16(2, settings.priority);
  view.setUint32(4, maxRetransmits ?? maxPacketLifeTimeMs ?? 0);
  view.setUint16(8, label.length);
  view.setUint16(10, protocol.length);
  bytes.set(label, openHeaderBytes);
  bytes.set(protocol, openHeaderBytes + label.length);
  return bytes;
}

/** DATA_CHANNEL_ACK (RFC 8832 section 5.2). */
export function encodeAck(): Uint8Array {
  return Uint8Array.of(ack);
}

/** Any bytes; never throws. */
export function parseDcep(bytes: Uint8Array): DcepMessage {
  const type = bytes[0];
  if (type === ack) return { kind: "ack" };
  if (type === open) return parseOpen(bytes);
  return invalid(type === undefined ? "it is empty" : `its type is ${type}`);
}

function parseOpen(bytes: Uint8Array): DcepMessage {
  if (bytes.length < openHeaderBytes) return invalid(`an OPEN of ${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const channelType = view.getUint8(1);
  const limit = channelType & ~unorderedFlag;
  if (limit > lifetime) return invalid(`its channel type is 0x${channelType.toString(16)}`);
  const labelEnd = openHeaderBytes + view.getUint16(8);
  const end = labelEnd + view.getUint16(10);
  // Bytes after the end are let through: werift counts the label in UTF-16 units while it writes UTF-8. A channel with
  // its label cut, which is what other stacks make of it, is better than none.
  if (end > bytes.length)
    return invalid(`an OPEN of ${bytes.length} bytes whose names end at ${end}`);
  const reliability = view.getUint32(4);
  return {
    kind: "open",
    settings: {
      label: utf8.decode(bytes.subarray(openHeaderBytes, labelEnd)),
      protocol: utf8.decode(bytes.subarray(labelEnd, end)),
      ordered: (channelType & unorderedFlag) === 0,
      maxRetransmits: limit === retransmits ? reliability : undefined,
      maxPacketLifeTimeMs: limit === lifetime ? reliability : undefined,
      negotiated: false,
      priority: view.getUint16(2),
    },
  };
}

function invalid(reason: string): DcepMessage {
  return { kind: "invalid", reason };
}
