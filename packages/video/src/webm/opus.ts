/** 20 ms of silence in Opus: what stands for audio that did not come. */
export const silentPacket: Uint8Array = Uint8Array.of(0xf8, 0xff, 0xfe);
/** In µs. */
export const silentPacketDuration = 20_000;

/** The header of an Opus stream (RFC 7845 section 5.1), which WebM keeps as CodecPrivate. */
export function opusHead(numberOfChannels: 1 | 2, preSkipSamples: number): Uint8Array {
  const head = new Uint8Array(19);
  head.set(new TextEncoder().encode("OpusHead"));
  const view = new DataView(head.buffer);
  view.setUint8(8, 1);
  view.setUint8(9, numberOfChannels);
  view.setUint16(10, preSkipSamples, true);
  view.setUint32(12, 48_000, true);
  return head;
}
