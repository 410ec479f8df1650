import { PeerConnection, type DataChannel, type PeerConnectionOptions } from "@conic/webrtc";
import { signalingPair, type MemorySignaling, type PairOptions } from "./signaling-pair.js";

export interface Peers extends AsyncDisposable {
  readonly a: PeerConnection;
  readonly b: PeerConnection;
  readonly signaling: readonly [MemorySignaling, MemorySignaling];
}

export type PeerOverrides = Partial<Omit<PeerConnectionOptions, "signaling">>;

/** Two peer connections in this process, joined by signaling in memory. */
export function createPeers(
  options: PairOptions & { a?: PeerOverrides; b?: PeerOverrides } = {},
): Peers {
  const signaling = signalingPair(options);
  const a = new PeerConnection({ signaling: signaling[0], ...options.a });
  const b = new PeerConnection({ signaling: signaling[1], ...options.b });
  return {
    a,
    b,
    signaling,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([a.close(), b.close()]);
    },
  };
}

/** The first item of an async iterable, left where it is for a later loop. */
export async function next<T>(source: AsyncIterable<T>): Promise<T> {
  for await (const item of source) return item;
  throw new Error("the source ended");
}

/** An open channel and its other end. */
export async function openChannel(
  peers: Peers,
  label = "chat",
): Promise<[DataChannel, DataChannel]> {
  const near = peers.a.createDataChannel(label);
  const far = await next(peers.b.dataChannels());
  await near.opened;
  return [near, far];
}
