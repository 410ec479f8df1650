const defaultLeftMs = 300_000;
const minPauseMs = 30_000;
const maxLeftMs = 3_600_000;

/**
 * When to ask the server for new TURN credentials: at four fifths of the time until the first of these end. Their user is
 * `expiry:id`, in seconds since 1970. A clock that is wrong makes it neither often nor never.
 *
 * @param {readonly RTCIceServer[]} servers
 * @param {number} nowMs
 * @returns {number | undefined} none: they do not end
 */
export function refreshPauseMs(servers, nowMs) {
  const ends = servers.flatMap(({ username = "" }) => {
    const seconds = /^(\d{9,11}):/.exec(username)?.[1];
    return seconds === undefined ? [] : [Number(seconds) * 1000];
  });
  if (ends.length === 0) return undefined;
  const leftMs = Math.min(...ends) - nowMs;
  const usableMs = leftMs <= 0 ? defaultLeftMs : Math.min(leftMs, maxLeftMs);
  return Math.max(minPauseMs, usableMs * 0.8);
}
