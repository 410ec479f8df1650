import { ConicError } from "@conic/domain";

/** RFC 5246 section 7.2 and RFC 5746: those that are sent or told apart here. */
export const alertCodes = {
  close_notify: 0,
  unexpected_message: 10,
  bad_record_mac: 20,
  handshake_failure: 40,
  bad_certificate: 42,
  unsupported_certificate: 43,
  illegal_parameter: 47,
  decode_error: 50,
  decrypt_error: 51,
  protocol_version: 70,
  insufficient_security: 71,
  internal_error: 80,
  user_canceled: 90,
  no_renegotiation: 100,
  unsupported_extension: 110,
} as const;

export type AlertName = keyof typeof alertCodes;

const names = new Map<number, string>(
  Object.entries(alertCodes).map(([name, code]) => [code, name]),
);

const warning = 1;
const fatal = 2;

export interface Alert {
  readonly isFatal: boolean;
  readonly code: number;
}

export function alertName(code: number): string {
  return names.get(code) ?? `alert ${code}`;
}

export function isAlertName(value: unknown): value is AlertName {
  return typeof value === "string" && Object.hasOwn(alertCodes, value);
}

export function encodeAlert(name: AlertName, isFatal: boolean): Buffer {
  return Buffer.from([isFatal ? fatal : warning, alertCodes[name]]);
}

export function decodeAlert(content: Buffer): Alert | undefined {
  const [level, code] = content;
  if (content.length !== 2 || code === undefined) return undefined;
  if (level !== warning && level !== fatal) return undefined;
  return { isFatal: level === fatal, code };
}

/** The error that ends a handshake; the remote is told `alert`. */
export function refuse(
  alert: AlertName,
  message: string,
  cause?: unknown,
): ConicError<"connection_failed"> {
  const details = { alert, by: "local" };
  return new ConicError(
    "connection_failed",
    message,
    cause === undefined ? { details } : { details, cause },
  );
}

/** The remote ended the connection with this alert. */
export function refusedByRemote({ code }: Alert): ConicError<"connection_failed"> {
  const alert = alertName(code);
  return new ConicError("connection_failed", `the remote ended the DTLS connection: ${alert}`, {
    details: { alert, by: "remote" },
  });
}
