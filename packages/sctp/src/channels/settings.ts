import { ConicError } from "@conic/domain";
import { maxNameBytes } from "./dcep.js";
import type { ChannelInit, ChannelSettings } from "./types.js";

/** RFC 8831 section 6.4. */
export const normalPriority = 256;

/** 65,535 is no stream id: a stack that counts streams in 16 bits has at most 65,535 of them. */
export const maxStreamId = 65_534;

const uint16 = 0xff_ff;
const uint32 = 0xff_ff_ff_ff;

/**
 * Fills in the defaults.
 *
 * @throws ConicError `invalid_argument`.
 */
export function channelSettings(init: ChannelInit): ChannelSettings {
  const { label, protocol = "", maxRetransmits, maxPacketLifeTimeMs, negotiatedId } = init;
  const priority = init.priority ?? normalPriority;
  checkName("label", label);
  checkName("protocol", protocol);
  checkRange("maxRetransmits", maxRetransmits, uint32);
  checkRange("maxPacketLifeTimeMs", maxPacketLifeTimeMs, uint32);
  checkRange("negotiatedId", negotiatedId, maxStreamId);
  checkRange("priority", priority, uint16);
  if (maxRetransmits !== undefined && maxPacketLifeTimeMs !== undefined) {
    throw new ConicError(
      "invalid_argument",
      "give maxRetransmits or maxPacketLifeTimeMs, not both",
    );
  }
  return {
    label,
    protocol,
    ordered: init.ordered ?? true,
    maxRetransmits,
    maxPacketLifeTimeMs,
    negotiated: negotiatedId !== undefined,
    priority,
  };
}

function checkName(name: string, value: string): void {
  const bytes = Buffer.byteLength(value);
  if (bytes <= maxNameBytes) return;
  throw new ConicError(
    "invalid_argument",
    `the ${name} is ${bytes} bytes of UTF-8; shorten it to ${maxNameBytes}`,
  );
}

function checkRange(name: string, value: number | undefined, max: number): void {
  if (value === undefined || (Number.isInteger(value) && value >= 0 && value <= max)) return;
  throw new ConicError("invalid_argument", `${name} is ${value}; use an integer from 0 to ${max}`);
}
