import { expect } from "vitest";
import { exchange, expectSame, expectSameSet } from "../check.js";
import type { ChannelInit, ShownChannel } from "../links/protocol.js";
import type { Rows } from "../row.js";
import type { Scene } from "../scene.js";
import type { SideChannel } from "../sides/side.js";

const plain = {
  protocol: "",
  ordered: true,
  maxRetransmits: null,
  maxPacketLifeTime: null,
  negotiated: false,
};

function expectShown(shown: ShownChannel, label: string, init: ChannelInit): void {
  const { id, ...rest } = shown;
  expect(id).toEqual(expect.any(Number));
  // Not every implementation shows every property.
  const expected = Object.entries({ label, ...plain, ...init }).filter(([name]) => name in rest);
  expect(rest).toEqual(Object.fromEntries(expected));
}

/** Each side opens a channel of this kind; both ends show it as asked for and carry messages. */
async function announced(scene: Scene, label: string, init: ChannelInit): Promise<void> {
  await scene.connect();
  const compare = init.ordered === false ? expectSameSet : expectSame;
  for (const [creator, other] of [
    [scene.ours, scene.theirs],
    [scene.theirs, scene.ours],
  ] as const) {
    const name = `${label} of ${creator.name}`;
    const created = await creator.createChannel(name, init);
    const came = await other.channel(name);
    expectShown(await created.opened(), name, init);
    expectShown(await came.opened(), name, init);
    await exchange(created, came, ["one", "two", "three", Uint8Array.of(4)], compare);
  }
}

export const channelRows: Rows<
  | "label and protocol that are not ASCII"
  | "unordered"
  | "maxRetransmits 0"
  | "unordered, maxRetransmits 3"
  | "maxPacketLifeTime 500"
  | "negotiated id"
> = {
  "label and protocol that are not ASCII": ({ scene }) =>
    announced(scene, "日本語 \u{1f600}", { protocol: "протокол" }),

  unordered: ({ scene }) => announced(scene, "unordered", { ordered: false }),

  "maxRetransmits 0": ({ scene }) => announced(scene, "limited", { maxRetransmits: 0 }),

  "unordered, maxRetransmits 3": ({ scene }) =>
    announced(scene, "limited", { ordered: false, maxRetransmits: 3 }),

  "maxPacketLifeTime 500": ({ scene }) => announced(scene, "timed", { maxPacketLifeTime: 500 }),

  "negotiated id": async ({ scene }) => {
    await scene.connect();
    const [ours, theirs] = await negotiated(scene, 42);
    for (const channel of [ours, theirs]) expect(await channel.opened()).toMatchObject({ id: 42 });
    await exchange(ours, theirs, ["one", Uint8Array.of(2)]);
  },
};

/** A channel that both sides create with this id. */
export async function negotiated(
  scene: Scene,
  id: number,
): Promise<readonly [ours: SideChannel, theirs: SideChannel]> {
  const init = { negotiated: true, id };
  const ours = await scene.ours.createChannel(`negotiated ${id}`, init);
  const theirs = await scene.theirs.createChannel(`negotiated ${id}`, init);
  await Promise.all([ours.opened(), theirs.opened()]);
  return [ours, theirs];
}
