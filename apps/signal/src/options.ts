import {
  formatHelp,
  joinRepeated,
  logFormats,
  logLevels,
  parseIceServers,
  usageError,
} from "@conic/internal-cli";
import { parseCommandLine, type Flags, type LogFormat, type LogLevel } from "@conic/internal-cli";
import type { IceServer } from "@conic/domain";
import type { MintTokenOptions } from "@conic/server";
import { adminFlags, readAdmin, type AdminOptions } from "./admin/options.js";
import { metricsFlags, readMetrics, type MetricsOptions } from "./metrics/options.js";
import { accessFlags, signerFlags } from "./access/flags.js";
import { addressFlags, connectionFlags, serverFlags } from "./limits/flags.js";
import { readHttpLimits, readLimits, type HttpLimits, type ServerLimits } from "./limits/read.js";
import { readTls, tlsFlags, type TlsFiles } from "./tls/options.js";
import { readAccess, type AccessOptions } from "./access/read.js";
import { readTokenCommand, tokenCommand } from "./access/token.js";
import { readWorkers, workerFlags } from "./workers/options.js";

// Beyond this, a timer of Node fires at once.
const maxTimerMs = 2_147_483_647;

const flags = {
  host: {
    type: "string",
    default: "localhost",
    env: "CONIC_HOST",
    placeholder: "HOST",
    help: "Where to listen. localhost is this machine only, over IPv4 and IPv6; 0.0.0.0 or :: is the whole network",
  },
  port: {
    type: "number",
    default: 3000,
    min: 0,
    max: 65_535,
    env: "CONIC_PORT",
    help: "TCP port; 0 takes a free one and prints it",
  },
  path: {
    type: "string",
    default: "/ws",
    env: "CONIC_PATH",
    placeholder: "PATH",
    help: "Path of the WebSocket endpoint",
  },
  "ice-server": {
    type: "string",
    env: "CONIC_ICE_SERVER",
    placeholder: "URL[,URL]",
    help: "STUN and TURN servers that clients are told; may be repeated. turn:user:password@host:3478",
  },
  ...signerFlags,
  ...accessFlags,
  ...metricsFlags,
  ...adminFlags,
  ...workerFlags,
  "no-demo": {
    type: "boolean",
    env: "CONIC_NO_DEMO",
    help: "Do not serve the page at /demo, with which a browser calls and is called",
  },
  ...tlsFlags,
  ...connectionFlags,
  ...addressFlags,
  ...serverFlags,
  "drain-ms": {
    type: "number",
    default: 0,
    min: 0,
    max: maxTimerMs,
    env: "CONIC_DRAIN_MS",
    help: "Time between /readyz saying 503, after SIGINT or SIGTERM, and the closing of connections: for load balancers to notice",
  },
  "shutdown-timeout-ms": {
    type: "number",
    default: 5000,
    min: 1,
    max: maxTimerMs,
    env: "CONIC_SHUTDOWN_TIMEOUT_MS",
    help: "Time that clients have to say goodbye after SIGINT or SIGTERM",
  },
  "log-level": {
    type: "string",
    default: "info",
    choices: logLevels,
    env: "CONIC_LOG_LEVEL",
    placeholder: "LEVEL",
    help: "What to log to stderr",
  },
  "log-format": {
    type: "string",
    default: "text",
    choices: logFormats,
    env: "CONIC_LOG_FORMAT",
    placeholder: "FORMAT",
    help: "How to log",
  },
} as const satisfies Flags;

const repeatable = [
  "--ice-server",
  "--allow-origin",
  "--turn-url",
  "--unlimited-address",
  "--trusted-proxy",
];

export interface SignalOptions extends ServerLimits {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly iceServers: readonly IceServer[];
  readonly access: AccessOptions;
  /** Undefined: none are served. */
  readonly metrics: MetricsOptions | undefined;
  /** Undefined: there is no /admin. */
  readonly admin: AdminOptions | undefined;
  /** How many processes. */
  readonly workers: number;
  /** Whether /demo is there. */
  readonly demo: boolean;
  readonly httpLimits: HttpLimits;
  /** Undefined: no TLS. */
  readonly tls: TlsFiles | undefined;
  readonly drainMs: number;
  readonly shutdownTimeoutMs: number;
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
}

export type Command =
  | { readonly kind: "help"; readonly text: string }
  | { readonly kind: "version" }
  | { readonly kind: "token"; readonly options: MintTokenOptions }
  | { readonly kind: "serve"; readonly options: SignalOptions };

/** The text of `--help`. */
export function helpText(): string {
  return formatHelp({
    usage: "conic-signal [command] [options]",
    commands: [tokenCommand],
    summary:
      "Introduces WebRTC peers to each other over WebSockets. GET /healthz, /readyz, /stats and /metrics tell how it is, /demo is a page that calls, /admin a dashboard.",
    flags,
    footer: [
      "Without an --auth option everybody who reaches the server may register: it warns when other machines can.",
      "A password in --ice-server can be seen in the list of processes; CONIC_ICE_SERVER hides it there.",
      "Exit codes: 0 stopped by a signal, 1 failed, 2 wrong option or address in use.",
    ],
  });
}

/** @throws ExitError with one line that says what is wrong. */
export function readCommand(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Command {
  const [first, ...rest] = argv[0] === "--" ? argv.slice(1) : argv;
  if (first === tokenCommand.name) return readTokenCommand(rest, env);
  const joined = repeatable.reduce(joinRepeated, [...argv]);
  const { values, positionals, help, version } = parseCommandLine(flags, joined, env);
  if (help) return { kind: "help", text: helpText() };
  if (version) return { kind: "version" };
  if (positionals[0] !== undefined) {
    throw usageError(`there is no command "${positionals[0]}"; options begin with --`);
  }
  if (!/^\/[^?#\s]*$/.test(values.path)) {
    throw usageError("--path begins with / and has no query, such as /ws");
  }
  if (values.host === "") throw usageError("--host is a name or an address, such as localhost");
  return {
    kind: "serve",
    options: {
      host: values.host,
      port: values.port,
      path: values.path,
      iceServers: parseIceServers(values["ice-server"] ?? ""),
      access: readAccess(values, env),
      metrics: readMetrics(values, env),
      admin: readAdmin(values, env),
      workers: readWorkers(values),
      demo: !values["no-demo"],
      ...readLimits(values),
      httpLimits: readHttpLimits(values),
      tls: readTls(values),
      drainMs: values["drain-ms"],
      shutdownTimeoutMs: values["shutdown-timeout-ms"],
      logLevel: values["log-level"],
      logFormat: values["log-format"],
    },
  };
}
