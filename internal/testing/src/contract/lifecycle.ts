import { describe, expect, it } from "vitest";
import { ConicError, type CloseInfo } from "@conic/domain";
import { collectAll } from "../collect.js";
import { watchLeaks } from "#platform";
import { codeOf, withPair } from "./harness.js";
import type { StreamContract } from "./types.js";

function describeConnecting<T>(
  contract: StreamContract<T>,
  connecting: NonNullable<StreamContract<T>["capabilities"]["connecting"]>,
): void {
  const withConnecting = async (
    body: (stream: Awaited<ReturnType<typeof connecting>>["stream"]) => Promise<void>,
  ): Promise<void> => {
    const checkLeaks = watchLeaks();
    const { stream, dispose } = await connecting();
    try {
      expect(stream.readyState).toBe("connecting");
      await body(stream);
    } finally {
      await dispose();
    }
    await checkLeaks();
  };

  it("refuses to send before it is open", async () => {
    await withConnecting(async (stream) => {
      expect(await codeOf(() => stream.send(contract.messages.make(0, 16)))).toBe("invalid_state");
      expect(stream.bufferedAmount).toBe(0);
      await stream.close();
    });
  });

  it("rejects opened when it is closed before it is open", async () => {
    await withConnecting(async (stream) => {
      await stream.close();
      expect(await codeOf(() => stream.opened)).toBe("closed");
      expect(stream.readyState).toBe("closed");
      expect((await stream.closed).wasClean).toBe(false);
      expect(await collectAll(stream)).toEqual([]);
    });
  });

  it("rejects opened with the reason when it is aborted before it is open", async () => {
    await withConnecting(async (stream) => {
      const reason = new ConicError("internal", "changed its mind");
      stream.abort(reason);
      await expect(stream.opened).rejects.toBe(reason);
      expect((await stream.closed).error).toBe(reason);
    });
  });
}

function describeAbort<T>(contract: StreamContract<T>): void {
  it("aborts at once, with the reason as the error, and the other end is told or finds out", async () => {
    await withPair(contract, async ({ a, b }) => {
      const reason = new ConicError("internal", "something broke");
      a.abort(reason);
      expect(a.readyState).toBe("closed");
      expect(a.bufferedAmount).toBe(0);
      const info = await a.closed;
      expect(info.wasClean).toBe(false);
      expect(info.error).toBe(reason);
      await b.closed;
      expect(b.readyState).toBe("closed");
    });
  });

  it("keeps the first of several reasons to end", async () => {
    await withPair(contract, async ({ a }) => {
      const reason = new ConicError("internal", "first");
      a.abort(reason);
      a.abort(new ConicError("internal", "second"));
      await a.close({ code: 4000 });
      expect((await a.closed).error).toBe(reason);
    });
  });

  it("may be aborted inside a loop that reads it", async () => {
    await withPair(contract, async ({ a, b }) => {
      for (let index = 0; index < 5; index += 1) a.send(contract.messages.make(index, 64));
      const received: T[] = [];
      for await (const message of b) {
        received.push(message);
        b.abort(new ConicError("internal", "enough"));
      }
      const wrong = received.findIndex(
        (message, index) => !contract.messages.equals(message, contract.messages.make(index, 64)),
      );
      expect(received.length).toBeGreaterThan(0);
      expect(wrong, "first message out of order").toBe(-1);
      await a.closed;
    });
  });

  it("may be aborted while it closes", async () => {
    await withPair(contract, async ({ a, b }) => {
      const closing = a.close();
      a.abort(new ConicError("internal", "no patience"));
      await closing;
      expect((await a.closed).wasClean).toBe(false);
      await b.closed;
    });
  });
}

function describeCrossing<T>(contract: StreamContract<T>): void {
  it("delivers what both ends sent before they closed at once", async () => {
    await withPair(contract, async ({ a, b }) => {
      for (let index = 0; index < 5; index += 1) {
        a.send(contract.messages.make(index, 64));
        b.send(contract.messages.make(index, 64));
      }
      await Promise.all([a.close(), b.close()]);
      expect(await collectAll(a)).toHaveLength(5);
      expect(await collectAll(b)).toHaveLength(5);
    });
  });
}

function describeClose<T>(contract: StreamContract<T>): void {
  const conveys = contract.capabilities.conveysCloseCode ?? true;
  const expectClean = (info: CloseInfo, code: number, reason: string): void => {
    expect(info.wasClean).toBe(true);
    expect(info.error).toBeUndefined();
    if (conveys) expect(info).toEqual({ code, reason, wasClean: true });
  };

  it("closes with a handshake: both ends are closed, cleanly, with code and reason", async () => {
    await withPair(contract, async ({ a, b }) => {
      const closing = a.close({ code: 4000, reason: "done" });
      expect(a.readyState).toBe("closing");
      await closing;
      expect(a.readyState).toBe("closed");
      expectClean(await a.closed, 4000, "done");
      expectClean(await b.closed, 4000, "done");
      expect(b.readyState).toBe("closed");
    });
  });

  // oxlint-disable-next-line vitest/expect-expect -- expectClean does
  it("closes with 1000 and no reason by default; disposing is closing", async () => {
    await withPair(contract, async ({ a, b }) => {
      await a[Symbol.asyncDispose]();
      expectClean(await a.closed, 1000, "");
      expectClean(await b.closed, 1000, "");
    });
  });

  it("may be closed twice, by both ends at once, and after it closed", async () => {
    await withPair(contract, async ({ a, b }) => {
      await Promise.all([a.close(), a.close(), b.close(), b.close()]);
      expect((await a.closed).wasClean).toBe(true);
      expect((await b.closed).wasClean).toBe(true);
      await a.close();
      a.abort(new ConicError("internal", "too late"));
      expect((await a.closed).wasClean).toBe(true);
    });
  });

  it("refuses to send once it closes or is closed, at both ends", async () => {
    await withPair(contract, async ({ a, b }) => {
      const message = contract.messages.make(0, 16);
      const closing = a.close();
      expect(await codeOf(() => a.send(message))).toBe("closed");
      await closing;
      await b.closed;
      expect(await codeOf(() => a.send(message))).toBe("closed");
      expect(await codeOf(() => b.send(message))).toBe("closed");
    });
  });

  it("rejects the wait of close when its signal fires, and closes all the same", async () => {
    await withPair(contract, async ({ a, b }) => {
      const controller = new AbortController();
      const closing = codeOf(() => a.close({ signal: controller.signal }));
      controller.abort();
      expect(await closing).toBe("aborted");
      expect((await a.closed).wasClean).toBe(true);
      expect((await b.closed).wasClean).toBe(true);
    });
  });
}

/** Opening, closing, aborting, in every order. */
export function describeLifecycle<T>(contract: StreamContract<T>): void {
  describe("lifecycle", () => {
    it("is open once opened resolves", async () => {
      await withPair(contract, async ({ a, b }) => {
        await a.opened;
        expect([a.readyState, b.readyState]).toEqual(["open", "open"]);
        expect(a.bufferedAmount).toBe(0);
      });
    });
    const { connecting } = contract.capabilities;
    if (connecting !== undefined) describeConnecting(contract, connecting);
    describeClose(contract);
    if (contract.capabilities.crossesClose ?? true) describeCrossing(contract);
    describeAbort(contract);
  });
}
