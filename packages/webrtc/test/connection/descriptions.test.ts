import { failOnLeaks, seededRandom } from "@conic/internal-testing";
import { deferred, type ConicError, type SessionDescription, type Signal } from "@conic/domain";
import { describe, expect, it } from "vitest";
import { createPeers, next, openChannel, type Peers } from "../peers.js";

function description(type: SessionDescription["type"], sdp: string): Signal {
  return { kind: "description", description: { type, sdp } };
}

/** An offer as this stack makes it. */
async function realOffer(): Promise<string> {
  let sdp = "";
  await using peers = createPeers({
    pass: (_, signal) => {
      if (signal.kind === "description") ({ sdp } = signal.description);
      return false;
    },
  });
  peers.a.createDataChannel("chat");
  await expect.poll(() => sdp).not.toBe("");
  return sdp;
}

/** Lines dropped, doubled, swapped, cut and overwritten: what a broken or hostile remote might send. */
function mutate(sdp: string, seed: number): string {
  const random = seededRandom(seed);
  const lines = sdp.split("\r\n");
  const pick = (): number => Math.floor(random() * lines.length);
  for (let changes = 1 + Math.floor(random() * 4); changes > 0; changes -= 1) {
    const at = pick();
    const line = lines[at] ?? "";
    const kinds: (() => void)[] = [
      () => lines.splice(at, 1),
      () => lines.splice(at, 0, line),
      () => lines.splice(at, 1, line.slice(0, Math.floor(random() * line.length))),
      () => lines.splice(at, 1, line.replaceAll(/\d+/g, "99999999999")),
      () => lines.splice(at, 1, line.replaceAll(/[a-z]/g, "\u0000")),
      () => lines.splice(at, 1, lines[pick()] ?? ""),
    ];
    kinds[Math.floor(random() * kinds.length)]?.();
  }
  return lines.join("\r\n");
}

async function carriesMessages(peers: Peers): Promise<string> {
  try {
    const [near, far] = await openChannel(peers);
    near.send("hello");
    return (await next(far)) === "hello" ? "open" : "deaf";
  } catch (error) {
    return String(error);
  }
}

/** Gives bob an offer that nobody made, then lets both connect. */
async function afterOffer(sdp: string, seed: number): Promise<string> {
  const replied = deferred<void>();
  let isReal = false;
  await using peers = createPeers({
    pass: (_, signal) => {
      // Nobody is there to take the reply to an offer that nobody made.
      if (!isReal && signal.kind === "description") replied.resolve();
      return isReal;
    },
  });
  peers.signaling[1].inject(description("offer", sdp));
  await replied.promise;
  isReal = true;
  const expired = deferred<string>();
  const timeout = setTimeout(() => {
    expired.resolve("stuck");
  }, 20_000);
  const outcome = await Promise.race([carriesMessages(peers), expired.promise]);
  clearTimeout(timeout);
  return outcome === "open" ? outcome : `seed ${seed}: ${outcome}`;
}

function faultsOf(peers: Peers): ConicError[] {
  const faults: ConicError[] = [];
  peers.b.on("fault", (error) => {
    faults.push(error);
  });
  return faults;
}

describe("descriptions that cannot be used", () => {
  failOnLeaks();

  it.each(["garbage", "", "v=0", "v=0\r\nm=", "m=application 9 UDP/DTLS/SCTP webrtc-datachannel"])(
    "are a typed fault, and a later offer connects: %j",
    async (sdp) => {
      await using peers = createPeers();
      const faults = faultsOf(peers);
      peers.signaling[1].inject(description("offer", sdp));
      await expect.poll(() => faults.length).toBeGreaterThan(0);
      expect(faults[0]?.code).toBe("invalid_description");
      expect(peers.b.connectionState).not.toBe("closed");
      const [near, far] = await openChannel(peers);
      near.send("hello");
      expect(await next(far)).toBe("hello");
    },
  );

  it("are a fault in place of an answer, and the right answer still connects", async () => {
    let answer: Signal | undefined;
    await using peers = createPeers({
      pass: (from, signal) => {
        if (from !== "bob" || signal.kind !== "description") return true;
        answer = signal;
        return false;
      },
    });
    const faults: ConicError[] = [];
    peers.a.on("fault", (error) => {
      faults.push(error);
    });
    const near = peers.a.createDataChannel("chat");
    await expect.poll(() => answer).toBeDefined();
    peers.signaling[0].inject(description("answer", "garbage"));
    await expect.poll(() => faults.length).toBeGreaterThan(0);
    expect(faults[0]?.code).toBe("invalid_description");
    if (answer !== undefined) peers.signaling[0].inject(answer);
    await near.opened;
  });

  it("do no harm to a connection that stands", async () => {
    await using peers = createPeers();
    const [near, far] = await openChannel(peers);
    const faults = faultsOf(peers);
    for (const type of ["offer", "answer", "pranswer", "rollback"] as const) {
      peers.signaling[1].inject(description(type, "garbage"));
    }
    await expect.poll(() => faults.length).toBe(4);
    near.send("hello");
    expect(await next(far)).toBe("hello");
  });

  it("in 60 variations neither end the process nor wedge the connection", async () => {
    const sdp = await realOffer();
    const outcomes: string[] = [];
    for (let first = 0; first < 60; first += 6) {
      await Promise.all(
        [0, 1, 2, 3, 4, 5].map(async (offset) => {
          outcomes.push(await afterOffer(mutate(sdp, first + offset), first + offset));
        }),
      );
    }
    expect(outcomes.filter((outcome) => outcome !== "open")).toEqual([]);
  });
});

describe("candidates", () => {
  failOnLeaks();

  it("may come before the description: they wait, are counted, and are used", async () => {
    const held: (() => void)[] = [];
    let release = false;
    await using peers = createPeers({
      carry: (from, deliver) => {
        // Descriptions of alice are held until her candidates are through.
        if (from === "alice" && !release) held.push(deliver);
        else deliver();
      },
    });
    peers.a.createDataChannel("chat");
    await expect.poll(() => held.length).toBeGreaterThan(1);
    const [offer, ...candidates] = held;
    release = true;
    for (const deliver of candidates) deliver();
    await new Promise(setImmediate);
    offer?.();
    await next(peers.b.dataChannels());
    expect((await peers.b.getStats()).candidatesQueued).toBe(candidates.length);
  });

  it("that nobody can read are a fault or ignored, and the connection comes up", async () => {
    await using peers = createPeers();
    for (const candidate of ["garbage", "candidate:", "candidate:1 1 udp x 127.0.0.1 9 typ host"]) {
      peers.signaling[1].inject({ kind: "candidate", candidate: { candidate, sdpMid: "0" } });
      peers.signaling[0].inject({ kind: "candidate", candidate: { candidate } });
    }
    const [near, far] = await openChannel(peers);
    near.send("hello");
    expect(await next(far)).toBe("hello");
  });
});
