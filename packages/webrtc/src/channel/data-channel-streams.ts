import { ConicError, type AbortOptions, type CloseInfo, type MessageStream } from "@conic/domain";
import type { WritableStreamDefaultController } from "node:stream/web";
import { textBytes } from "./text-bytes.js";

/** What {@link DataChannel.writable} takes: text, and bytes in any of JavaScript's shapes. */
export type DataChannelChunk = string | Uint8Array | ArrayBuffer | ArrayBufferView;

type Message = string | Uint8Array;

/** What the streams need of a channel. */
interface StreamedChannel extends MessageStream<Message> {
  readonly label: string;
  readonly maxMessageBytes: number;
  flush(options?: AbortOptions): Promise<void>;
  discard(): void;
}

// Larger messages gain nothing, and those of other channels wait behind them.
const maxPieceBytes = 65_536;

/** The messages of a channel: none is taken out of its inbox before somebody asks for it. */
export function createReadable(channel: StreamedChannel): ReadableStream<Message> {
  let isCancelled = false;
  return new ReadableStream<Message>(
    {
      pull: async (controller) => {
        const { done, value } = await nextMessage(channel);
        if (isCancelled) return;
        if (done !== true) {
          controller.enqueue(value);
          return;
        }
        const info = await channel.closed;
        if (info.wasClean) controller.close();
        else controller.error(endError(channel, info));
      },
      cancel: async () => {
        isCancelled = true;
        channel.discard();
        await channel.close();
      },
    },
    { highWaterMark: 0 },
  );
}

/** Takes the queue for this one message only: between two of them, others may read. */
async function nextMessage(channel: StreamedChannel): Promise<IteratorResult<Message, undefined>> {
  const messages = channel[Symbol.asyncIterator]();
  try {
    return await messages.next();
  } finally {
    await messages.return?.();
  }
}

/** Messages to a channel, at the pace of the network; bytes are cut into messages that the remote accepts. */
export function createWritable(
  channel: StreamedChannel,
  maxBufferedBytes: number,
): WritableStream<DataChannelChunk> {
  return new WritableStream<DataChannelChunk>(new ChannelSink(channel, maxBufferedBytes));
}

/** With what the types of Node leave out (WHATWG Streams, section 5.4.2). */
interface SinkController extends WritableStreamDefaultController {
  readonly signal: AbortSignal;
}

class ChannelSink {
  readonly #channel: StreamedChannel;
  readonly #maxBufferedBytes: number;
  #isClosing = false;

  constructor(channel: StreamedChannel, maxBufferedBytes: number) {
    this.#channel = channel;
    this.#maxBufferedBytes = maxBufferedBytes;
  }

  start(controller: WritableStreamDefaultController): void {
    // The signal also ends a write or a close that waits for the remote; `abort` alone would come after them.
    const { signal } = controller as SinkController;
    signal.addEventListener("abort", () => {
      this.abort(signal.reason);
    });
    void this.#channel.closed.then((info) => {
      if (!this.#isClosing) controller.error(endError(this.#channel, info));
    });
  }

  async write(chunk: DataChannelChunk): Promise<void> {
    const channel = this.#channel;
    try {
      // Only an open channel knows what its remote accepts.
      await channel.ready();
      for (const message of this.#messagesOf(chunk)) await this.#send(message);
    } catch (error) {
      // A stream that has lost a chunk cannot go on, and must not end as if it were whole.
      if (channel.readyState === "open") channel.abort(ConicError.from(error, "internal"));
      throw await this.#reason(error);
    }
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    try {
      await this.#channel.flush();
    } catch (error) {
      throw await this.#reason(error);
    }
    await this.#channel.close();
  }

  abort(reason: unknown): void {
    const message = `writing to channel "${this.#channel.label}" was aborted`;
    this.#channel.abort(ConicError.from(reason, "aborted", message));
  }

  *#messagesOf(chunk: DataChannelChunk): Generator<Message> {
    if (typeof chunk === "string") {
      yield chunk;
      return;
    }
    const bytes = bytesOf(chunk);
    const pieceBytes = Math.min(
      maxPieceBytes,
      this.#channel.maxMessageBytes,
      this.#maxBufferedBytes,
    );
    let from = 0;
    // An empty chunk is an empty message.
    do {
      yield bytes.subarray(from, from + pieceBytes);
      from += pieceBytes;
    } while (from < bytes.byteLength);
  }

  async #send(message: Message): Promise<void> {
    const channel = this.#channel;
    const bytes = typeof message === "string" ? textBytes(message) : message.byteLength;
    await channel.ready();
    // Below the high-water mark there may still be less room than this message takes.
    while (channel.bufferedAmount > 0 && channel.bufferedAmount + bytes > this.#maxBufferedBytes) {
      await channel.flush();
    }
    channel.send(message);
  }

  /** Why the channel ended, which says more than that it did. */
  async #reason(error: unknown): Promise<unknown> {
    if (this.#channel.readyState !== "closed") return error;
    return (await this.#channel.closed).error ?? error;
  }
}

function bytesOf(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  if (ArrayBuffer.isView(chunk)) {
    return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  }
  if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk);
  throw new ConicError(
    "invalid_argument",
    "a chunk is a string, an ArrayBuffer or a view of one, such as a Uint8Array",
  );
}

function endError({ label }: StreamedChannel, { error }: CloseInfo): ConicError {
  return error ?? new ConicError("closed", `channel "${label}" is closed`);
}
