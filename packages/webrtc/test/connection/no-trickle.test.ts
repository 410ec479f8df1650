import { failOnLeaks } from "@conic/internal-testing";
import type { SessionDescription } from "@conic/domain";
import { describe, expect, it } from "vitest";
import { createPeers, next, openChannel, type Peers } from "../peers.js";

/** One side gathers all its candidates first and sends them within its description, as RFC 8838 section 10 allows. */
function withoutTrickle(patient: "alice" | "bob"): Peers {
  let held: SessionDescription | undefined;
  const lines: string[] = [];
  const peers = createPeers({
    pass: (from, signal) => {
      if (from !== patient) return true;
      if (signal.kind === "description") held = signal.description;
      else if (signal.candidate.candidate !== "") lines.push(`a=${signal.candidate.candidate}`);
      else if (held !== undefined) {
        const sdp = `${held.sdp}${[...lines, "a=end-of-candidates"].join("\r\n")}\r\n`;
        const description = { type: held.type, sdp };
        peers.signaling[from === "alice" ? 1 : 0].inject({ kind: "description", description });
      }
      return false;
    },
  });
  return peers;
}

describe("a remote whose description holds all its candidates and their end", () => {
  failOnLeaks();

  it.each([
    ["offers", "alice"],
    ["answers", "bob"],
  ] as const)("connects when it %s", async (_, patient) => {
    await using peers = withoutTrickle(patient);
    const [near, far] = await openChannel(peers);
    near.send("hello");
    expect(await next(far)).toBe("hello");
    expect(await peers.a.getStats()).toMatchObject({ attempts: 1 });
  });
});
