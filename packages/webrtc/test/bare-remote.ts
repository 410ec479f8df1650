import { RTCPeerConnection, type PeerConfig, type RTCDataChannel } from "werift";
import { PeerConnection, type PeerConnectionOptions } from "../src/index.js";
import { signalingPair, type MemorySignaling } from "./signaling-pair.js";

export interface BareRemote extends AsyncDisposable {
  /** A connection of ours. */
  readonly ours: PeerConnection;
  /** What it talks to: werift as it is, which does as the test says. */
  readonly remote: RTCPeerConnection;
}

export interface BareRemoteConfig {
  readonly config?: Partial<PeerConfig>;
  /** Side of the DTLS handshake that the remote takes. Default: the client's, `active`. */
  readonly setup?: "active" | "passive";
}

async function answer(
  signaling: MemorySignaling,
  remote: RTCPeerConnection,
  setup: "active" | "passive",
): Promise<void> {
  for await (const event of signaling) {
    if (event.kind === "error") continue;
    if (event.kind === "candidate") {
      const { candidate } = event.candidate;
      if (candidate !== "") await remote.addIceCandidate({ candidate, sdpMid: "0" });
      continue;
    }
    const { type, sdp } = event.description;
    if (type !== "offer") continue;
    await remote.setRemoteDescription({ type, sdp });
    const made = await remote.createAnswer();
    const asked = made.sdp.replaceAll("a=setup:active", `a=setup:${setup}`);
    await remote.setLocalDescription({ type: "answer", sdp: asked });
    const description = { type: "answer", sdp: remote.localDescription?.sdp ?? asked } as const;
    await signaling.send({ kind: "description", description });
  }
}

/** Ours, with a remote that answers its offers and may do what no user of ours can. */
export function createBareRemote(
  options: Partial<PeerConnectionOptions> = {},
  onChannel: (channel: RTCDataChannel) => void = () => undefined,
  { config = {}, setup = "active" }: BareRemoteConfig = {},
): BareRemote {
  const [near, far] = signalingPair();
  const remote = new RTCPeerConnection({
    iceServers: [{ urls: "stun:127.0.0.1:9" }],
    iceStunGatherTimeout: 0.02,
    ...config,
  });
  remote.onDataChannel.subscribe(onChannel);
  void answer(far, remote, setup);
  const ours = new PeerConnection({ signaling: near, ...options });
  return {
    ours,
    remote,
    [Symbol.asyncDispose]: async () => {
      await ours.close();
      await far[Symbol.asyncDispose]();
      await remote.close();
    },
  };
}
