import type { AudioCodec, EncodedAudioPacketSource, InputAudioTrack, Output } from "mediabunny";

// Loaded when the first Ogg file is: whoever has only WAV files does not pay for it.
const load = async (): Promise<typeof import("mediabunny")> => await import("mediabunny");

const codec: AudioCodec = "opus";

/**
 * Takes an Ogg stream apart.
 * @param nextPage whole pages of one Opus stream, one by one, each in memory of its own
 * @returns its audio packets; the loop reads one page ahead at most
 */
export async function* demux(
  nextPage: () => Promise<Uint8Array | undefined>,
): AsyncGenerator<Uint8Array, undefined> {
  const { EncodedPacketSink, Input, OGG, ReadableStreamSource } = await load();
  const stream = new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const page = await nextPage();
        if (page === undefined) controller.close();
        else controller.enqueue(page);
      },
    },
    { highWaterMark: 0 },
  );
  // It reads a page again for each packet in it, and never goes back further than a packet reaches.
  const source = new ReadableStreamSource(stream, { maxCacheSize: 256 * 1024 });
  const input = new Input({ formats: [OGG], source });
  try {
    const track: InputAudioTrack | null = await input.getPrimaryAudioTrack();
    if (track === null) return undefined;
    const packets = new EncodedPacketSink(track);
    for (let packet = await packets.getFirstPacket(); packet !== null;) {
      yield packet.data;
      packet = await packets.getNextPacket(packet);
    }
    return undefined;
  } finally {
    input.dispose();
  }
}

/** Seconds of one page at most: what a crash loses, and fewer packets than make a page overflow. */
const maximumPageDuration = 0.5;

/** Puts packets together to an Ogg stream; pages are handed over while `add` and `finish` run. */
export class Muxer {
  readonly #output: Output;
  readonly #source: EncodedAudioPacketSource;
  readonly #makePacket: (data: Uint8Array, seconds: number, duration: number) => Promise<void>;

  private constructor(
    output: Output,
    source: EncodedAudioPacketSource,
    add: (data: Uint8Array, seconds: number, duration: number) => Promise<void>,
  ) {
    this.#output = output;
    this.#source = source;
    this.#makePacket = add;
  }

  /** @param head the identification header (RFC 7845 section 5.1) */
  static async open(
    head: { readonly bytes: Uint8Array; readonly numberOfChannels: number },
    onPage: (page: Uint8Array) => void,
  ): Promise<Muxer> {
    const vendor = await load();
    const format = new vendor.OggOutputFormat({ maximumPageDuration, onPage });
    const output = new vendor.Output({ format, target: new vendor.NullTarget() });
    const source = new vendor.EncodedAudioPacketSource(codec);
    const { bytes: description, numberOfChannels } = head;
    output.addAudioTrack(source, {
      decoderConfig: { codec, numberOfChannels, sampleRate: 48_000, description },
    });
    await output.start();
    return new Muxer(output, source, async (data, seconds, duration) => {
      await source.add(new vendor.EncodedPacket(data, "key", seconds, duration));
    });
  }

  /** @param samples that count of the packet: fewer than it holds only if it is the last one */
  async add(data: Uint8Array, firstSample: number, samples: number): Promise<void> {
    await this.#makePacket(data, firstSample / 48_000, samples / 48_000);
  }

  async finish(): Promise<void> {
    this.#source.close();
    await this.#output.finalize();
  }
}
