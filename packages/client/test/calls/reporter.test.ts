import { ConicError, type CallFailureReason } from "@conic/domain";
import { FakeClock } from "@conic/internal-testing";
import type { PeerConnection } from "@conic/webrtc";
import { describe, expect, it } from "vitest";
import { CallReporter, isReportId, maxWaitingReports } from "../../src/calls/reporter.js";

/** A connection that came to nothing for this reason. */
function failed(reason: string): PeerConnection {
  const error = new ConicError("connection_failed", "no", { details: { reason } });
  const connected = Promise.reject(error);
  connected.catch(() => undefined);
  return { connected, closed: new Promise(() => undefined) } as unknown as PeerConnection;
}

interface Scene {
  readonly reporter: CallReporter;
  readonly sent: unknown[];
  readonly fail: (...reasons: (CallFailureReason | "mood")[]) => Promise<void>;
}

function scene(): Scene {
  const sent: unknown[] = [];
  const clock = new FakeClock();
  const reporter = new CallReporter({
    clock,
    send: ({ id, body }) => {
      expect(isReportId(id)).toBe(true);
      sent.push(body.Reason);
    },
  });
  return {
    reporter,
    sent,
    fail: async (...reasons) => {
      for (const reason of reasons) {
        const connection = failed(reason);
        reporter.follow(connection, () => true);
        await connection.connected.catch(() => undefined);
      }
    },
  };
}

describe("reports of calls, while the server is away", () => {
  it(`wait for it, ${maxWaitingReports} of them; of one more, the oldest is dropped`, async () => {
    for (const more of [0, 1]) {
      const { reporter, sent, fail } = scene();
      await fail("dtls");
      await fail(...Array.from({ length: maxWaitingReports - 1 + more }, () => "timeout" as const));
      reporter.attach(true);
      expect(sent).toHaveLength(maxWaitingReports);
      expect(sent[0]).toBe(more === 0 ? "dtls" : "timeout");
      reporter.detach();
      reporter.attach(true);
      expect(sent).toHaveLength(maxWaitingReports);
    }
  });

  it("are dropped when it comes back without a wish for them", async () => {
    const { reporter, sent, fail } = scene();
    await fail("refused");
    reporter.attach(false);
    reporter.attach(true);
    expect(sent).toEqual([]);
  });

  it("are none of what has no reason of the list, such as an end by the application", async () => {
    const { reporter, sent, fail } = scene();
    reporter.attach(true);
    await fail("mood", "other");
    expect(sent).toEqual(["other"]);
  });
});
