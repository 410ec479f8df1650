import type { WeriftIce, WeriftPath } from "../vendor.js";

interface ProbeInternals {
  buildRequest(options: {
    nominate: boolean;
    localUsername: string;
    remoteUsername: string;
    iceControlling: boolean;
    localCandidate: WeriftPath["localCandidate"];
  }): Parameters<WeriftPath["protocol"]["request"]>[0];
}

/**
 * Asks the remote for a sign of life: one STUN binding request on the selected path, with credentials both ways, so
 * that nobody else can answer it. werift asks by itself every 4 to 6 s, which is too seldom to notice a death in 5 s.
 */
export async function probePath(ice: WeriftIce, timeoutMs: number): Promise<boolean> {
  const { connection } = ice;
  const path = connection.nominated;
  if (path === undefined) return false;
  const { localUsername, remoteUsername, remotePassword, iceControlling } = connection;
  const request = (connection as unknown as ProbeInternals).buildRequest({
    nominate: false,
    localUsername,
    remoteUsername,
    iceControlling,
    localCandidate: path.localCandidate,
  });
  const options = { retransmissions: 0, responseTimeout: timeoutMs };
  try {
    await path.protocol.request(
      request,
      path.remoteAddr,
      Buffer.from(remotePassword, "utf8"),
      options,
    );
    return true;
  } catch {
    return false;
  }
}
