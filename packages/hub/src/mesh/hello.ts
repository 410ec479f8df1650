import { ConicError } from "@conic/domain";
import { MessageReader } from "../wire/reader.js";
import { MessageWriter } from "../wire/writer.js";

/** Changes with the format of anything that nodes tell each other. */
const greeting = "conic mesh 1";

export function writeHello(index: number, size: number): Uint8Array {
  return new MessageWriter().string(greeting).u32(index).u32(size).end();
}

/**
 * Which node it is.
 * @throws ConicError `invalid_data` for what is no greeting of a node of this mesh.
 */
export function readHello(message: Uint8Array, size: number): number {
  const reader = new MessageReader(message);
  const isOurs = reader.string() === greeting;
  const index = reader.u32();
  if (!isOurs || reader.u32() !== size || index >= size) {
    throw new ConicError("invalid_data", "the other process is no node of this mesh", {
      details: { byteOffset: 0 },
    });
  }
  reader.end();
  return index;
}
