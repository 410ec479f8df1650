import { describe, expect, it } from "vitest";
import { abortError, deferred, isConicError, raceAbort, throwIfAborted } from "../../src/index.js";
import { countListeners, watchRejections } from "../support/runtime.js";

async function reasonOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => "it resolved",
    (reason: unknown) => reason,
  );
}

describe("throwIfAborted", () => {
  it("throws aborted with the signal's reason as the cause, once the signal has fired", () => {
    const controller = new AbortController();
    expect(() => {
      throwIfAborted(controller.signal);
    }).not.toThrow();
    expect(() => {
      throwIfAborted(undefined);
    }).not.toThrow();
    controller.abort("why");
    expect(() => {
      throwIfAborted(controller.signal);
    }).toThrow("aborted");
    expect(abortError(controller.signal)).toMatchObject({ code: "aborted", cause: "why" });
  });
});

describe("raceAbort", () => {
  it("is the promise when there is no signal or it does not fire", async () => {
    const { signal } = new AbortController();
    const listeners = countListeners(signal);
    await expect(raceAbort(Promise.resolve(1), undefined)).resolves.toBe(1);
    await expect(raceAbort(Promise.resolve(2), signal)).resolves.toBe(2);
    const error = new Error("no");
    expect(await reasonOf(raceAbort(Promise.reject(error), signal))).toBe(error);
    expect(listeners()).toBe(0);
  });

  it("rejects as soon as the signal fires, and lets go of it", async () => {
    const controller = new AbortController();
    const listeners = countListeners(controller.signal);
    const racing = raceAbort(deferred<void>().promise, controller.signal);
    expect(listeners()).toBe(1);
    controller.abort("why");
    const reason = await reasonOf(racing);
    expect(isConicError(reason, "aborted") && reason.cause).toBe("why");
    expect(listeners()).toBe(0);
  });

  it("rejects at once when the signal has fired already", async () => {
    const reason = await reasonOf(raceAbort(deferred<void>().promise, AbortSignal.abort()));
    expect(isConicError(reason, "aborted")).toBe(true);
  });

  it("handles the late rejection of a promise that nobody waits for any more", async () => {
    const rejections = watchRejections();
    const settle: { late?: (reason: Error) => void } = {};
    const late = new Promise<void>((_, reject) => {
      settle.late = reject;
    });
    const controller = new AbortController();
    const racing = reasonOf(raceAbort(late, controller.signal));
    controller.abort();
    await racing;
    settle.late?.(new Error("late"));
    expect(await rejections()).toStrictEqual([]);
  });
});
