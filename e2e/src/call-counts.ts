import type { SignalServer } from "./signal-server.js";

/** The calls that the server counts at /metrics: those outcomes, with their reasons, that came up. */
export async function callCounts(server: SignalServer): Promise<Readonly<Record<string, number>>> {
  const text = await (await server.get("/metrics")).text();
  const lines = text.matchAll(
    /^conic_calls_total\{outcome="(?<outcome>\w+)",reason="(?<reason>\w*)"\} (?<n>[1-9]\d*)$/gm,
  );
  return Object.fromEntries(
    Array.from(lines, ({ groups = {} }) => [
      `${groups["outcome"]} ${groups["reason"]}`.trim(),
      Number(groups["n"]),
    ]),
  );
}
