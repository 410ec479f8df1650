import type { CallFailureReason, ErrorCode } from "@conic/domain";

/** direct: from host to host; nat: through address translation; relay: through a TURN server. */
export type Path = "direct" | "nat" | "relay";

/** What happens in a chat: one line of `--json` each, and most of them a line for people. */
export type ChatEvent =
  | { readonly event: "registered"; readonly id: string; readonly server: string }
  /** The id is kept for a program that broke off. */
  | { readonly event: "waiting"; readonly id: string }
  | { readonly event: "server"; readonly state: "reconnecting" | "registered" }
  | { readonly event: "calling"; readonly peer: string }
  | { readonly event: "incoming"; readonly peer: string }
  | {
      readonly event: "connected";
      readonly peer: string;
      readonly path: Path;
      /** From the call to the connection. */
      readonly ms: number;
    }
  /** The path has changed, and is this one from now on. */
  | { readonly event: "path"; readonly peer: string; readonly path: Path }
  | { readonly event: "room"; readonly room: string; readonly state: "joined" | "left" }
  | {
      readonly event: "member";
      readonly room: string;
      readonly peer: string;
      readonly state: "joined" | "left";
    }
  | { readonly event: "silent"; readonly peer: string }
  | { readonly event: "back"; readonly peer: string }
  | {
      readonly event: "left";
      readonly peer: string;
      readonly clean: boolean;
      readonly reason: string;
      /** Why it is lost, in one word. */
      readonly why?: CallFailureReason;
    }
  | {
      readonly event: "channel";
      readonly peer: string;
      readonly label: string;
      readonly state: "open" | "closed";
      readonly by: "local" | "remote";
    }
  | {
      readonly event: "message";
      readonly peer: string;
      readonly label: string;
      readonly bytes: number;
      readonly text?: string;
      /** Base64 of a message that is not text. */
      readonly data?: string;
    }
  | {
      readonly event: "sent";
      readonly peer: string;
      readonly label: string;
      readonly bytes: number;
    }
  | {
      readonly event: "error";
      readonly code: ErrorCode | "usage";
      readonly message: string;
      readonly peer?: string;
      /** Of a call that failed. */
      readonly why?: CallFailureReason;
    };

export type Report = (event: ChatEvent) => void;

/** Resolves when the output takes more: at once, unless who reads it is slow. */
export type Room = () => Promise<void>;
