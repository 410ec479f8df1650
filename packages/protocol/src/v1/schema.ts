import {
  isClientId,
  maxClientIdChars,
  type ClientId,
  type IceCandidate,
  type SessionDescription,
} from "@conic/domain";
import * as z from "zod";
import { knownKeys, type KnownKeys } from "../json/object.js";
import type { Schema } from "../schema.js";
import type {
  AckBody,
  CandidateBody,
  ClientBodies,
  DataChannelBody,
  ErrorBody,
  Forwarded,
  LeaveResponseBody,
  PeersBody,
  PresenceBody,
  RegisterBody,
  RegisterResponseBody,
  ReportBody,
  RoomBody,
  SdpBody,
  ServerBodies,
  UnregisterBody,
  UnregisterResponseBody,
} from "./messages.js";
import { isRoomName, roomNameGrammar, type RoomName } from "../room-name.js";

export const clientId: z.ZodType<ClientId> = z.string().refine(isClientId, {
  error: `an id is 1 to ${maxClientIdChars} characters out of A-Z a-z 0-9 . _ ~ @ : -`,
  params: { code: "invalid_id" },
});

const roomName = z.string().refine(isRoomName, {
  error: roomNameGrammar,
  params: { code: "invalid_id" },
}) as unknown as z.ZodType<RoomName>;

const addressed = { ID: clientId.exactOptional(), TargetID: clientId };
const forwarded = { ID: clientId, TargetID: clientId };

export const description: z.ZodType<SessionDescription> = z.object({
  type: z.enum(["offer", "pranswer", "answer", "rollback"]),
  sdp: z.string(),
});

const iceServer = z.object({
  urls: z.union([z.string(), z.array(z.string())]),
  username: z.string().exactOptional(),
  credential: z.string().exactOptional(),
});

/** How many frames: what a double counts exactly. */
const count = z.int().min(0);

const register = z.object({
  ID: clientId.exactOptional(),
  Token: z.string().exactOptional(),
  Resume: z.string().exactOptional(),
  Received: count.exactOptional(),
});
const ack = z.object({ Received: count });
const unregister = z.object({ ID: clientId.exactOptional() });
const sdp = z.object({ ...addressed, SessionDescription: description });
const candidate = z.object({ ...addressed, Candidate: z.string() });
const dataChannel = z.object({ ...addressed, Label: z.string(), Data: z.string() });
const room = z.object({ ID: clientId.exactOptional(), Room: roomName });
const report = z.object({
  ID: clientId.exactOptional(),
  Outcome: z.enum(["direct", "relayed", "failed"]),
  Reason: z.string().exactOptional(),
});
const peers = z.object({ Room: roomName, Peers: z.array(clientId) });
const presence = z.object({ Room: roomName, ID: clientId });
const leaveResponse = z.object({ Room: roomName });
const registerResponse = z.object({
  ID: clientId,
  ICEServers: z.array(iceServer).default([]),
  Resume: z.string().exactOptional(),
  Received: count.exactOptional(),
  Resumed: z.boolean().exactOptional(),
  Reports: z.boolean().exactOptional(),
});
const unregisterResponse = z.object({ ID: clientId });
const error = z.object({
  Code: z.string(),
  Message: z.string(),
  TargetID: clientId.exactOptional(),
  RetryAfterMs: z.number().nonnegative().exactOptional(),
});

export const registerBody: Schema<RegisterBody> = register;
export const unregisterBody: Schema<UnregisterBody> = unregister;
export const sdpBody: Schema<SdpBody> = sdp;
export const candidateBody: Schema<CandidateBody> = candidate;
export const dataChannelBody: Schema<DataChannelBody> = dataChannel;
export const roomBody: Schema<RoomBody> = room;
export const reportBody: Schema<ReportBody> = report;
export const peersBody: Schema<PeersBody> = peers;
export const presenceBody: Schema<PresenceBody> = presence;
export const leaveResponseBody: Schema<LeaveResponseBody> = leaveResponse;
export const registerResponseBody: Schema<RegisterResponseBody> = registerResponse;
export const unregisterResponseBody: Schema<UnregisterResponseBody> = unregisterResponse;
export const errorBody: Schema<ErrorBody> = error;
export const ackBody: Schema<AckBody> = ack;

/** W3C RTCIceCandidateInit, as the JSON in `Candidate` holds it. */
export const candidateInit: z.ZodType<IceCandidate> = z.object({
  candidate: z.string(),
  sdpMid: z.string().nullable().exactOptional(),
  sdpMLineIndex: z.int().min(0).max(65_535).nullable().exactOptional(),
  usernameFragment: z.string().nullable().exactOptional(),
});

/** What the decoder knows of one message type. */
export interface TypeInfo<Body> {
  readonly schema: Schema<Body>;
  readonly keys: KnownKeys;
  /** Whether the message may come without `raw`, which then counts as `{}`. */
  readonly rawOptional: boolean;
}

export type TypeTable<Bodies> = { readonly [T in keyof Bodies]: TypeInfo<Bodies[T]> };

export function info<Body>(
  schema: z.ZodType<Body> & { readonly shape: object },
  rawOptional = false,
): TypeInfo<Body> {
  return { schema, keys: knownKeys(Object.keys(schema.shape)), rawOptional };
}

export const clientTypes: TypeTable<ClientBodies> = {
  register: info<RegisterBody>(register, true),
  unregister: info<UnregisterBody>(unregister, true),
  sdp: info<SdpBody>(sdp),
  candidate: info<CandidateBody>(candidate),
  data_channel: info<DataChannelBody>(dataChannel),
  join: info<RoomBody>(room),
  leave: info<RoomBody>(room),
  report: info<ReportBody>(report),
  ack: info<AckBody>(ack),
};

export const serverTypes: TypeTable<ServerBodies> = {
  register_response: info<RegisterResponseBody>(registerResponse),
  unregister_response: info<UnregisterResponseBody>(unregisterResponse),
  error: info<ErrorBody>(error),
  sdp: info<Forwarded<SdpBody>>(sdp.extend(forwarded)),
  candidate: info<Forwarded<CandidateBody>>(candidate.extend(forwarded)),
  data_channel: info<Forwarded<DataChannelBody>>(dataChannel.extend(forwarded)),
  peers: info<PeersBody>(peers),
  peer_joined: info<PresenceBody>(presence),
  peer_left: info<PresenceBody>(presence),
  leave_response: info<LeaveResponseBody>(leaveResponse),
  ack: info<AckBody>(ack),
};
