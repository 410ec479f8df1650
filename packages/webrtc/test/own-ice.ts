import { RTCPeerConnection } from "werift";
import { openPath } from "../src/engine/werift/ice/path.js";
import { useOwnIce, type OwnIce } from "../src/engine/werift/ice/own-ice.js";
import type { WeriftIce } from "../src/engine/werift/vendor.js";

export interface IceEnd {
  readonly pc: RTCPeerConnection;
  readonly ice: OwnIce;
  transport(): WeriftIce;
}

function createEnd(): IceEnd {
  const pc = new RTCPeerConnection({ iceServers: [] });
  const ice = useOwnIce(pc, { iceServers: [], hostAddresses: () => ["127.0.0.1"] });
  return {
    pc,
    ice,
    transport: () => {
      const [transport] = pc.iceTransports;
      if (transport === undefined) throw new Error("not negotiated yet");
      return transport;
    },
  };
}

/** Two of werift's connections with our ICE agent in them, not negotiated yet. DTLS stays werift's. */
export function createIceEnds(): readonly [IceEnd, IceEnd] & AsyncDisposable {
  const ends = [createEnd(), createEnd()] as const;
  for (const [index, { pc }] of ends.entries()) {
    pc.onIceCandidate.subscribe((candidate) => {
      if (candidate === undefined) return;
      const { candidate: line, usernameFragment = null } = candidate;
      const end = ends[1 - index];
      void end?.pc.addIceCandidate({ candidate: line, sdpMid: "0", usernameFragment });
    });
  }
  return Object.assign([...ends] as [IceEnd, IceEnd], {
    [Symbol.asyncDispose]: async () => {
      for (const { dtls } of ends.flatMap(({ pc }) => pc.dtlsTransports)) {
        // Its DTLS repeats flights for half a minute after it was closed, unless it believes to be past them.
        const context: unknown = Reflect.get(dtls ?? {}, "dtls");
        if (typeof context === "object" && context !== null) Reflect.set(context, "flight", 99);
      }
      await Promise.all(ends.map(({ pc }) => pc.close()));
    },
  });
}

/** Offer and answer, until both sides have a path. */
export async function negotiate([a, b]: readonly [IceEnd, IceEnd]): Promise<void> {
  if (a.pc.iceTransports.length === 0) a.pc.createDataChannel("chat");
  a.ice.beforeOffer();
  const offer = await a.pc.createOffer();
  await a.pc.setLocalDescription(offer);
  await b.pc.setRemoteDescription(offer);
  const answer = await b.pc.createAnswer();
  await b.pc.setLocalDescription(answer);
  await a.pc.setRemoteDescription(answer);
}

export { openPath };
