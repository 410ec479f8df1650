import type { FlagValues } from "@conic/internal-cli";
import type { SignalingServerOptions, StreamLimits } from "@conic/server";
import type { addressFlags, connectionFlags, serverFlags } from "./flags.js";

/** Bounds of requests, before anybody is a client. */
export interface HttpLimits {
  readonly handshakeTimeoutMs: number;
  readonly maxHeaderBytes: number;
}

export const defaultHttpLimits: HttpLimits = { handshakeTimeoutMs: 5000, maxHeaderBytes: 8192 };

/** Options of the server that are limits. */
export type ServerLimits = Pick<
  SignalingServerOptions,
  | "registerTimeoutMs"
  | "resumeTtlMs"
  | "maxResumeMessages"
  | "maxResumeBytes"
  | "maxConnections"
  | "maxRooms"
  | "maxRoomsPerClient"
  | "maxRoomMembers"
  | "maxMessagesPerSecond"
  | "maxMessageBurst"
  | "maxBytesPerSecond"
  | "maxByteBurst"
  | "maxRefusedPerMinute"
  | "maxInvalidPerMinute"
  | "maxRegistrationsPerMinute"
  | "maxUnregistered"
  | "idleTimeoutMs"
  | "maxAddressConnections"
  | "maxAddressConnectionsPerSecond"
  | "maxAddressConnectionBurst"
  | "maxAddressMessagesPerSecond"
  | "maxAddressMessageBurst"
  | "unlimitedAddresses"
  | "trustedProxies"
> & { readonly limits: StreamLimits };

type LimitValues = FlagValues<typeof connectionFlags> &
  FlagValues<typeof addressFlags> &
  FlagValues<typeof serverFlags>;

function list(text: string | undefined): readonly string[] {
  const items = (text ?? "").split(",").map((item) => item.trim());
  return items.filter((item) => item !== "");
}

function connectionLimits(values: LimitValues): ServerLimits {
  const byteBurst = values["max-byte-burst"];
  return {
    limits: {
      maxFrameBytes: values["max-frame-bytes"],
      maxBufferedBytes: values["max-buffered-bytes"],
      pingIntervalMs: values["ping-interval-ms"],
      pongTimeoutMs: values["pong-timeout-ms"],
    },
    maxMessagesPerSecond: values["max-messages-per-second"],
    maxMessageBurst: values["max-message-burst"],
    maxBytesPerSecond: values["max-bytes-per-second"],
    ...(byteBurst === undefined ? {} : { maxByteBurst: byteBurst }),
    maxRefusedPerMinute: values["max-refused-per-minute"],
    maxInvalidPerMinute: values["max-invalid-per-minute"],
    maxRegistrationsPerMinute: values["max-registrations-per-minute"],
    registerTimeoutMs: values["register-timeout-ms"],
    idleTimeoutMs: values["idle-timeout-ms"],
    resumeTtlMs: values["resume-ttl-ms"],
    maxResumeMessages: values["max-resume-messages"],
    maxResumeBytes: values["max-resume-bytes"],
  };
}

/** What each means together with the others is judged where the server is made. */
export function readLimits(values: LimitValues): ServerLimits {
  const members = values["max-room-members"];
  return {
    ...connectionLimits(values),
    maxAddressConnections: values["max-address-connections"],
    maxAddressConnectionsPerSecond: values["max-address-connections-per-second"],
    maxAddressConnectionBurst: values["max-address-connection-burst"],
    maxAddressMessagesPerSecond: values["max-address-messages-per-second"],
    maxAddressMessageBurst: values["max-address-message-burst"],
    unlimitedAddresses: list(values["unlimited-address"]),
    trustedProxies: list(values["trusted-proxy"]),
    maxConnections: values["max-connections"],
    maxUnregistered: values["max-unregistered"],
    maxRooms: values["max-rooms"],
    maxRoomsPerClient: values["max-rooms-per-client"],
    ...(members === undefined ? {} : { maxRoomMembers: members }),
  };
}

export function readHttpLimits(values: LimitValues): HttpLimits {
  return {
    handshakeTimeoutMs: values["handshake-timeout-ms"],
    maxHeaderBytes: values["max-header-bytes"],
  };
}
