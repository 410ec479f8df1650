import type { WeriftIce, WeriftPeer } from "./vendor.js";

/** Private part of werift 0.25.2 that the guard needs. */
interface GatherInternals {
  gatherCandidates(): Promise<void>;
}

/**
 * Without a STUN server werift asks stun.l.google.com, even when `iceServers` is empty. Its gatherer reads this
 * field when it starts, so clearing it before that is enough.
 */
export function silenceDefaultStun(peer: WeriftPeer): void {
  for (const ice of peer.iceTransports) {
    if (ice.gatheringState !== "new") continue;
    Reflect.set(ice.connection, "stunServer", undefined);
  }
}

/**
 * werift's setLocalDescription waits until all candidates are gathered, and an answerer starts its checks only then:
 * an unreachable STUN server costs 5 s on each side. Gathering goes on in the background here.
 */
export function gatherInBackground(peer: WeriftPeer): { settled(): Promise<void> } {
  const running = new Set<Promise<void>>();
  const internals = peer as unknown as GatherInternals;
  const gather = internals.gatherCandidates.bind(peer);
  internals.gatherCandidates = () => {
    for (const ice of peer.iceTransports) holdRemoteEnd(ice, () => running.size > 0);
    const task = gather()
      .catch(() => undefined)
      .finally(() => running.delete(task));
    running.add(task);
    return Promise.resolve();
  };
  return {
    settled: async () => {
      await Promise.all(running);
    },
  };
}

const held = new WeakSet<WeriftIce>();

/**
 * werift gives the search for a path up when it has no pair and the remote has no more candidates. While its own are
 * still on their way, that says nothing: the offer of a remote that gathers first ends its candidates at once.
 */
function holdRemoteEnd(ice: WeriftIce, isGathering: () => boolean): void {
  if (held.has(ice)) return;
  held.add(ice);
  let ended = ice.connection.remoteCandidatesEnd;
  Object.defineProperty(ice.connection, "remoteCandidatesEnd", {
    configurable: true,
    enumerable: true,
    get: () => ended && !isGathering(),
    set: (value: boolean) => {
      ended = value;
    },
  });
}

/** Closes sockets that gathering opened while the connection was being closed. */
export async function closeLateSockets(transports: readonly WeriftIce[]): Promise<void> {
  await Promise.all(transports.map((ice) => ice.connection.close()));
}
