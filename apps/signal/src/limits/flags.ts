import { defaultLimits, defaultUnlimitedAddresses } from "@conic/server";

const mebibyte = 1_048_576;
/** Beyond this, a timer of Node fires at once. */
export const maxTimerMs = 2_147_483_647;
const maxCount = 10_000_000;

/** Of one connection. */
const connectionFlags = {
  "max-frame-bytes": {
    type: "number",
    default: 65_536,
    min: 1024,
    max: 64 * mebibyte,
    env: "CONIC_MAX_FRAME_BYTES",
    help: "Largest message; a larger one closes its connection with 1009",
  },
  "max-buffered-bytes": {
    type: "number",
    default: mebibyte,
    min: 1024,
    max: 1024 * mebibyte,
    env: "CONIC_MAX_BUFFERED_BYTES",
    help: "What may wait for a client that does not read; above, it is closed with 4001",
  },
  "max-messages-per-second": {
    type: "number",
    default: defaultLimits.maxMessagesPerSecond,
    min: 0,
    max: maxCount,
    env: "CONIC_MAX_MESSAGES_PER_SECOND",
    help: "Messages of a client in a second, beyond the burst; more are answered rate_limited; 0 is no limit",
  },
  "max-message-burst": {
    type: "number",
    default: defaultLimits.maxMessageBurst,
    min: 1,
    max: maxCount,
    env: "CONIC_MAX_MESSAGE_BURST",
    help: "Messages of a client at once",
  },
  "max-bytes-per-second": {
    type: "number",
    default: defaultLimits.maxBytesPerSecond,
    min: 0,
    max: 1024 * mebibyte,
    env: "CONIC_MAX_BYTES_PER_SECOND",
    help: "Bytes of the messages of a client in a second, beyond the burst; more are answered rate_limited; 0 is no limit",
  },
  "max-byte-burst": {
    type: "number",
    min: 1024,
    max: 1024 * mebibyte,
    env: "CONIC_MAX_BYTE_BURST",
    help: `Bytes of the messages of a client at once, --max-frame-bytes at least; ${defaultLimits.maxByteBurst} where that is smaller`,
  },
  "max-refused-per-minute": {
    type: "number",
    default: defaultLimits.maxRefusedPerMinute,
    min: 0,
    max: maxCount,
    env: "CONIC_MAX_REFUSED_PER_MINUTE",
    help: "Messages of a client that are answered rate_limited in a minute; with one more, it is closed with 1008; 0 is no limit",
  },
  "max-invalid-per-minute": {
    type: "number",
    default: defaultLimits.maxInvalidPerMinute,
    min: 0,
    max: maxCount,
    env: "CONIC_MAX_INVALID_PER_MINUTE",
    help: "Messages of a client in a minute that cannot be read or are forbidden; with one more, it is closed with 1008; 0 is no limit",
  },
  "max-registrations-per-minute": {
    type: "number",
    default: defaultLimits.maxRegistrationsPerMinute,
    min: 0,
    max: maxCount,
    env: "CONIC_MAX_REGISTRATIONS_PER_MINUTE",
    help: "How often a client may register on one connection; then it is answered rate_limited; 0 is no limit",
  },
  "register-timeout-ms": {
    type: "number",
    default: 10_000,
    min: 1,
    max: maxTimerMs,
    env: "CONIC_REGISTER_TIMEOUT_MS",
    help: "A client that is not registered for this long is closed with 4002",
  },
  "idle-timeout-ms": {
    type: "number",
    default: defaultLimits.idleTimeoutMs,
    min: 0,
    max: maxTimerMs,
    env: "CONIC_IDLE_TIMEOUT_MS",
    help: "A client that sends no message for this long is closed with 4503; 0 is never",
  },
  "ping-interval-ms": {
    type: "number",
    default: 25_000,
    min: 1,
    max: maxTimerMs,
    env: "CONIC_PING_INTERVAL_MS",
    help: "A client that is silent for this long is pinged",
  },
  "pong-timeout-ms": {
    type: "number",
    default: 10_000,
    min: 1,
    max: maxTimerMs,
    env: "CONIC_PONG_TIMEOUT_MS",
    help: "A client that does not answer a ping for this long is closed with 4003",
  },
  "resume-ttl-ms": {
    type: "number",
    default: 30_000,
    min: 0,
    max: maxTimerMs,
    env: "CONIC_RESUME_TTL_MS",
    help: "A client whose connection broke keeps its id and what is sent to it for this long; 0 is not at all",
  },
  "max-resume-messages": {
    type: "number",
    default: 256,
    min: 1,
    max: 1_000_000,
    env: "CONIC_MAX_RESUME_MESSAGES",
    help: "Messages that wait for such a client; above, it has lost its id and the senders are told",
  },
  "max-resume-bytes": {
    type: "number",
    default: 262_144,
    min: 1,
    max: 1024 * mebibyte,
    env: "CONIC_MAX_RESUME_BYTES",
    help: "The same in bytes",
  },
} as const;

/** Of one address. */
const addressFlags = {
  "max-address-connections": {
    type: "number",
    default: defaultLimits.maxAddressConnections,
    min: 0,
    max: maxCount,
    env: "CONIC_MAX_ADDRESS_CONNECTIONS",
    help: "Connections at once from one address, or one /64 of IPv6; more are answered 429; 0 is no limit",
  },
  "max-address-connections-per-second": {
    type: "number",
    default: defaultLimits.maxAddressConnectionsPerSecond,
    min: 0,
    max: maxCount,
    env: "CONIC_MAX_ADDRESS_CONNECTIONS_PER_SECOND",
    help: "Connections that one address opens in a second, beyond the burst; more are answered 429; 0 is no limit",
  },
  "max-address-connection-burst": {
    type: "number",
    default: defaultLimits.maxAddressConnectionBurst,
    min: 1,
    max: maxCount,
    env: "CONIC_MAX_ADDRESS_CONNECTION_BURST",
    help: "Connections that one address opens at once",
  },
  "max-address-messages-per-second": {
    type: "number",
    default: defaultLimits.maxAddressMessagesPerSecond,
    min: 0,
    max: maxCount,
    env: "CONIC_MAX_ADDRESS_MESSAGES_PER_SECOND",
    help: "Messages of all clients of one address in a second, beyond the burst; more are answered rate_limited; 0 is no limit",
  },
  "max-address-message-burst": {
    type: "number",
    default: defaultLimits.maxAddressMessageBurst,
    min: 1,
    max: maxCount,
    env: "CONIC_MAX_ADDRESS_MESSAGE_BURST",
    help: "Messages of all clients of one address at once",
  },
  "unlimited-address": {
    type: "string",
    default: defaultUnlimitedAddresses.join(","),
    env: "CONIC_UNLIMITED_ADDRESS",
    placeholder: "CIDR",
    help: "An address or network without the limits of one address; may be repeated",
  },
  "trusted-proxy": {
    type: "string",
    env: "CONIC_TRUSTED_PROXY",
    placeholder: "CIDR",
    help: "An address or network of proxies that write X-Forwarded-For: the last entry that is none of them is the client's address; may be repeated",
  },
} as const;

/** Of the whole server. */
const serverFlags = {
  "max-connections": {
    type: "number",
    default: 10_000,
    min: 1,
    max: maxCount,
    env: "CONIC_MAX_CONNECTIONS",
    help: "Clients at once on each address; more are answered 503",
  },
  "max-unregistered": {
    type: "number",
    default: defaultLimits.maxUnregistered,
    min: 0,
    max: maxCount,
    env: "CONIC_MAX_UNREGISTERED",
    help: "Clients at once that have not registered; more are answered 503; 0 is no limit",
  },
  "max-rooms": {
    type: "number",
    default: 10_000,
    min: 1,
    max: maxCount,
    env: "CONIC_MAX_ROOMS",
    help: "Rooms at once; who would open one more is answered rate_limited",
  },
  "max-rooms-per-client": {
    type: "number",
    default: 16,
    min: 1,
    max: maxCount,
    env: "CONIC_MAX_ROOMS_PER_CLIENT",
    help: "Rooms that a client is in; joining one more is forbidden",
  },
  "max-room-members": {
    type: "number",
    min: 1,
    max: maxCount,
    env: "CONIC_MAX_ROOM_MEMBERS",
    help: "Clients in a room; one more is answered rate_limited; 256, or fewer where their ids do not fit in --max-frame-bytes",
  },
  "handshake-timeout-ms": {
    type: "number",
    default: 5000,
    min: 1,
    max: maxTimerMs,
    env: "CONIC_HANDSHAKE_TIMEOUT_MS",
    help: "A request whose headers have not arrived, or a TLS handshake that is not complete, after this long is cut off",
  },
  "max-header-bytes": {
    type: "number",
    default: 8192,
    min: 1024,
    max: mebibyte,
    env: "CONIC_MAX_HEADER_BYTES",
    help: "Headers of a request; more are answered 431",
  },
} as const;

/** Every limit. docs/limits.md has the same list, with reasons. */
export const limitFlags = { ...connectionFlags, ...addressFlags, ...serverFlags } as const;
