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
 * @param {string} message of the server
 * @param {boolean} hadToken
 */
function tokenText(message, hadToken) {
  if (!hadToken) return "This server asks for a token: paste the one that you were given.";
  if (message.includes("expired")) return "Your token has expired: paste a new one.";
  return `The server does not take the token (${message.replace(/;.*/s, "")}): paste another one.`;
}

/**
 * @param {ServerError} error
 * @param {import("./net/signaling.js").Identity} identity that was shown
 */
export function serverErrorText({ code, message }, { id, token }) {
  switch (code) {
    case "id_taken":
      return `The id “${id ?? ""}” is taken: choose another one.`;
    case "invalid_id":
      return "That is no id: 1 to 64 characters out of A-Z a-z 0-9 . _ ~ @ : -";
    case "replaced":
      return "Another window has taken your id over. Load this page again to come back.";
    case "kicked":
      return "Whoever runs the server has ended this connection.";
    case "idle_timeout":
      return "Nothing happened here for too long. Load this page again to come back.";
    case "unauthorized":
      return tokenText(message, token !== undefined);
    default:
      return `The server says: ${message === "" ? code : message}`;
  }
}
