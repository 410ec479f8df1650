// The operations of the packet figures. Each returns a function that does one and gives 1 when the result is right.
import { randomBytes } from "node:crypto";
import { parseRtp, parseVp8, RtpSession, SrtpSession, writeRtp } from "@conic/rtp";
import { RtpHeader, RtpPacket, SrtpSession as WeriftSrtpSession, Vp8RtpPayload } from "werift";

/** @import { SrtpKeys } from "@conic/rtp" */
/** @import { Kind } from "./types.js" */

const ssrc = 0x01020304;
const mid = { id: 4, data: Buffer.from("1") };
/** Different packets in turn, so that nothing can be kept from the last one. */
const variety = 64;

/** Descriptors with a picture number of 15 bits, as everybody sends them, and the begin of a delta frame. @param {number} bytes */
function vp8Payloads(bytes) {
  return Array.from({ length: variety }, (_, i) => {
    const payload = Buffer.alloc(bytes, 1);
    payload.set([0x90, 0x80, 0x80 | (i >> 8), i, 0x01]);
    return payload;
  });
}

/** @param {number} bytes */
function rtpPackets(bytes) {
  return vp8Payloads(bytes).map((payload, sequenceNumber) =>
    Buffer.from(writeRtp({ ...headerOf(sequenceNumber), extensions: [mid], payload })),
  );
}

/** @param {number} sequenceNumber */
function headerOf(sequenceNumber) {
  return { marker: true, payloadType: 96, sequenceNumber, timestamp: sequenceNumber * 960, ssrc };
}

/** @template T @param {readonly T[]} items @param {(item: T) => boolean} isRight */
function inTurn(items, isRight) {
  let i = 0;
  return () => {
    const item = items[i];
    i = (i + 1) % items.length;
    return item !== undefined && isRight(item) ? 1 : 0;
  };
}

/** Packets as the remote of these keys would send them. @param {SrtpKeys} keys @param {number} bytes @param {number} count */
function protectedPackets(keys, bytes, count) {
  const session = new SrtpSession(keys);
  const payload = randomBytes(bytes);
  return Array.from({ length: count }, (_, sequenceNumber) =>
    Buffer.from(session.protectRtp(writeRtp({ ...headerOf(sequenceNumber), payload }))),
  );
}

export const conicPackets = {
  /** @param {number} bytes */
  parseVp8: (bytes) =>
    inTurn(vp8Payloads(bytes), (payload) => parseVp8(payload)?.headerBytes === 4),
  /** @param {number} bytes */
  parseRtp: (bytes) => inTurn(rtpPackets(bytes), (packet) => parseRtp(packet)?.ssrc === ssrc),
  /** @param {SrtpKeys} keys @param {number} bytes */
  protect(keys, bytes) {
    const session = new SrtpSession(keys);
    const payload = randomBytes(bytes);
    let sequenceNumber = 0;
    return () => {
      sequenceNumber += 1;
      const packet = writeRtp({ ...headerOf(sequenceNumber), payload });
      return session.protectRtp(packet).length > bytes ? 1 : 0;
    };
  },
  /** @param {SrtpKeys} keys @param {number} bytes @param {number} count */
  unprotect(keys, bytes, count) {
    const session = new SrtpSession(keys);
    const packets = protectedPackets(keys, bytes, count);
    return inTurn(packets, (packet) => session.unprotectRtp(packet)?.length === bytes + 12);
  },
  /** From a chunk to the chunk of the other end. @param {Kind} kind @param {number} bytes */
  session(kind, bytes) {
    const { sender, received } = sessionPair(kind);
    const key = new Uint8Array(bytes).fill(0x78);
    const delta = new Uint8Array(bytes).fill(0x79);
    const duration = kind === "audio" ? 20_000 : 33_333;
    let frame = 0;
    return () => {
      const isKey = kind === "audio" || frame === 0;
      const data = isKey ? key : delta;
      const timestamp = frame * duration;
      sender.send({ type: isKey ? "key" : "delta", timestamp, duration, data }, timestamp / 1000);
      frame += 1;
      return received.count === frame ? 1 : 0;
    };
  },
};

/** Two sessions, the packets of one given to the other. @param {Kind} kind */
function sessionPair(kind) {
  const received = { count: 0 };
  const options = { wallClock: Date.now, randomUint32: () => randomBytes(4).readUInt32BE() };
  const other = new RtpSession({ ...options, cname: "receiver", output: () => undefined });
  let now = 0;
  const own = new RtpSession({
    ...options,
    cname: "sender",
    output: (packet) => {
      now += 1;
      other.receive(packet, now);
    },
  });
  const clockRate = kind === "audio" ? 48_000 : 90_000;
  const payloadType = kind === "audio" ? 111 : 96;
  const common = { kind, clockRate, nack: kind === "video", mid: { extensionId: 4, value: "1" } };
  const sender = own.addSender({ ...common, ssrc, payloadType });
  other.addReceiver({
    ...common,
    payloadTypes: [payloadType],
    ssrcs: [ssrc],
    pli: kind === "video",
    onChunk: () => {
      received.count += 1;
    },
  });
  return { sender, received };
}

/** @param {SrtpKeys} keys */
function weriftSession(keys) {
  return new WeriftSrtpSession({
    keys: {
      localMasterKey: Buffer.from(keys.localKey),
      localMasterSalt: Buffer.from(keys.localSalt),
      remoteMasterKey: Buffer.from(keys.remoteKey),
      remoteMasterSalt: Buffer.from(keys.remoteSalt),
    },
    profile: keys.profile,
  });
}

export const weriftPackets = {
  /** @param {number} bytes */
  parseVp8: (bytes) =>
    inTurn(vp8Payloads(bytes), (payload) => Vp8RtpPayload.deSerialize(payload).iBit === 1),
  /** @param {number} bytes */
  parseRtp: (bytes) =>
    inTurn(rtpPackets(bytes), (packet) => RtpPacket.deSerialize(packet).header.ssrc === ssrc),
  /** @param {SrtpKeys} keys @param {number} bytes */
  protect(keys, bytes) {
    const session = weriftSession(keys);
    const payload = randomBytes(bytes);
    let sequenceNumber = 0;
    return () => {
      sequenceNumber += 1;
      const header = new RtpHeader(headerOf(sequenceNumber));
      return session.encrypt(payload, header).length > bytes ? 1 : 0;
    };
  },
  /** @param {SrtpKeys} keys @param {number} bytes @param {number} count */
  unprotect(keys, bytes, count) {
    const session = weriftSession(keys);
    const packets = protectedPackets(keys, bytes, count);
    return inTurn(packets, (packet) => session.decrypt(packet).length === bytes + 12);
  },
};
