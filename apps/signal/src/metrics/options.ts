import { usageError, type Environment, type FlagValues } from "@conic/internal-cli";
import { readSecret } from "../access/secrets.js";

const minTokenChars = 16;

export const metricsFlags = {
  "no-metrics": {
    type: "boolean",
    env: "CONIC_NO_METRICS",
    help: "Do not serve /metrics, which by default this machine alone may read",
  },
  "metrics-token-file": {
    type: "string",
    env: "CONIC_METRICS_TOKEN_FILE",
    placeholder: "FILE",
    help: "Who sends the text of this file, 16 characters at least, as Bearer token may read /metrics, from anywhere; CONIC_METRICS_TOKEN may hold the text itself",
  },
  "metrics-port": {
    type: "number",
    min: 0,
    max: 65_535,
    env: "CONIC_METRICS_PORT",
    help: "Serve /metrics on a TCP port of its own, to whoever reaches it, and not on --port",
  },
  "metrics-host": {
    type: "string",
    default: "localhost",
    env: "CONIC_METRICS_HOST",
    placeholder: "HOST",
    help: "Where that port listens",
  },
} as const;

export interface MetricsOptions {
  /** Asked of everybody, where there is one. */
  readonly token: string | undefined;
  /** Where it is served instead of beside the WebSockets. */
  readonly own: { readonly host: string; readonly port: number } | undefined;
}

/**
 * Undefined: no metrics.
 * @throws ExitError with code 2 and one line that says what is wrong.
 */
export function readMetrics(
  values: FlagValues<typeof metricsFlags>,
  env: Environment,
): MetricsOptions | undefined {
  const path = values["metrics-token-file"];
  const secret = readSecret("--metrics-token-file", path, "CONIC_METRICS_TOKEN", env);
  const { "metrics-port": port, "metrics-host": host } = values;
  if (values["no-metrics"]) {
    if (secret === undefined && port === undefined) return undefined;
    throw usageError("--no-metrics excludes the other --metrics options; leave one out");
  }
  if (secret !== undefined && !/^[!-~]+$/.test(secret.text)) {
    throw usageError(`${secret.source} has characters that no HTTP header can hold`);
  }
  if (secret !== undefined && secret.text.length < minTokenChars) {
    throw usageError(`${secret.source} is shorter than ${minTokenChars} characters`);
  }
  if (host === "") throw usageError("--metrics-host is a name or an address, such as localhost");
  return { token: secret?.text, own: port === undefined ? undefined : { host, port } };
}
