// A page cannot ask what is open, so that timers, sockets and peer connections are counted as they come and go.
// Vitest took its own timers and its socket before this module was loaded: they are not counted.

type Constructor = new (...args: never[]) => object;

const open = { timers: new Set<unknown>(), sockets: new Set<unknown>(), peers: new Set<unknown>() };
const { setTimeout: startTimer, clearTimeout: stopTimer } = globalThis;

function set(callback: (...args: unknown[]) => void, ms?: number, ...args: unknown[]): unknown {
  const timer: unknown = startTimer(() => {
    open.timers.delete(timer);
    callback(...args);
  }, ms);
  open.timers.add(timer);
  return timer;
}

function clear(timer: never): void {
  open.timers.delete(timer);
  stopTimer(timer);
}

/** Puts a class in the place of `globalThis[name]` that tells of each object that it makes. */
function watchClass(name: string, onNew: (made: object) => void): void {
  const Native: unknown = Reflect.get(globalThis, name);
  if (typeof Native !== "function") return;
  class Watched extends (Native as Constructor) {
    constructor(...args: never[]) {
      super(...args);
      onNew(this);
    }
  }
  Object.defineProperty(Watched, "name", { value: name });
  Reflect.set(globalThis, name, Watched);
}

Object.assign(globalThis, { setTimeout: set, clearTimeout: clear });
watchClass("WebSocket", (socket) => {
  open.sockets.add(socket);
  (socket as EventTarget).addEventListener("close", () => {
    open.sockets.delete(socket);
  });
});
watchClass("RTCPeerConnection", (peer) => {
  open.peers.add(peer);
});

type Open = ReadonlyMap<string, ReadonlySet<unknown>>;

/** What is open now. */
function snapshot(): Open {
  for (const peer of open.peers) {
    // No event tells of one's own close().
    if (Reflect.get(peer as object, "signalingState") === "closed") open.peers.delete(peer);
  }
  return new Map(Object.entries(open).map(([kind, things]) => [kind, new Set(things)]));
}

/** What is open now and was not before, in words. */
function added(before: Open): string[] {
  return Array.from(snapshot()).flatMap(([kind, things]) => {
    const count = Array.from(things).filter(
      (thing) => before.get(kind)?.has(thing) !== true,
    ).length;
    return count === 0 ? [] : [`${count} ${kind}`];
  });
}

/**
 * Remembers what is open now; the returned function waits until nothing more than that is open and throws,
 * naming the kinds, when something still is after `graceMs`.
 */
export function watchLeaks(graceMs = 10_000): () => Promise<void> {
  const before = snapshot();
  return async () => {
    const deadline = performance.now() + graceMs;
    for (;;) {
      await new Promise((resolve) => {
        startTimer(resolve, 10);
      });
      const leaked = added(before);
      if (leaked.length === 0) return;
      if (performance.now() > deadline) throw new Error(`leaked: ${leaked.join(", ")}`);
    }
  };
}
