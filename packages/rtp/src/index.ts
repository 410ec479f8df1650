export { isRtcp } from "./packet/packet.js";
export type { RtpExtension, RtpExtensions, RtpPacket, RtpPacketInit } from "./packet/packet.js";
export { parseRtp } from "./packet/parse.js";
export { sequenceDelta, timestampDelta, unwrapSequence, unwrapTimestamp } from "./packet/serial.js";
export { writeRtp } from "./packet/write.js";
export { opusPacketDuration } from "./payload/opus.js";
export { packetizeVp8, type Vp8PacketizeOptions } from "./payload/vp8-packetize.js";
export { parseVp8, type Vp8Payload } from "./payload/vp8-parse.js";
export { compactNtp, ntpTime, wallClockMs, type NtpTime } from "./rtcp/ntp.js";
export type {
  FullIntraRequest,
  GenericNack,
  Goodbye,
  PictureLossIndication,
  ReceiverEstimatedMaxBitrate,
  ReceiverReport,
  ReportBlock,
  RtcpPacket,
  SenderReport,
  SourceDescription,
} from "./rtcp/packet.js";
export { parseRtcp } from "./rtcp/parse.js";
export { writeRtcp } from "./rtcp/write.js";
export { srtpKeyLengths, srtpProfile, type SrtpKeyLengths, type SrtpKeys } from "./srtp/profile.js";
export { SrtpSession, type SrtpOptions } from "./srtp/session.js";
export type {
  ReorderLimits,
  RtpReceiver,
  RtpReceiverConfig,
  RtpReceiverUpdate,
} from "./receive/config.js";
export type {
  HistoryLimits,
  MidExtension,
  RtpSender,
  RtpSenderConfig,
  RtpSenderUpdate,
} from "./send/config.js";
export type { RtpSessionOptions } from "./session/options.js";
export { RtpSession } from "./session/session.js";
export type { InboundRtpStats, OutboundRtpStats, RemoteClockReading } from "./stats.js";
