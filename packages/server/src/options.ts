import type { IncomingMessage } from "node:http";
import {
  ConicError,
  maxClientIdChars,
  parseClientId,
  silentLogger,
  systemClock,
  type Backplane,
  type ClientId,
  type Clock,
  type Hub,
  type IceServer,
  type Logger,
} from "@conic/domain";
import { encodeMessage, maxCorrelationIdChars } from "@conic/protocol";
import type { StreamLimits } from "@conic/transport";
import type { Grant } from "./access/grant.js";
import { originCheck } from "./access/origins.js";
import { createTurnMinter, type TurnMinter, type TurnOptions } from "./access/turn.js";
import { resolveLimitOptions, type LimitOptions, type Limits } from "./limits/options.js";
import type { ServerObserver } from "./observe/observer.js";
import { createResumeSecret } from "./registry/resume.js";
import { resolveRoomLimits, type RoomLimits, type RoomOptions } from "./rooms/limits.js";

/** One `register` message that waits for a decision. */
export interface AuthenticateRequest {
  /** `Token` of the message. */
  readonly token: string | undefined;
  /** The id that the client asked for; undefined when it left the choice to the server. */
  readonly id: ClientId | undefined;
  /** Name of the connection in the logs. */
  readonly connectionId: string;
  /** IP address of the client; empty where the transport has none. */
  readonly remoteAddress: string;
  /** Fires when the connection ends or its time to register is over: the answer is of no use then. */
  readonly signal: AbortSignal;
}

/**
 * Decides whether a client may register, and what it may do: returns, or throws. Without a grant it may do everything.
 * A client that is registered comes here again when it sends another token, to go on with its id. A ConicError `unauthorized` refuses and closes the
 * connection with 4501, `forbidden` refuses and keeps it; what is no ConicError counts as `internal`.
 */
export type Authenticate = (request: AuthenticateRequest) => Grant | void | Promise<Grant | void>;

export interface SignalingServerOptions extends RoomOptions, LimitOptions {
  /** Who is connected. Default: a hub of this process, which the server closes with itself; a given one it does not. */
  readonly hub?: Hub;
  /**
   * Makes this server one node out of several that are one to their clients: an id has one holder on all of them, and
   * who holds it is reached from each. All have the same options. The caller closes it, after the server. Default: none.
   */
  readonly backplane?: Backplane;
  /** STUN and TURN servers that every client is told when it registers. Default none. */
  readonly iceServers?: readonly IceServer[];
  /** A TURN server with which this one shares a secret: every client that may call is given credentials of its own. */
  readonly turn?: TurnOptions;
  /**
   * Whose pages may connect, such as `https://example.net`; others are answered 403. Default: everybody's. Programs
   * other than browsers are not concerned: use `authenticate` for them.
   */
  readonly allowedOrigins?: readonly string[];
  /** Bounds of each connection. */
  readonly limits?: StreamLimits;
  /** Time that a connection may go without being registered; then it is closed with 4002. Default 10 000. */
  readonly registerTimeoutMs?: number;
  /**
   * Time that an id is kept for a client whose connection broke off and that can resume its session. Default 30 000;
   * 0 turns sessions off.
   */
  readonly resumeTtlMs?: number;
  /** Messages that wait for such a client; at one more, its session is given up. Default 256. */
  readonly maxResumeMessages?: number;
  /** The same in bytes. Default 262 144. */
  readonly maxResumeBytes?: number;
  /** Path of the WebSocket endpoint, where `attach` is given none. Default `/ws`. */
  readonly path?: string;
  /** Connections at once on each endpoint; more are answered 503. Default 10 000. */
  readonly maxConnections?: number;
  /** Default: everybody may register. */
  readonly authenticate?: Authenticate;
  /** Whether clients are asked to report how their calls came out, for the observer. Default true. */
  readonly reports?: boolean;
  /** Is told what happens, for metrics. Default: nobody. */
  readonly observer?: ServerObserver;
  readonly logger?: Logger;
  readonly clock?: Clock;
}

/** Bounds of a session whose client is away. */
export interface ResumeOptions {
  readonly resumeTtlMs: number;
  readonly maxResumeMessages: number;
  readonly maxResumeBytes: number;
}

export interface ResolvedOptions {
  readonly resume: ResumeOptions;
  readonly iceServers: readonly IceServer[];
  readonly mintTurn: TurnMinter | undefined;
  readonly reports: boolean;
  readonly checkOrigin: ((request: IncomingMessage) => void) | undefined;
  readonly limits: StreamLimits;
  readonly maxFrameBytes: number;
  readonly roomLimits: RoomLimits;
  readonly rates: Limits;
  readonly registerTimeoutMs: number;
  readonly path: string;
  readonly maxConnections: number | undefined;
  readonly authenticate: Authenticate | undefined;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** The limit of docs/protocol.md. */
const defaultMaxFrameBytes = 65_536;
// A timer of Node fires at once when it is set further ahead than this.
export const maxTimerMs = 2_147_483_647;

const longestRest = { Received: Number.MAX_SAFE_INTEGER, Resumed: false, Reports: true };

/** @throws ConicError `invalid_argument` unless `value` is a whole number from `min` to the longest time of a timer. */
function requireWhole(name: string, value: number, min: number): void {
  if (Number.isInteger(value) && value >= min && value <= maxTimerMs) return;
  throw new ConicError(
    "invalid_argument",
    `${name} must be a whole number from ${min} to ${maxTimerMs}`,
  );
}

function resolveResume(options: SignalingServerOptions): ResumeOptions {
  const { resumeTtlMs = 30_000, maxResumeMessages = 256, maxResumeBytes = 262_144 } = options;
  requireWhole("resumeTtlMs", resumeTtlMs, 0);
  requireWhole("maxResumeMessages", maxResumeMessages, 1);
  requireWhole("maxResumeBytes", maxResumeBytes, 1);
  return { resumeTtlMs, maxResumeMessages, maxResumeBytes };
}

/** What every client is sent must fit in a frame, or nobody could register. */
function checkIceServers(
  iceServers: readonly IceServer[],
  mintTurn: TurnMinter | undefined,
  maxFrameBytes: number,
): void {
  const ID = parseClientId("x".repeat(maxClientIdChars));
  const ICEServers = mintTurn === undefined ? iceServers : [...iceServers, mintTurn(ID)];
  const body = { ID, ICEServers, Resume: createResumeSecret(), ...longestRest };
  const id = "\u0000".repeat(maxCorrelationIdChars);
  const { byteLength } = encodeMessage({ type: "register_response", id, body });
  if (byteLength <= maxFrameBytes) return;
  throw new ConicError(
    "invalid_argument",
    `maxFrameBytes (${maxFrameBytes}) is too small for a register_response with these iceServers (${byteLength} bytes)`,
  );
}

/**
 * @throws ConicError `invalid_argument` for a time or limit out of range, ICE servers that no frame can hold, or what
 * is no origin or TURN URL.
 */
export function resolveOptions(options: SignalingServerOptions): ResolvedOptions {
  const { registerTimeoutMs = 10_000, limits = {} } = options;
  if (!Number.isInteger(registerTimeoutMs) || registerTimeoutMs < 1) {
    throw new ConicError("invalid_argument", "registerTimeoutMs must be a whole number above 0");
  }
  if (registerTimeoutMs > maxTimerMs) {
    throw new ConicError("invalid_argument", `registerTimeoutMs must be at most ${maxTimerMs}`);
  }
  const maxFrameBytes = limits.maxFrameBytes ?? defaultMaxFrameBytes;
  const iceServers = options.iceServers ?? [];
  const { turn, allowedOrigins } = options;
  const mintTurn = turn === undefined ? undefined : createTurnMinter(turn, () => Date.now());
  checkIceServers(iceServers, mintTurn, maxFrameBytes);
  return {
    resume: resolveResume(options),
    iceServers,
    mintTurn,
    reports: options.reports ?? true,
    checkOrigin: allowedOrigins === undefined ? undefined : originCheck(allowedOrigins),
    limits: { ...limits, maxFrameBytes },
    maxFrameBytes,
    roomLimits: resolveRoomLimits(options, maxFrameBytes),
    rates: resolveLimitOptions(options, maxFrameBytes),
    registerTimeoutMs,
    path: options.path ?? "/ws",
    maxConnections: options.maxConnections,
    authenticate: options.authenticate,
    logger: options.logger ?? silentLogger,
    clock: options.clock ?? systemClock,
  };
}
