/** RFC 5246 section 7.4 and RFC 6347 section 4.3.2. */
export const messageType = {
  helloRequest: 0,
  clientHello: 1,
  serverHello: 2,
  helloVerifyRequest: 3,
  certificate: 11,
  serverKeyExchange: 12,
  certificateRequest: 13,
  serverHelloDone: 14,
  certificateVerify: 15,
  clientKeyExchange: 16,
  finished: 20,
} as const;

export type MessageName = keyof typeof messageType;

export const messageHeaderBytes = 12;

/** A whole message of the remote. */
export interface HandshakeMessage {
  readonly type: number;
  readonly body: Buffer;
  /** With the header of a message in one piece, as transcripts want it (RFC 6347 section 4.2.6). */
  readonly wire: Buffer;
}

/** A message, or a piece of one, as a record carries it (RFC 6347 section 4.2.2). */
export interface HandshakeFragment {
  readonly type: number;
  readonly messageBytes: number;
  readonly sequence: number;
  readonly offset: number;
  readonly body: Buffer;
}

export function encodeFragment(fragment: HandshakeFragment): Buffer {
  const { type, messageBytes, sequence, offset, body } = fragment;
  const bytes = Buffer.allocUnsafe(messageHeaderBytes + body.length);
  bytes.writeUInt8(type, 0);
  bytes.writeUIntBE(messageBytes, 1, 3);
  bytes.writeUInt16BE(sequence, 4);
  bytes.writeUIntBE(offset, 6, 3);
  bytes.writeUIntBE(body.length, 9, 3);
  body.copy(bytes, messageHeaderBytes);
  return bytes;
}

export function encodeMessage(type: number, sequence: number, body: Buffer): Buffer {
  return encodeFragment({ type, sequence, body, messageBytes: body.length, offset: 0 });
}

/** The fragments of one record; ends at the first that contradicts itself. */
export function* fragmentsOf(content: Buffer): Generator<HandshakeFragment, void, undefined> {
  for (let at = 0; at + messageHeaderBytes <= content.length;) {
    const start = at + messageHeaderBytes;
    const end = start + content.readUIntBE(at + 9, 3);
    const messageBytes = content.readUIntBE(at + 1, 3);
    const offset = content.readUIntBE(at + 6, 3);
    if (end > content.length || offset + (end - start) > messageBytes) return;
    yield {
      type: content.readUInt8(at),
      messageBytes,
      sequence: content.readUInt16BE(at + 4),
      offset,
      body: content.subarray(start, end),
    };
    at = end;
  }
}
