import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { watchLeaks } from "../../../internal/testing/src/index.js";
import { faultOf, type Implementation } from "../../src/matrix/implementations.js";
import type { RemoteLink } from "../../src/matrix/links/protocol.js";
import { rows, type RowName } from "../../src/matrix/rows/index.js";
import { Scene, type Role } from "../../src/matrix/scene.js";

const roles: readonly Role[] = ["we offer", "they offer"];
/** For a machine that does other things, too. */
const patienceMs = 90_000;
/** How long something that does not happen is waited for. */
const doubtMs = 8_000;
const timeout = 300_000;
/** Rows that keep a processor busy; the others wait most of their time. */
const heavy: readonly RowName[] = [
  "the largest message",
  "2,000 messages of 16 bytes, in order",
  "4 MB",
];

interface Cell {
  readonly role: Role;
  readonly row: RowName;
  readonly reason: string;
  readonly shows: RegExp | undefined;
}

function cells(implementation: Implementation): readonly Cell[] {
  return roles.flatMap((role) =>
    (Object.keys(rows) as RowName[]).map((row) => {
      const { reason = "", shows } = faultOf(implementation, row, role) ?? {};
      return { role, row, reason, shows };
    }),
  );
}

/** The tests of one column of the matrix: all rows, both roles. */
export function describeColumn(implementation: Implementation): void {
  const { name, maxMessageBytes } = implementation;
  let link: RemoteLink;
  let checkLeaks: () => Promise<void>;
  beforeAll(async () => {
    checkLeaks = watchLeaks();
    link = await implementation.start();
  });
  afterAll(async () => {
    await link[Symbol.asyncDispose]();
    await checkLeaks();
  });

  async function checkRow({ role, row }: Cell, connectedPatienceMs: number): Promise<void> {
    await using scene = await Scene.open({ name, link, role, patienceMs, connectedPatienceMs });
    await rows[row]({ scene, maxMessageBytes });
  }

  describe(`the matrix: ${name}`, { timeout }, () => {
    const all = cells(implementation);
    const working = all.filter(({ reason }) => reason === "");
    it.for(working.filter(({ row }) => heavy.includes(row)))("$role: $row", (cell) =>
      checkRow(cell, patienceMs),
    );
    it.concurrent.for(working.filter(({ row }) => !heavy.includes(row)))("$role: $row", (cell) =>
      checkRow(cell, patienceMs),
    );
    it.concurrent.for(all.filter(({ shows }) => shows !== undefined))(
      "$role: $row: $reason",
      async (cell) => {
        await expect(checkRow(cell, doubtMs)).rejects.toThrow(cell.shows);
      },
    );
  });
}
