import { exchange, expectSame } from "../check.js";
import type { Row, Rows } from "../row.js";
import type { Side } from "../sides/side.js";
import type { Scene } from "../scene.js";
import { negotiated } from "./channels.js";

type Which = "ours" | "theirs";

function other(scene: Scene, which: Which): Side {
  return which === "ours" ? scene.theirs : scene.ours;
}

/** A channel is closed by one side right after a message; then another one takes its place. */
function closeChannel(closer: Which, creator: Which): Row {
  return async ({ scene }) => {
    await scene.connect();
    for (const label of ["closed", "the next one"]) {
      const created = await scene[creator].createChannel(label);
      const came = await other(scene, creator).channel(label);
      await Promise.all([created.opened(), came.opened()]);
      const [closing, seeing] = closer === creator ? [created, came] : [came, created];
      await exchange(closing, seeing, ["before the end"]);
      await closing.close();
      await Promise.all([seeing.closed(), closing.closed()]);
    }
  };
}

/** The id of a closed channel serves a new one, which starts from nothing. */
function reuseId(closer: Which): Row {
  return async ({ scene }) => {
    await scene.connect();
    for (const text of ["first use", "second use", "third use"]) {
      const [ours, theirs] = await negotiated(scene, 42);
      await exchange(ours, theirs, [text, `${text} again`]);
      const [closing, seeing] = closer === "ours" ? [ours, theirs] : [theirs, ours];
      await closing.close();
      await Promise.all([seeing.closed(), closing.closed()]);
    }
  };
}

function closeConnection(closer: Which): Row {
  return async ({ scene }) => {
    const [ours, theirs] = await scene.connect();
    await exchange(ours, theirs, ["before the end"]);
    await scene[closer].close();
    const seen = closer === "ours" ? theirs : ours;
    await Promise.all([other(scene, closer).ended(), seen.closed()]);
  };
}

export const endingRows: Rows<
  | "we close our channel"
  | "we close their channel"
  | "they close our channel"
  | "they close their channel"
  | "we close, the id is reused"
  | "they close, the id is reused"
  | "we send and close at once"
  | "we close the connection"
  | "they close the connection"
> = {
  "we close our channel": closeChannel("ours", "ours"),
  "we close their channel": closeChannel("ours", "theirs"),
  "they close our channel": closeChannel("theirs", "ours"),
  "they close their channel": closeChannel("theirs", "theirs"),
  "we close, the id is reused": reuseId("ours"),
  "they close, the id is reused": reuseId("theirs"),

  "we send and close at once": async ({ scene }) => {
    const [ours, theirs] = await scene.connect();
    const messages = Array.from({ length: 200 }, (_, i) => `message ${i}`);
    await ours.send(...messages);
    await ours.close();
    expectSame(await theirs.receive(messages.length), messages);
    await theirs.closed();
  },

  "we close the connection": closeConnection("ours"),
  "they close the connection": closeConnection("theirs"),
};
