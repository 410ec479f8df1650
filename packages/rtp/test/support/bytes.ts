/** The bytes that hexadecimal digits name; spaces are for the eye. */
export function hex(...digits: readonly string[]): Uint8Array {
  return new Uint8Array(Buffer.from(digits.join("").replaceAll(" ", ""), "hex"));
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
