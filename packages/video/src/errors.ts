import { ConicError } from "@conic/domain";

/** The file breaks the format; `byteOffset` is where, counted from its start. */
export function invalidData(byteOffset: number, message: string): ConicError<"invalid_data"> {
  return new ConicError("invalid_data", `${message} (at byte ${byteOffset})`, {
    details: { byteOffset },
  });
}

/** The file may be right, but is of a kind that is not read here. */
export function unsupportedData(byteOffset: number, message: string): ConicError<"unsupported"> {
  return new ConicError("unsupported", `${message} (at byte ${byteOffset})`, {
    details: { byteOffset },
  });
}

export function invalidArgument(message: string): ConicError<"invalid_argument"> {
  return new ConicError("invalid_argument", message);
}
