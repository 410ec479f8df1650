import type { ServerStats } from "@conic/server";
import { sumOf } from "../admin/combined.js";
import type { Part } from "./messages.js";

type Hub = ServerStats["hub"];

/** What /stats says of several workers: their sums, and what each has. */
export interface TotalStats extends ServerStats {
  readonly workers: readonly {
    readonly index: number;
    readonly connections: number;
    readonly registered: number;
  }[];
}

/** The numbers of all workers as those of one server. `parts` are not empty. */
export function sumStats(parts: readonly Part[]): TotalStats {
  const all = parts.map(({ stats }) => stats);
  const sum = (read: (stats: ServerStats) => number): number =>
    all.reduce((total, stats) => total + read(stats), 0);
  const hub = (key: keyof Hub): number => sum((stats) => stats.hub[key]);
  return {
    connections: sum(({ connections }) => connections),
    registered: sum(({ registered }) => registered),
    rooms: sum(({ rooms }) => rooms),
    away: sum(({ away }) => away),
    connectionsTotal: sum(({ connectionsTotal }) => connectionsTotal),
    framesReceived: sum(({ framesReceived }) => framesReceived),
    errorsSent: sumOf(all.map(({ errorsSent }) => errorsSent)),
    closing: all.some(({ closing }) => closing),
    hub: {
      connectedClients: hub("connectedClients"),
      messagesIn: hub("messagesIn"),
      messagesOut: hub("messagesOut"),
      messagesDropped: hub("messagesDropped"),
      bytesIn: hub("bytesIn"),
      bytesOut: hub("bytesOut"),
      uptimeMs: Math.max(...all.map((stats) => stats.hub.uptimeMs)),
    },
    workers: parts
      .map(({ index, stats: { connections, registered } }) => ({ index, connections, registered }))
      .toSorted((a, b) => a.index - b.index),
  };
}
