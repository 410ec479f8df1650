import { invalidData, unsupportedData } from "../errors.js";

/** The identification header of an Opus stream (RFC 7845 section 5.1). */
export interface OpusHead {
  readonly numberOfChannels: 1 | 2;
  /** Samples at 48 kHz to drop at the start. */
  readonly preSkipSamples: number;
  /** Of the audio before it was encoded, in Hz; 0 where it is not known. */
  readonly inputSampleRate: number;
  /** To be applied to what is decoded, in dB. */
  readonly outputGainDb: number;
}

const magic = "OpusHead";
/** With mapping family 0, which is all that one or two channels need. */
const headBytes = 19;

export function isOpusHead(packet: Uint8Array): boolean {
  return startsWith(packet, magic);
}

/** @param offset of the packet in the file. @throws ConicError `invalid_data` or `unsupported` */
export function parseHead(packet: Uint8Array, offset: number): OpusHead {
  if (packet.length < headBytes) throw invalidData(offset, "the Opus header is too short");
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  const version = view.getUint8(8);
  if (version >> 4 !== 0) throw unsupportedData(offset, `Opus header of version ${version}`);
  const channels = view.getUint8(9);
  if (channels === 0) throw invalidData(offset, "the Opus header says 0 channels");
  const family = view.getUint8(18);
  // Families other than 0 may also have one stream for one or two channels, but then say so.
  const streams = family === 0 ? 1 : packet[headBytes];
  if ((channels !== 1 && channels !== 2) || family > 1 || streams !== 1) {
    throw unsupportedData(offset, `Opus of ${channels} channels in mapping family ${family}`);
  }
  return {
    numberOfChannels: channels,
    preSkipSamples: view.getUint16(10, true),
    inputSampleRate: view.getUint32(12, true),
    outputGainDb: view.getInt16(16, true) / 256,
  };
}

export function encodeHead(head: Omit<OpusHead, "outputGainDb">): Uint8Array {
  const bytes = new Uint8Array(headBytes);
  bytes.set(new TextEncoder().encode(magic));
  const view = new DataView(bytes.buffer);
  view.setUint8(8, 1);
  view.setUint8(9, head.numberOfChannels);
  view.setUint16(10, head.preSkipSamples, true);
  view.setUint32(12, head.inputSampleRate, true);
  return bytes;
}

export function startsWith(packet: Uint8Array, text: string): boolean {
  const bytes = new TextEncoder().encode(text);
  return packet.length >= bytes.length && bytes.every((byte, i) => packet[i] === byte);
}
