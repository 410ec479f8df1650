import { once } from "node:events";
import { connect, type Socket } from "node:net";

export const opcodes = {
  continuation: 0,
  text: 1,
  binary: 2,
  close: 8,
  ping: 9,
  pong: 10,
} as const;

export interface FrameOptions {
  readonly fin?: boolean;
  readonly mask?: boolean;
  readonly rsv?: number;
  /** The length to claim, instead of the real one; always in the 64-bit form. */
  readonly claimedBytes?: bigint;
}

function header(opcode: number, bytes: number, options: FrameOptions): Buffer {
  const { fin = true, mask = true, rsv = 0, claimedBytes } = options;
  const first = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
  const maskBit = mask ? 0x80 : 0;
  if (claimedBytes !== undefined || bytes > 0xffff) {
    const head = Buffer.from([first, maskBit | 127, 0, 0, 0, 0, 0, 0, 0, 0]);
    head.writeBigUInt64BE(claimedBytes ?? BigInt(bytes), 2);
    return head;
  }
  if (bytes < 126) return Buffer.from([first, maskBit | bytes]);
  return Buffer.from([first, maskBit | 126, bytes >> 8, bytes & 0xff]);
}

/** The bytes of one frame as RFC 6455 section 5.2 writes it, or as an attacker would. */
export function rawFrame(
  opcode: number,
  payload: Uint8Array | string = "",
  options: FrameOptions = {},
): Buffer {
  const data = Buffer.from(payload as string);
  const head = header(opcode, data.byteLength, options);
  if (options.mask === false) return Buffer.concat([head, data]);
  const key = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);
  const masked = data.map((byte, index) => byte ^ (key[index & 3] ?? 0));
  return Buffer.concat([head, key, masked]);
}

/** Payload of a close frame. */
export function closePayload(code: number, reason = ""): Buffer {
  const payload = Buffer.alloc(2 + Buffer.byteLength(reason));
  payload.writeUInt16BE(code);
  payload.write(reason, 2);
  return payload;
}

export const upgradeHeaders: readonly string[] = [
  "Host: 127.0.0.1",
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
];

export function upgradeRequest(path = "/ws", headers: readonly string[] = upgradeHeaders): string {
  return `GET ${path} HTTP/1.1\r\n${headers.join("\r\n")}\r\n\r\n`;
}

/** A TCP client that says what it likes, and keeps what it is told. */
export class RawClient {
  readonly socket: Socket;
  /** Resolves when the socket is closed in both directions. */
  readonly ended: Promise<void>;
  #received = Buffer.alloc(0);

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on("error", () => undefined);
    this.ended = new Promise((resolve) => {
      socket.once("close", () => {
        resolve();
      });
    });
    socket.on("data", (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
    });
  }

  static async open(port: number): Promise<RawClient> {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    const client = new RawClient(socket);
    await once(socket, "connect");
    return client;
  }

  /** Connects and completes the handshake. */
  static async upgraded(port: number, path = "/ws"): Promise<RawClient> {
    const client = await RawClient.open(port);
    client.write(upgradeRequest(path));
    const head = await client.until((bytes) => bytes.includes("\r\n\r\n"));
    if (!head.toString().startsWith("HTTP/1.1 101")) throw new Error(head.toString());
    client.skip(head.indexOf("\r\n\r\n") + 4);
    return client;
  }

  /** What came and was not skipped. */
  get received(): Buffer {
    return this.#received;
  }

  get text(): string {
    return this.#received.toString("latin1");
  }

  skip(bytes: number): void {
    this.#received = this.#received.subarray(bytes);
  }

  write(data: string | Uint8Array): void {
    this.socket.write(data);
  }

  /** Writes, and resolves when the kernel has taken it: with noDelay, that is one segment. */
  async segment(data: Uint8Array): Promise<void> {
    await new Promise<void>((resolve) => {
      this.socket.write(data, () => {
        resolve();
      });
    });
  }

  /** Waits until what was received passes the test; throws when the socket closes first. */
  async until(test: (received: Buffer) => boolean): Promise<Buffer> {
    while (!test(this.#received)) {
      if (this.socket.closed) throw new Error(`closed after: ${this.text}`);
      await Promise.race([once(this.socket, "data"), this.ended]);
    }
    return this.#received;
  }

  /** Waits for the close frame of the server and returns its code. */
  async closeCode(): Promise<number> {
    const bytes = await this.until((received) => received.length >= 4 && received[0] === 0x88);
    return bytes.readUInt16BE(2);
  }

  destroy(): void {
    this.socket.destroy();
  }
}
