import * as z from "zod";
import { candidateInit, clientId, description, info, type TypeTable } from "../v1/schema.js";
import type { GoClientBodies, GoServerBodies } from "./messages.js";

const register = z.object({
  client_id: clientId.exactOptional(),
  token: z.string().exactOptional(),
});
const unregister = z.object({ client_id: clientId.exactOptional() });

const addressed = { from_id: clientId.exactOptional(), to_id: clientId };
const forwarded = { from_id: clientId, to_id: clientId };

const sdp = z.object({ ...addressed, session_description: description });
const candidate = z.object({ ...addressed, candidate: candidateInit });
// In Go, a string or []byte that is missing is an empty one.
const dataChannel = z.object({
  ...addressed,
  label: z.string().default(""),
  payload: z.string().default(""),
});

const response = z.object({
  client_id: clientId.exactOptional(),
  success: z.boolean().default(false),
  code: z.string().exactOptional(),
  message: z.string().exactOptional(),
});
const error = z.object({
  code: z.string(),
  message: z.string(),
  target_id: clientId.exactOptional(),
  retry_after_ms: z.number().nonnegative().exactOptional(),
});

export const goClientTypes: TypeTable<GoClientBodies> = {
  register_request: info(register, true),
  unregister_request: info(unregister, true),
  sdp: info(sdp),
  candidate: info(candidate),
  data_channel: info(dataChannel),
};

export const goServerTypes: TypeTable<GoServerBodies> = {
  register_response: info(response),
  unregister_response: info(response),
  error: info(error),
  sdp: info(sdp.extend(forwarded)),
  candidate: info(candidate.extend(forwarded)),
  data_channel: info(dataChannel.extend(forwarded)),
};
