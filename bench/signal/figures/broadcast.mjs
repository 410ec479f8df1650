// One message to everybody.
import { quick } from "../../harness.mjs";
import { ask } from "../../rpc.mjs";
import { pick, reference, subject, twin } from "../contenders.mjs";
import { inRounds, range, ratioGoal, ratiosOf, totalOf, twins, valuesOf } from "../rounds.mjs";
import { onStage, open, pinning, sampleOf } from "../stage.mjs";

/** @import { Broadcasts, Contender } from "../types.js" */

const clients = quick ? 50 : 10_000;
const warmUpMs = quick ? 20 : 1500;
const windowMs = quick ? 50 : 3000;
const program = "./signal/server.mjs";
/** The PeerJS server cannot do this. @type {Readonly<Record<string, string>>} */
const servers = {
  [reference]: "echo",
  [twin]: "echo",
  [subject]: "conic",
  "socket.io relay": "socketio",
};

/** @param {Contender} contender */
function broadcast({ name, wire }) {
  const args = [servers[name] ?? "", "--control"];
  return onStage({ name, wire, program, args }, async (stage) => {
    const { generator, server } = stage;
    await open(stage, clients);
    await ask(server, "settle", {}, 20_000);
    await ask(generator, "broadcasts", { windowMs: warmUpMs }, 30_000);
    const before = [await sampleOf(server), await sampleOf(generator)];
    const asked = { windowMs };
    const { count, ms, p50Ms, wrong } = /** @type {Broadcasts} */ (
      await ask(generator, "broadcasts", asked, 30_000)
    );
    const after = [await sampleOf(server), await sampleOf(generator)];
    const [serverMs = 0, generatorMs = 0] = after.map(
      ({ cpuMs }, i) => cpuMs - (before[i]?.cpuMs ?? Number.NaN),
    );
    if (quick && wrong > 0) throw new Error(`${wrong} clients were not told once each time`);
    return {
      perSecond: (count * clients * 1000) / ms,
      cpuMicros: (serverMs * 1000) / (count * clients),
      serverCpu: (serverMs * 100) / ms,
      generatorCpu: (generatorMs * 100) / ms,
      p50Ms,
      wrong,
    };
  });
}

/** @type {import("../types.js").SignalFigure} */
export const broadcastFigure = {
  key: "broadcast",
  async run({ rounds, report, isChosen }) {
    const results = await inRounds({
      contenders: pick(isChosen, quick ? [subject] : Object.keys(servers)),
      rounds,
      run: broadcast,
    });
    const { isVoid, note } = twins(results, "perSecond");
    report({
      title: `broadcast: a message of 200 B to ${clients} clients`,
      rows: [...results.keys()].map((name) => ({
        contender: name,
        "deliveries/s": range(valuesOf(results, name, "perSecond")),
        "ratio to ws echo": range(ratiosOf(results, name, reference, "perSecond")),
        "last client, p50, ms": range(valuesOf(results, name, "p50Ms")),
        "server CPU, µs/delivery": range(valuesOf(results, name, "cpuMicros")),
        "server CPU, %": range(valuesOf(results, name, "serverCpu")),
        "generator CPU, %": range(valuesOf(results, name, "generatorCpu")),
        "wrongly told": totalOf(results, name, "wrong"),
      })),
      notes: [
        note,
        pinning,
        "ws echo writes one frame, made once, to each socket; conic is hub.broadcast in a program of one's own, for the app has no command for it; socket.io is server.emit.",
        "From the order to the last arrival, and then the next: both sides are idle in between, so neither is busy all the time.",
      ],
    });
    return ratioGoal({
      figure: "broadcast to 10,000, deliveries/s: ratio to ws echo, one frame made once",
      results,
      key: "perSecond",
      least: 0.9,
      isVoid,
    });
  },
};
