// As much of DER (ITU-T X.690) as a self-signed certificate needs.

const tags = {
  integer: 0x02,
  bitString: 0x03,
  objectId: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
  explicit0: 0xa0,
} as const;

function element(tag: number, content: Uint8Array): Buffer {
  const { length } = content;
  const size = length.toString(16);
  const head =
    length < 0x80
      ? Buffer.from([tag, length])
      : Buffer.concat([
          Buffer.from([tag, 0x80 | Math.ceil(size.length / 2)]),
          Buffer.from(size.length % 2 === 0 ? size : `0${size}`, "hex"),
        ]);
  return Buffer.concat([head, content]);
}

export function sequence(...parts: readonly Buffer[]): Buffer {
  return element(tags.sequence, Buffer.concat(parts));
}

export function set(...parts: readonly Buffer[]): Buffer {
  return element(tags.set, Buffer.concat(parts));
}

export function explicit0(content: Buffer): Buffer {
  return element(tags.explicit0, content);
}

/** `magnitude`: big-endian, without needless zeros in front, above 0. */
export function positiveInteger(magnitude: Buffer): Buffer {
  const signed = (magnitude[0] ?? 0) < 0x80 ? magnitude : Buffer.concat([Buffer.of(0), magnitude]);
  return element(tags.integer, signed);
}

export function bitString(content: Buffer): Buffer {
  return element(tags.bitString, Buffer.concat([Buffer.of(0), content]));
}

export function utf8String(text: string): Buffer {
  return element(tags.utf8String, Buffer.from(text, "utf8"));
}

/** `content`: the encoded arcs, in hex. */
export function objectId(content: string): Buffer {
  return element(tags.objectId, Buffer.from(content, "hex"));
}

/** RFC 5280 section 4.1.2.5: two digits of the year until 2049, four after. */
export function time(unixMs: number): Buffer {
  const digits = new Date(unixMs).toISOString().replaceAll(/[-:T]|\.\d+/g, "");
  const year = Number(digits.slice(0, 4));
  return year < 2050
    ? element(tags.utcTime, Buffer.from(digits.slice(2), "latin1"))
    : element(tags.generalizedTime, Buffer.from(digits, "latin1"));
}
