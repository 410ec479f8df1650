import type { ClientId, IceCandidate } from "@conic/domain";
import { decodeCandidate, encodeCandidate } from "../v1/candidate.js";
import type { ClientMessage, Message, ServerMessage } from "../v1/messages.js";
import type { GoClientMessage, GoMessage, GoResponse, GoServerMessage } from "./messages.js";

/** A candidate that cannot be read goes on as it came: what to make of it is the receiver's business in both dialects. */
function candidateToGo(text: string): IceCandidate {
  try {
    return decodeCandidate(text);
  } catch {
    return { candidate: text };
  }
}

function idsToGo({ ID, TargetID }: { readonly ID?: ClientId; readonly TargetID: ClientId }) {
  return { ...(ID === undefined ? {} : { from_id: ID }), to_id: TargetID };
}

function idsFromGo({ from_id, to_id }: { readonly from_id?: ClientId; readonly to_id: ClientId }) {
  return { ...(from_id === undefined ? {} : { ID: from_id }), TargetID: to_id };
}

function correlated(id: string | undefined): { readonly id?: string } {
  return id === undefined || id === "" ? {} : { id };
}

function ownId(id: ClientId | undefined): { readonly client_id?: ClientId } {
  return id === undefined ? {} : { client_id: id };
}

/** The message in the Go dialect; undefined when it has no words for it, such as those for rooms. */
export function toGo(message: ServerMessage): GoServerMessage | undefined;
export function toGo(message: Message): GoMessage | undefined;
export function toGo(message: Message): GoMessage | undefined {
  const { type, body } = message;
  const id = correlated(message.id);
  // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- the Go dialect does not grow with conic.v1
  switch (type) {
    case "register": {
      const token = body.Token === undefined ? {} : { token: body.Token };
      return { type: "register_request", ...id, data: { ...ownId(body.ID), ...token } };
    }
    case "unregister":
      return { type: "unregister_request", ...id, data: ownId(body.ID) };
    case "register_response":
    case "unregister_response":
      // Neither ICE servers nor the resume secret: the Go program logs all that it receives.
      return { type, ...id, data: { client_id: body.ID, success: true } };
    case "sdp": {
      const session_description = body.SessionDescription;
      return { type, ...id, data: { ...idsToGo(body), session_description } };
    }
    case "candidate":
      return {
        type,
        ...id,
        data: { ...idsToGo(body), candidate: candidateToGo(body.Candidate) },
      };
    case "data_channel":
      return {
        type,
        ...id,
        data: { ...idsToGo(body), label: body.Label, payload: body.Data },
      };
    case "error": {
      const { Code: code, Message: text, TargetID: target_id, RetryAfterMs: retry } = body;
      const target = target_id === undefined ? {} : { target_id };
      const after = retry === undefined ? {} : { retry_after_ms: retry };
      return { type, ...id, data: { code, message: text, ...target, ...after } };
    }
    default:
      return undefined;
  }
}

/** How a request is refused: its response, with `success` false. The original answered `true` to everything. */
export function refusalToGo(
  request: { readonly type: "register" | "unregister"; readonly ID?: ClientId },
  error: ServerMessage<"error">,
): GoServerMessage {
  const { Code: code, Message: message } = error.body;
  const data: GoResponse = { ...ownId(request.ID), success: false, code, message };
  return { type: `${request.type}_response`, ...correlated(error.id), data };
}

/** An answer that names no id, or says that there is none, is an error. */
function responseFromGo(message: GoServerMessage & { readonly data: GoResponse }): ServerMessage {
  const { client_id, success, code, message: text } = message.data;
  const id = correlated(message.id);
  if (!success || client_id === undefined) {
    const body = {
      Code: code ?? "internal",
      Message: text ?? "the server refused without a reason",
    };
    return { type: "error", ...id, body };
  }
  return message.type === "register_response"
    ? { type: "register_response", ...id, body: { ID: client_id, ICEServers: [] } }
    : { type: "unregister_response", ...id, body: { ID: client_id } };
}

/** The message in `conic.v1`. */
export function fromGo(message: GoClientMessage): ClientMessage;
export function fromGo(message: GoMessage): Message;
export function fromGo(message: GoMessage): Message {
  const id = correlated(message.id);
  switch (message.type) {
    case "register_request": {
      const { client_id: ID, token: Token } = message.data;
      const body = {
        ...(ID === undefined ? {} : { ID }),
        ...(Token === undefined ? {} : { Token }),
      };
      return { type: "register", ...id, body };
    }
    case "unregister_request": {
      const { client_id: ID } = message.data;
      return { type: "unregister", ...id, body: ID === undefined ? {} : { ID } };
    }
    case "register_response":
    case "unregister_response":
      return responseFromGo(message);
    case "sdp": {
      const { session_description: SessionDescription } = message.data;
      return { type: "sdp", ...id, body: { ...idsFromGo(message.data), SessionDescription } };
    }
    case "candidate": {
      const Candidate = encodeCandidate(message.data.candidate);
      return { type: "candidate", ...id, body: { ...idsFromGo(message.data), Candidate } };
    }
    case "data_channel": {
      const { label: Label, payload: Data } = message.data;
      return { type: "data_channel", ...id, body: { ...idsFromGo(message.data), Label, Data } };
    }
    case "error": {
      const { code: Code, message: Message, target_id, retry_after_ms } = message.data;
      const target = target_id === undefined ? {} : { TargetID: target_id };
      const after = retry_after_ms === undefined ? {} : { RetryAfterMs: retry_after_ms };
      return { type: "error", ...id, body: { Code, Message, ...target, ...after } };
    }
    default:
      return message satisfies never;
  }
}
