import { RTCPeerConnection, type PeerConfig, type RTCDataChannel } from "werift";
import type { Signal } from "@conic/domain";

/** Two connections of werift as it is, without anything of Conic around them: the traps are shown on these. */
export interface BarePeers extends AsyncDisposable {
  readonly a: RTCPeerConnection;
  readonly b: RTCPeerConnection;
  readonly near: RTCDataChannel;
  /** Runs offer and answer to their end; candidates trickle. */
  negotiate(): Promise<void>;
  opened(): boolean;
}

const loopback: Partial<PeerConfig> = {
  // A server that nobody asks: without one werift asks one of its own choice.
  iceServers: [{ urls: "stun:127.0.0.1:9" }],
  iceStunGatherTimeout: 0.02,
  iceUseIpv4: false,
  iceUseIpv6: false,
  iceAdditionalHostAddresses: ["127.0.0.1"],
};

export interface BareOptions {
  readonly config?: Partial<PeerConfig>;
  readonly rewrite?: (from: string, signal: Signal) => Signal;
}

export function createBarePeers(options: BareOptions = {}): BarePeers {
  const config = options.config ?? loopback;
  const a = new RTCPeerConnection(config);
  const b = new RTCPeerConnection(config);
  const near = a.createDataChannel("chat");
  const rewrite = options.rewrite ?? ((_: string, signal: Signal): Signal => signal);
  const description = (from: string, type: "offer" | "answer", sdp: string) => {
    const changed = rewrite(from, { kind: "description", description: { type, sdp } });
    return changed.kind === "description" ? { type, sdp: changed.description.sdp } : { type, sdp };
  };
  const ends = [
    [a, b, "alice"],
    [b, a, "bob"],
  ] as const;
  for (const [from, to, name] of ends) {
    from.onIceCandidate.subscribe((candidate) => {
      if (candidate === undefined) return;
      const { candidate: line } = candidate;
      const changed = rewrite(name, { kind: "candidate", candidate: { candidate: line } });
      if (changed.kind !== "candidate") return;
      void to.addIceCandidate({ candidate: changed.candidate.candidate, sdpMid: "0" });
    });
  }
  return {
    a,
    b,
    near,
    negotiate: async () => {
      const offer = await a.createOffer();
      await a.setLocalDescription(offer);
      await b.setRemoteDescription(description("alice", "offer", offer.sdp));
      const answer = await b.createAnswer();
      await b.setLocalDescription(answer);
      await a.setRemoteDescription(description("bob", "answer", answer.sdp));
    },
    opened: () => near.readyState === "open",
    [Symbol.asyncDispose]: async () => {
      // Its DTLS repeats flights for half a minute after it was closed, unless it believes to be past them.
      for (const { dtls } of [...a.dtlsTransports, ...b.dtlsTransports]) {
        const context: unknown = Reflect.get(dtls ?? {}, "dtls");
        if (typeof context === "object" && context !== null) Reflect.set(context, "flight", 99);
      }
      await Promise.all([a.close(), b.close()]);
    },
  };
}
