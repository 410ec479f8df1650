import type { CallOutcome, ClientId, Frame, IceServer, SessionDescription } from "@conic/domain";
import type { RoomName } from "../room-name.js";

/** `register`: asks for an id; with none, the server chooses one. */
export interface RegisterBody {
  readonly ID?: ClientId;
  /** Credential that the server's authentication hook checks. */
  readonly Token?: string;
  /** Secret of an earlier `register_response`: reclaims its id. */
  readonly Resume?: string;
  /** Frames received in the session that `Resume` names, 0 without one. Its presence asks for a session. */
  readonly Received?: number;
}

/** `ack`, in both directions: how many frames of the session its sender has received. */
export interface AckBody {
  readonly Received: number;
}

/** `unregister`: the caller's own id; missing, it means the same. */
export interface UnregisterBody {
  readonly ID?: ClientId;
}

/** Who sends to whom. `ID` may be missing on the way to the server, which stamps it (rule 1). */
export interface Addressed {
  readonly ID?: ClientId;
  readonly TargetID: ClientId;
}

/** `sdp`: an offer or answer. */
export interface SdpBody extends Addressed {
  readonly SessionDescription: SessionDescription;
}

/** `candidate`: opaque to the server; `decodeCandidate` reads it. */
export interface CandidateBody extends Addressed {
  readonly Candidate: string;
}

/** `data_channel`: relay fallback. `Data` is base64, opaque to the server; `decodeData` reads it. */
export interface DataChannelBody extends Addressed {
  readonly Label: string;
  readonly Data: string;
}

/** `join` and `leave`: the caller's own id may be left out. */
export interface RoomBody {
  readonly ID?: ClientId;
  readonly Room: RoomName;
}

/** `peers`: who else is in the room, in the order in which they joined. */
export interface PeersBody {
  readonly Room: RoomName;
  readonly Peers: readonly ClientId[];
}

/** `peer_joined` and `peer_left`: whom it is about. */
export interface PresenceBody {
  readonly Room: RoomName;
  readonly ID: ClientId;
}

/** `leave_response`: the room that the client is not in any more. */
export interface LeaveResponseBody {
  readonly Room: RoomName;
}

/** `report`: how a call of this client came out. */
export interface ReportBody {
  readonly ID?: ClientId;
  readonly Outcome: CallOutcome;
  /** Of a call that failed: a CallFailureReason of `@conic/domain`, or one of a newer client. */
  readonly Reason?: string;
}

/** `register_response`. */
export interface RegisterResponseBody {
  readonly ID: ClientId;
  /** Empty when the server names none. */
  readonly ICEServers: readonly IceServer[];
  /** The secret that reclaims this id after a drop; a server without that extension sends none. */
  readonly Resume?: string;
  /** Frames of the session that the server has taken. Missing when there is no session. */
  readonly Received?: number;
  /** Whether the session is the one that `Resume` named; otherwise it is a new one, if there is any. */
  readonly Resumed?: boolean;
  /** The server takes `report`. */
  readonly Reports?: boolean;
}

/** `unregister_response`: the id that is free now. */
export interface UnregisterResponseBody {
  readonly ID: ClientId;
}

/** `error`: `errorFromMessage` makes a ConicError of it. */
export interface ErrorBody {
  /** An error code of `@conic/domain`, or one of a newer server. */
  readonly Code: string;
  readonly Message: string;
  readonly TargetID?: ClientId;
  readonly RetryAfterMs?: number;
}

/** A body as the server forwards it: `ID` is the sender's registered id. */
export type Forwarded<Body extends Addressed> = Body & { readonly ID: ClientId };

/** Bodies of what clients send, by message type. Keys are exactly those on the wire. */
export interface ClientBodies {
  readonly register: RegisterBody;
  readonly unregister: UnregisterBody;
  readonly sdp: SdpBody;
  readonly candidate: CandidateBody;
  readonly data_channel: DataChannelBody;
  readonly join: RoomBody;
  readonly leave: RoomBody;
  readonly report: ReportBody;
  readonly ack: AckBody;
}

/** Bodies of what the server sends, by message type. */
export interface ServerBodies {
  readonly register_response: RegisterResponseBody;
  readonly unregister_response: UnregisterResponseBody;
  readonly error: ErrorBody;
  readonly sdp: Forwarded<SdpBody>;
  readonly candidate: Forwarded<CandidateBody>;
  readonly data_channel: Forwarded<DataChannelBody>;
  readonly peers: PeersBody;
  readonly peer_joined: PresenceBody;
  readonly peer_left: PresenceBody;
  readonly leave_response: LeaveResponseBody;
  readonly ack: AckBody;
}

type MessageOf<Bodies, T extends keyof Bodies> = {
  [K in T]: {
    readonly type: K;
    /** Correlation id, at most {@link maxCorrelationIdChars}: a reply carries the id of what it replies to. */
    readonly id?: string;
    readonly body: Bodies[K];
  };
}[T];

export type ClientMessageType = keyof ClientBodies;
export type ServerMessageType = keyof ServerBodies;
/** Types that the server forwards from one client to another. */
export type RelayMessageType = Exclude<ClientMessageType & ServerMessageType, "ack">;

export type ClientMessage<T extends ClientMessageType = ClientMessageType> = MessageOf<
  ClientBodies,
  T
>;
export type ServerMessage<T extends ServerMessageType = ServerMessageType> = MessageOf<
  ServerBodies,
  T
>;
export type Message = ClientMessage | ServerMessage;

/** A message that goes from one client to another. */
export type RelayMessage = ClientMessage<RelayMessageType>;

/** What a server has to know of a message to forward it. */
export interface RelayHead {
  readonly type: RelayMessageType;
  readonly id: string | undefined;
  /** The sender, where it is named. */
  readonly ID: ClientId | undefined;
  readonly TargetID: ClientId;
}

/** A message with the frame it came in: what is only forwarded is not encoded again. */
export interface Decoded<M extends Message = Message> {
  /** Where there is a `head`, it is valid, but read only when it is asked for. */
  readonly message: M;
  readonly frame: Frame;
  /** Of most messages that are to be forwarded; says the same as `message`. */
  readonly head?: RelayHead | undefined;
}

/** UTF-16 code units of a correlation id. */
export const maxCorrelationIdChars = 64;
