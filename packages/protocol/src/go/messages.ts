import type { ClientId, IceCandidate, SessionDescription } from "@conic/domain";

// The messages of the Go program at 7e6d779, domain/data.go; what is marked as an extension, it ignores.

/** `register_request`: without an id, the server chooses one. */
export interface GoRegisterRequest {
  readonly client_id?: ClientId;
  /** Extension: the credential that the server's authentication checks. */
  readonly token?: string;
}

/** `unregister_request`: the caller's own id; missing, it means the same. */
export interface GoUnregisterRequest {
  readonly client_id?: ClientId;
}

/** Who sends to whom. `from_id` may be missing on the way to the server. */
export interface GoAddressed {
  readonly from_id?: ClientId;
  readonly to_id: ClientId;
}

/** `sdp`. */
export interface GoSdp extends GoAddressed {
  readonly session_description: SessionDescription;
}

/** `candidate`. */
export interface GoCandidate extends GoAddressed {
  readonly candidate: IceCandidate;
}

/** `data_channel`; `payload` is base64 with padding. */
export interface GoDataChannel extends GoAddressed {
  readonly label: string;
  readonly payload: string;
}

/** `register_response` and `unregister_response`. */
export interface GoResponse {
  /** Missing when a request without an id was refused. */
  readonly client_id?: ClientId;
  readonly success: boolean;
  /** Extension: why not, an error code. */
  readonly code?: string;
  /** Extension: the same, for people. */
  readonly message?: string;
}

/** `error`, an extension: the Go program logs a type that it does not know, and goes on. */
export interface GoError {
  readonly code: string;
  readonly message: string;
  readonly target_id?: ClientId;
  readonly retry_after_ms?: number;
}

/** What clients send, by message type. */
export interface GoClientBodies {
  readonly register_request: GoRegisterRequest;
  readonly unregister_request: GoUnregisterRequest;
  readonly sdp: GoSdp;
  readonly candidate: GoCandidate;
  readonly data_channel: GoDataChannel;
}

type From<Body extends GoAddressed> = Body & { readonly from_id: ClientId };

/** What the server sends, by message type. */
export interface GoServerBodies {
  readonly register_response: GoResponse;
  readonly unregister_response: GoResponse;
  readonly error: GoError;
  readonly sdp: From<GoSdp>;
  readonly candidate: From<GoCandidate>;
  readonly data_channel: From<GoDataChannel>;
}

type MessageOf<Bodies> = {
  [T in keyof Bodies]: {
    readonly type: T;
    /** As of `conic.v1`: a reply carries the id of what it replies to. On the wire, none is "". */
    readonly id?: string;
    readonly data: Bodies[T];
  };
}[keyof Bodies];

export type GoClientMessage = MessageOf<GoClientBodies>;
export type GoServerMessage = MessageOf<GoServerBodies>;
export type GoMessage = GoClientMessage | GoServerMessage;
