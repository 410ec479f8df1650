import type { SignalServer } from "../signal-server.js";

/** What a server says of itself. */
export interface ServerFigures {
  readonly connections: number;
  readonly registered: number;
  readonly rooms: number;
  readonly opened: number;
  readonly registrations: number;
  readonly unregistrations: number;
  readonly framesIn: number;
  /** Messages that reached another client. */
  readonly relayed: number;
  /** `error` messages that it sent. */
  readonly errors: number;
  readonly heapBytes: number;
  readonly rssBytes: number;
}

interface Sample {
  readonly name: string;
  readonly labels: string;
  readonly value: number;
}

function parse(text: string): readonly Sample[] {
  return Array.from(
    text.matchAll(/^([a-z_:]+)(?:\{(.*)\})? (\S+)$/gm),
    ([, name = "", labels = "", value]) => ({ name, labels, value: Number(value) }),
  );
}

function sum(samples: readonly Sample[], name: string, label = ""): number {
  return samples
    .filter((sample) => sample.name === name && sample.labels.includes(label))
    .reduce((total, { value }) => total + value, 0);
}

/** Reads /metrics, as a monitoring system would. */
export async function readServer(server: SignalServer): Promise<ServerFigures> {
  const samples = parse(await (await server.get("/metrics")).text());
  const own = (name: string, label?: string): number => sum(samples, `conic_signal_${name}`, label);
  const all = own("messages_total");
  const ok = own("messages_total", 'outcome="ok"');
  return {
    connections: own("connections"),
    registered: own("registered"),
    rooms: own("rooms"),
    opened: own("connections_opened_total"),
    registrations: own("registrations_total"),
    unregistrations: own("unregistrations_total"),
    framesIn: all,
    relayed: own("relay_seconds_count"),
    errors: all - ok,
    heapBytes: sum(samples, "nodejs_heap_size_used_bytes"),
    rssBytes: sum(samples, "process_resident_memory_bytes"),
  };
}
