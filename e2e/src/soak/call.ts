import { setTimeout as pause } from "node:timers/promises";
import { Caller, type Heard, type Leaving, type Tally } from "./caller.js";

/** A call like those of browsers: an offer and an answer of 2 KB, candidates of 0.3 KB both ways. */
const sdp = `v=0\r\no=- 4611731400430051336 2 IN IP4 127.0.0.1\r\n${"a=rtpmap:111 opus/48000/2\r\n".repeat(80)}`;
const candidatesEach = 6;
const candidate =
  "candidate:842163049 1 udp 1677729535 203.0.113.7 46154 typ srflx raddr 192.168.1.5 rport 46154 generation 0 ufrag EEtu network-cost 999";

export interface CallPlan {
  readonly url: string;
  readonly random: () => number;
  /** The longest that both stay after the call. */
  readonly stayMs: number;
  readonly tally: Tally;
}

const ways: readonly Leaving[] = ["unregister", "close", "vanish"];

function relay(from: Caller, to: Caller, type: string, body: Heard["raw"]): void {
  from.send(type, { ID: from.id, TargetID: to.id, ...body });
}

/** The message of the other that was next, whole and unchanged. */
async function expectFrom(to: Caller, from: Caller, type: string, body: Heard["raw"]) {
  const { raw } = await to.hear(type);
  const expected = { ID: from.id, TargetID: to.id, ...body };
  if (JSON.stringify(raw) === JSON.stringify(expected)) return;
  throw new Error(`${JSON.stringify(raw).slice(0, 200)} came where ${type} of ${from.id} was next`);
}

function candidateBody(n: number): Heard["raw"] {
  const init = { candidate, sdpMid: "0", sdpMLineIndex: 0, usernameFragment: "EEtu" };
  return { Candidate: JSON.stringify(init), Number: n };
}

async function exchange(a: Caller, b: Caller, tally: Tally): Promise<void> {
  const offer = { SessionDescription: { type: "offer", sdp } };
  const answer = { SessionDescription: { type: "answer", sdp } };
  relay(a, b, "sdp", offer);
  for (let n = 0; n < candidatesEach; n += 1) relay(a, b, "candidate", candidateBody(n));
  await expectFrom(b, a, "sdp", offer);
  relay(b, a, "sdp", answer);
  for (let n = 0; n < candidatesEach; n += 1) relay(b, a, "candidate", candidateBody(n));
  await expectFrom(a, b, "sdp", answer);
  for (let n = 0; n < candidatesEach; n += 1) {
    await expectFrom(b, a, "candidate", candidateBody(n));
    await expectFrom(a, b, "candidate", candidateBody(n));
  }
  tally.relayed += 2 + 2 * candidatesEach;
}

/** Both in one room: the second is told of the first, and the first of the second. */
async function meet(a: Caller, b: Caller): Promise<void> {
  const Room = `room-of-${a.id}`;
  a.send("join", { Room });
  await a.hear("peers");
  b.send("join", { Room });
  const { raw } = await b.hear("peers");
  if (JSON.stringify(raw["Peers"]) !== JSON.stringify([a.id])) {
    throw new Error(`${JSON.stringify(raw)} came where ${a.id} is in the room`);
  }
  await a.hear("peer_joined");
}

/** Two clients come, meet, call, stay a while, and go, each in its own way. */
export async function liveOnce({ url, random, stayMs, tally }: CallPlan): Promise<void> {
  const a = new Caller(url, tally);
  const b = new Caller(url, tally);
  const [cameA, cameB] = await Promise.all([a.enter(), b.enter()]);
  if (!cameA || !cameB) {
    // As somebody does who is told to come later.
    if (cameA) await a.leave("close");
    if (cameB) await b.leave("close");
    await pause(random() * stayMs);
    return;
  }
  const inRoom = random() < 0.3;
  if (inRoom) await meet(a, b);
  await exchange(a, b, tally);
  await pause(random() * stayMs);
  // After a silence too.
  await exchange(b, a, tally);
  const [first = "close", second = "close"] = [0, 1].map(() => ways[Math.floor(random() * 3)]);
  await a.leave(first);
  if (inRoom) await b.hear("peer_left");
  if (first === "unregister") {
    relay(b, a, "candidate", candidateBody(0));
    await b.hear("error");
    tally.errors += 1;
  }
  await b.leave(second);
  tally.calls += 1;
}
