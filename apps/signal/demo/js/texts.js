/**
 * @typedef {import("./net/call.js").EndReason} EndReason
 * @typedef {import("./net/signaling.js").ServerError} ServerError
 */

/** @type {Record<EndReason, (peer: string) => string>} */
export const endTexts = {
  stopped: (peer) => `The call with ${peer} has ended.`,
  left: (peer) => `${peer} ended the call.`,
  declined: (peer) => `${peer} declined the call.`,
  gone: (peer) =>
    `Nobody is registered as “${peer}”: check the id, and that the peer’s page or program is running.`,
  "no-answer": (peer) => `${peer} did not answer.`,
  "no-path": (peer) => `There is no network path to ${peer}: a STUN or TURN server may be needed.`,
  lost: (peer) => `The connection to ${peer} was lost.`,
};

/**
 * @param {ServerError} error
 * @param {string | undefined} id the one that was asked for
 */
export function serverErrorText({ code, message }, id) {
  switch (code) {
    case "id_taken":
      return `The id “${id ?? ""}” is taken: choose another one.`;
    case "invalid_id":
      return "That is no id: 1 to 64 characters out of A-Z a-z 0-9 . _ ~ @ : -";
    case "replaced":
      return "Another window has taken your id over. Load this page again to come back.";
    case "kicked":
      return "Whoever runs the server has ended this connection.";
    case "unauthorized":
      return "The server does not let this page in.";
    default:
      return `The server says: ${message === "" ? code : message}`;
  }
}
