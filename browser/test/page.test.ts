import { describe, expect, inject, it, vi } from "vitest";
import { abortListenerCount, watchLeaks } from "@conic/internal-testing";

describe("the page that tests run on", () => {
  it("is one of a browser, with nothing of Node", () => {
    expect(navigator.userAgent).toContain("Chrome");
    const ofNode = ["process", "Buffer", "global", "require", "setImmediate"];
    expect(ofNode.filter((name) => name in globalThis)).toEqual([]);
  });

  it("reaches the servers that run in Node", async () => {
    const checkLeaks = watchLeaks();
    const socket = new WebSocket(`${inject("servers").relay}?pair=${crypto.randomUUID()}`);
    await new Promise((resolve) => {
      socket.addEventListener("open", resolve);
    });
    await expect(watchLeaks(0)()).resolves.toBeUndefined();
    socket.close();
    await checkLeaks();
  });

  it("tells of sockets, timers and peer connections that were left", async () => {
    const check = watchLeaks(0);
    const timer = setTimeout(() => undefined, 60_000);
    const socket = new WebSocket(`${inject("servers").relay}?pair=${crypto.randomUUID()}`);
    const peer = new RTCPeerConnection();
    await expect(check()).rejects.toThrow("leaked: 1 timers, 1 sockets, 1 peers");
    clearTimeout(timer);
    socket.close();
    peer.close();
    // Patient, unlike the one above: a socket closes when its server says so.
    await vi.waitFor(check, { timeout: 10_000 });
  });

  it("counts the listeners of a signal", () => {
    const controller = new AbortController();
    const { signal } = controller;
    const listener = { handleEvent: () => undefined };
    signal.addEventListener("abort", listener);
    signal.addEventListener("abort", listener);
    signal.addEventListener("abort", () => undefined, { once: true });
    expect(abortListenerCount(signal)).toBe(2);
    controller.abort();
    expect(abortListenerCount(signal)).toBe(1);
    signal.removeEventListener("abort", listener);
    expect(abortListenerCount(signal)).toBe(0);
  });
});
