import { ConicError } from "@conic/domain";

/** How a native socket ended: a `CloseEvent`. */
export interface NativeClose {
  readonly code: number;
  readonly reason: string;
  readonly wasClean: boolean;
}

/**
 * What is used of the WebSocket of browsers (https://websockets.spec.whatwg.org). Not the type of `lib.dom`, which
 * users in Node do not have.
 */
export interface NativeSocket {
  readonly protocol: string;
  readonly bufferedAmount: number;
  binaryType: string;
  send(text: string): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: "open" | "error", listener: () => void): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: "close", listener: (event: NativeClose) => void): void;
}

type NativeConstructor = new (url: string, protocols: string[]) => NativeSocket;

interface Page {
  readonly WebSocket?: NativeConstructor;
  readonly location?: { readonly protocol: string };
}

/**
 * Begins to connect.
 * @throws ConicError `unsupported` where there is no WebSocket, `invalid_argument` for what it does not take.
 */
export function openSocket(url: string, protocols: readonly string[]): NativeSocket {
  const { WebSocket: Native } = globalThis as unknown as Page;
  if (Native === undefined) {
    throw new ConicError(
      "unsupported",
      "there is no WebSocket here; in Node 20, use the build for Node",
    );
  }
  try {
    return new Native(url, [...protocols]);
  } catch (error) {
    throw ConicError.from(error, "invalid_argument");
  }
}

/** Whether the page came over TLS, and may open `wss:` only. */
export function isSecurePage(): boolean {
  return (globalThis as unknown as Page).location?.protocol === "https:";
}
