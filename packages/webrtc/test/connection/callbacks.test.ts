import { silentLogger, type LogFields, type Logger } from "@conic/domain";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { failOnLeaks } from "@conic/internal-testing";
import { createPeers, next, openChannel } from "../peers.js";

function recorder(): { logger: Logger; errors: LogFields[] } {
  const errors: LogFields[] = [];
  const logger: Logger = {
    ...silentLogger,
    error: (fields) => {
      errors.push(fields);
    },
    child: () => logger,
  };
  return { logger, errors };
}

describe("faults of the application", () => {
  failOnLeaks();
  let unhandled: unknown[];
  const note = (reason: unknown): void => {
    unhandled.push(reason);
  };
  beforeEach(() => {
    unhandled = [];
    process.on("unhandledRejection", note);
    process.on("uncaughtException", note);
  });
  afterEach(() => {
    process.off("unhandledRejection", note);
    process.off("uncaughtException", note);
  });

  it("in a listener are logged, and neither the other listeners nor the connection notice", async () => {
    const { logger, errors } = recorder();
    const states: string[] = [];
    const fault = new Error("a fault of the application");
    {
      await using peers = createPeers({ a: { logger }, b: { logger } });
      for (const peer of [peers.a, peers.b]) {
        peer.on("connectionstatechange", () => {
          throw fault;
        });
      }
      peers.a.on("connectionstatechange", (state) => {
        states.push(state);
      });
      const [near, far] = await openChannel(peers);
      near.send("hello");
      expect(await next(far)).toBe("hello");
    }
    expect(states).toEqual(["connecting", "connected", "closed"]);
    expect(errors.length).toBeGreaterThanOrEqual(4);
    for (const fields of errors) expect(fields["err"]).toBe(fault);
    expect(unhandled).toEqual([]);
  });

  it("in a loop that reads a channel end the loop, not the channel: a later one goes on", async () => {
    await using peers = createPeers();
    const [near, far] = await openChannel(peers);
    const reading = (async () => {
      for await (const message of far) throw new Error(`cannot handle ${String(message)}`);
    })();
    near.send("one");
    near.send("two");
    await expect(reading).rejects.toThrow("cannot handle one");
    expect(await next(far)).toBe("two");
    expect(far.readyState).toBe("open");
    expect(unhandled).toEqual([]);
  });

  it("in a loop that takes channels do not lose the next channel", async () => {
    await using peers = createPeers();
    const taking = (async () => {
      for await (const channel of peers.b.dataChannels()) {
        throw new Error(`cannot handle ${channel.label}`);
      }
    })();
    peers.a.createDataChannel("one");
    await expect(taking).rejects.toThrow("cannot handle one");
    peers.a.createDataChannel("two");
    expect((await next(peers.b.dataChannels())).label).toBe("two");
    expect(unhandled).toEqual([]);
  });
});
