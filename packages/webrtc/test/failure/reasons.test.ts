import {
  ConicError,
  callFailureReason,
  deferred,
  type Signal,
  type SignalingEvent,
} from "@conic/domain";
import { failOnLeaks, FakeClock } from "@conic/internal-testing";
import { describe, expect, it } from "vitest";
import { PeerConnection } from "../../src/index.js";
import { createPeers, type PeerOverrides } from "../peers.js";
import { signalingPair, type PairOptions } from "../signaling-pair.js";
import { closedPort, distrustfulTurnServer, refusingTurnServer } from "../stun.js";
import { isDtls, UdpPath } from "../udp-path.js";

function isDescription(_from: string, signal: Signal): boolean {
  return signal.kind === "description";
}

/** Why alice's call to bob fails: what she waits for and what `closed` says are the same. */
async function failureOf(
  options: PairOptions & { a?: PeerOverrides; b?: PeerOverrides },
  meanwhile: (peers: ReturnType<typeof createPeers>) => void = () => undefined,
): Promise<ConicError> {
  await using peers = createPeers(options);
  const connecting = peers.a.connect().catch((error: unknown) => error);
  meanwhile(peers);
  const error = (await connecting) as ConicError;
  expect((await peers.a.closed).error).toBe(error);
  return error;
}

describe("a call that fails says why", () => {
  failOnLeaks();

  it.each([
    [401, /refused with 401: the credentials are wrong or have expired/],
    [403, /refused with 403: it forbids this use/],
    [437, /refused with 437: it holds an allocation/],
    [486, /refused with 486: the quota of this user is used up/],
    [508, /refused with 508: it has no capacity left/],
    [499, /refused with 499: look the code up in its log/],
  ])("no_candidates, with the code of the TURN server that refused: %i", async (code, text) => {
    await using turn = await refusingTurnServer(code);
    const iceServers = [{ urls: turn.url, username: "u", credential: "c" }];
    const faults: ConicError[] = [];
    const error = await failureOf({ a: { iceServers, hostAddresses: [] } }, ({ a }) => {
      a.on("fault", (fault) => faults.push(fault));
    });
    expect(error).toMatchObject({
      code: "connection_failed",
      details: { reason: "no_candidates", turnErrorCode: code },
    });
    expect(error.message).toMatch(text);
    expect(error.message).toContain(turn.url);
    expect(faults.map(({ details }) => details["turnErrorCode"])).toEqual([code]);
  });

  it("no_candidates with 401 when the server cannot sign that the credentials are wrong", async () => {
    await using turn = await distrustfulTurnServer();
    const iceServers = [{ urls: turn.url, username: "u", credential: "wrong" }];
    const clock = new FakeClock();
    const error = await failureOf({ a: { clock, iceServers, hostAddresses: [] } });
    expect(error.details).toEqual({ reason: "no_candidates", turnErrorCode: 401 });
  });

  it("no_candidates without a network and without a TURN server, at once", async () => {
    const clock = new FakeClock();
    const error = await failureOf({ a: { clock, hostAddresses: [] } });
    expect(error.details).toEqual({ reason: "no_candidates" });
    expect(error.message).toMatch(/needs a network, or a TURN server/);
  });

  it("no_candidate_pair when nothing passes between the addresses of both", async () => {
    await using path = await UdpPath.create();
    path.filter = () => false;
    const end = { hostAddresses: ["127.0.0.1"], pathTimeoutMs: 300, connectTimeoutMs: 1000 };
    const error = await failureOf({ a: end, b: end, rewrite: path.rewrite });
    expect(error).toMatchObject({ code: "timeout", details: { reason: "no_candidate_pair" } });
    expect(error.message).toMatch(/within 1000 ms: no network path .*STUN or TURN/);
  });

  it("no_candidate_pair, and that the TURN server does not answer", async () => {
    const urls = (await closedPort()).replace("stun:", "turn:");
    const iceServers = [{ urls, username: "u", credential: "c" }];
    const end = { hostAddresses: ["127.0.0.1"], iceServers, connectTimeoutMs: 500 };
    const error = await failureOf({ a: end, b: end, pass: isDescription });
    expect(error.details).toEqual({ reason: "no_candidate_pair", turnErrorCode: 701 });
    expect(error.message).toMatch(/cannot be used: it does not answer/);
  });

  it("dtls when a path was found and the handshake does not pass", async () => {
    await using path = await UdpPath.create();
    path.filter = (_from, datagram) => !isDtls(datagram);
    const end = { hostAddresses: ["127.0.0.1"], handshakeTimeoutMs: 200, connectTimeoutMs: 700 };
    const error = await failureOf({ a: end, b: end, rewrite: path.rewrite });
    expect(error).toMatchObject({ code: "timeout", details: { reason: "dtls" } });
    expect(error.message).toMatch(/DTLS handshake on it came to nothing/);
  });

  it("timeout when the peer does not answer", async () => {
    const clock = new FakeClock();
    const error = await failureOf({ a: { clock }, pass: () => false }, () => {
      clock.advance(30_000);
    });
    expect(error).toMatchObject({ code: "timeout", details: { reason: "timeout" } });
    expect(error.message).toMatch(/did not answer: somebody has to take the call/);
  });

  it("server_unreachable when the server does not take the offer", async () => {
    const clock = new FakeClock();
    const [channel] = signalingPair();
    const never = deferred<void>();
    channel.send = () => never.promise;
    await using peer = new PeerConnection({ signaling: channel, clock });
    const connecting = peer.connect().catch((error: unknown) => error);
    await expect.poll(() => peer.signalingState).toBe("have-local-offer");
    clock.advance(30_000);
    const error = await connecting;
    expect(callFailureReason(error)).toBe("server_unreachable");
    expect((error as ConicError).code).toBe("timeout");
  });

  it.each<[string, string, SignalingEvent]>([
    [
      "peer_gone when nobody holds that id",
      "peer_gone",
      { kind: "error", error: new ConicError("target_not_found", "nobody is bob") },
    ],
    [
      "server_unreachable when the server goes away",
      "server_unreachable",
      { kind: "error", error: new ConicError("shutting_down", "the server is going away") },
    ],
    [
      "other for what the server refuses else",
      "other",
      { kind: "error", error: new ConicError("rate_limited", "slow down") },
    ],
    [
      "refused when the peer does not want it",
      "refused",
      { kind: "description", description: { type: "rollback", sdp: "" } },
    ],
  ])("%s", async (_, reason, event) => {
    const options: PairOptions = { pass: () => false };
    const error = await failureOf(options, ({ a, signaling: [near] }) => {
      const off = setInterval(() => {
        if (a.signalingState !== "have-local-offer") return;
        clearInterval(off);
        near.inject(event);
      }, 1);
    });
    expect(callFailureReason(error)).toBe(reason);
    const code = event.kind === "error" ? event.error.code : "connection_failed";
    expect(error.code).toBe(code);
  });
});
