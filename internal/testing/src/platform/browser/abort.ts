// Browsers do not tell which listeners there are, so that each signal's are counted as they come and go.

interface Entry {
  readonly listener: unknown;
  readonly once: boolean;
}

const listeners = new WeakMap<AbortSignal, Entry[]>();
// oxlint-disable-next-line typescript/unbound-method -- called with the signal as `this`
const { addEventListener, removeEventListener } = EventTarget.prototype;

function entriesOf(signal: AbortSignal): Entry[] {
  const known = listeners.get(signal);
  if (known !== undefined) return known;
  const entries: Entry[] = [];
  listeners.set(signal, entries);
  const onAbort = (): void => {
    const kept = entries.filter(({ once }) => !once);
    entries.splice(0, entries.length, ...kept);
  };
  addEventListener.call(signal, "abort", onAbort);
  return entries;
}

type AddArgs = Parameters<typeof addEventListener>;
type RemoveArgs = Parameters<typeof removeEventListener>;

function add(this: AbortSignal, ...args: AddArgs): void {
  const [type, listener, options] = args;
  if (type === "abort") {
    const entries = entriesOf(this);
    const once = typeof options === "object" && options.once === true;
    if (!entries.some((entry) => entry.listener === listener)) entries.push({ listener, once });
  }
  addEventListener.apply(this, args);
}

function remove(this: AbortSignal, ...args: RemoveArgs): void {
  const [type, listener] = args;
  const entries = type === "abort" ? entriesOf(this) : [];
  const at = entries.findIndex((entry) => entry.listener === listener);
  if (at >= 0) entries.splice(at, 1);
  removeEventListener.apply(this, args);
}

Object.assign(AbortSignal.prototype, { addEventListener: add, removeEventListener: remove });

/** Listeners that a signal still has: 0 after a wait is over, or the wait leaks. */
export function abortListenerCount(signal: AbortSignal): number {
  return listeners.get(signal)?.length ?? 0;
}
