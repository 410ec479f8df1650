import { isConicError, type ClientId, type Connection, type Frame, type Hub } from "@conic/domain";
import {
  decodeGoClientMessage,
  encodeGoMessage,
  encodeGoRefusal,
  forwardGoFrame,
  type ClientMessage,
  type Decoded,
  type RelayMessage,
  type ServerMessage,
} from "@conic/protocol";
import { GoOutlet } from "./go-outlet.js";
import type { Dialect } from "./types.js";

/** What its client waits for an answer to, of whatever kind. */
interface Request {
  readonly type: "register" | "unregister";
  readonly id: unknown;
  readonly ID?: ClientId;
}

/** The dialect of one client that speaks as the original Go program does. */
export class GoDialect implements Dialect {
  readonly name = "go";
  /** That of the last frame: messages of a connection are handled one at a time. */
  #request: Request | undefined;

  decode(frame: Frame): Decoded<ClientMessage> {
    try {
      const decoded = decodeGoClientMessage(frame);
      this.#request = requestOf(decoded.message);
      return decoded;
    } catch (error) {
      this.#request = isConicError(error) ? unreadRequest(error.details) : undefined;
      throw error;
    }
  }

  encode(message: ServerMessage): Frame | undefined {
    const request = this.#request;
    if (message.type === "register_response" || message.type === "unregister_response") {
      this.#request = undefined;
    }
    if (message.type !== "error" || request === undefined || request.id !== message.id) {
      return encodeGoMessage(message, new Date());
    }
    this.#request = undefined;
    return encodeGoRefusal(request, message, new Date());
  }

  forward(decoded: Decoded<RelayMessage>, senderId: ClientId, hub: Hub): Frame {
    const target = hub.get(decoded.message.body.TargetID)?.connection;
    const at = new Date();
    // A target that is elsewhere is given the language that every server knows.
    if (!(target instanceof GoOutlet)) return forwardGoFrame(decoded, senderId, "conic.v1", at);
    return target.accept(forwardGoFrame(decoded, senderId, "go", at));
  }

  outlet(connection: Connection): Connection {
    return new GoOutlet(connection);
  }
}

function requestOf({ type, id, body }: ClientMessage): Request | undefined {
  if (type !== "register" && type !== "unregister") return undefined;
  return { type, id, ...("ID" in body ? { ID: body.ID } : {}) };
}

/** Of a message that could not be read beyond its type. */
function unreadRequest(details: Readonly<Record<string, unknown>>): Request | undefined {
  const { type, id } = details;
  if (type === "register_request") return { type: "register", id };
  return type === "unregister_request" ? { type: "unregister", id } : undefined;
}
