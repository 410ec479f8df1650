import { ConicError } from "@conic/domain";
import type { EngineChannelInit } from "../engine/port.js";
import type { DataChannelInit } from "../options.js";
import { textBytes } from "./text-bytes.js";

const maxTextBytes = 65_535;

function checkNumber(name: string, value: number | undefined, max: number): void {
  if (value === undefined) return;
  if (!Number.isInteger(value) || value < 0 || value > max) {
    throw new ConicError(
      "invalid_argument",
      `${name} is an integer from 0 to ${max}, not ${value}`,
    );
  }
}

/** Checks what W3C WebRTC section 6.1 ("createDataChannel") checks. @throws ConicError `invalid_argument`. */
export function channelInit(label: string, init: DataChannelInit): EngineChannelInit {
  const protocol = init.protocol ?? "";
  if (textBytes(label) > maxTextBytes || textBytes(protocol) > maxTextBytes) {
    throw new ConicError(
      "invalid_argument",
      `label and protocol are ${maxTextBytes} bytes at most`,
    );
  }
  if (init.maxPacketLifeTime !== undefined && init.maxRetransmits !== undefined) {
    throw new ConicError("invalid_argument", "give maxPacketLifeTime or maxRetransmits, not both");
  }
  if (init.negotiated === true && init.id === undefined) {
    throw new ConicError("invalid_argument", "a negotiated channel needs an id");
  }
  checkNumber("maxPacketLifeTime", init.maxPacketLifeTime, 65_535);
  checkNumber("maxRetransmits", init.maxRetransmits, 65_535);
  checkNumber("id", init.id, 65_534);
  return {
    label,
    protocol,
    ordered: init.ordered ?? true,
    maxRetransmits: init.maxRetransmits,
    maxPacketLifeTimeMs: init.maxPacketLifeTime,
    negotiatedId: init.negotiated === true ? init.id : undefined,
  };
}
