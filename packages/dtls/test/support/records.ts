/** A record without protection, or one that only says that it has some. */
export function plain(type: number, content: Uint8Array, epoch = 0): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt8(type, 0);
  header.writeUInt16BE(0xfefd, 1);
  header.writeUInt16BE(epoch, 3);
  header.writeUInt16BE(content.length, 11);
  return Buffer.concat([header, content]);
}

export interface FragmentParts {
  readonly type: number;
  readonly sequence: number;
  readonly messageBytes: number;
  readonly offset: number;
  readonly body: Uint8Array;
}

/** A record with a piece of a handshake message, whether it fits the message or not. */
export function fragment({ type, sequence, messageBytes, offset, body }: FragmentParts): Buffer {
  const header = Buffer.alloc(12);
  header.writeUInt8(type, 0);
  header.writeUIntBE(messageBytes, 1, 3);
  header.writeUInt16BE(sequence, 4);
  header.writeUIntBE(offset, 6, 3);
  header.writeUIntBE(body.length, 9, 3);
  return plain(22, Buffer.concat([header, body]));
}

/** A whole message in a record. */
export function message(type: number, sequence: number, body: Uint8Array): Buffer {
  return fragment({ type, sequence, messageBytes: body.length, offset: 0, body });
}
