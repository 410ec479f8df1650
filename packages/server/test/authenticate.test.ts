import { failOnLeaks, FakeClock } from "@conic/internal-testing";
import { ConicError, deferred, type ClientId, type Deferred } from "@conic/domain";
import { describe, expect, it } from "vitest";
import type { AuthenticateRequest } from "../src/index.js";
import { worlds, memoryWorld } from "./support/host.js";
import { customHub } from "./support/hubs.js";
import { recorder } from "./support/recorder.js";

failOnLeaks();

function requireToken(expected: string) {
  return ({ token }: AuthenticateRequest): void => {
    if (token !== expected) throw new ConicError("unauthorized", "the token is wrong");
  };
}

const styles = [
  ["synchronous", (check: ReturnType<typeof requireToken>) => check],
  [
    "asynchronous",
    (check: ReturnType<typeof requireToken>) => async (request: AuthenticateRequest) => {
      await Promise.resolve();
      check(request);
    },
  ],
] as const;

describe.each(worlds)("authentication, %s", (_name, createWorld) => {
  it.each(styles)("a %s hook lets the right token in", async (_style, wrap) => {
    await using world = await createWorld({ authenticate: wrap(requireToken("open sesame")) });
    await using alice = await world.connect();
    const { ID } = await alice.register({ ID: "alice", Token: "open sesame" });
    expect(ID).toBe("alice");
  });

  it.each(styles)("a %s hook refuses others: unauthorized, and 4501", async (_style, wrap) => {
    await using world = await createWorld({ authenticate: wrap(requireToken("open sesame")) });
    for (const raw of [undefined, { Token: "guess" }]) {
      await using mallory = await world.connect();
      mallory.send("register", raw, "r-1");
      const error = await mallory.expect("error");
      expect(error).toMatchObject({ id: "r-1", body: { Code: "unauthorized" } });
      expect(await mallory.closed).toMatchObject({ code: 4501, reason: "unauthorized" });
    }
    expect(world.server.stats().registered).toBe(0);
  });

  it("a refusal without a close code keeps the connection", async () => {
    await using world = await createWorld({
      authenticate: ({ id }) => {
        if (id === "root") throw new ConicError("forbidden", "this id is not for you");
      },
    });
    await using alice = await world.connect();
    alice.send("register", { ID: "root" });
    expect(await alice.refusal()).toBe("forbidden");
    expect((await alice.register({ ID: "alice" })).ID).toBe("alice");
  });

  it("a hook that fails tells the client nothing but that, and closes with 1011", async () => {
    await using world = await createWorld({
      authenticate: () => Promise.reject(new Error("connect ECONNREFUSED db.internal:5432")),
    });
    await using alice = await world.connect();
    alice.send("register", {}, "1");
    const error = await alice.expect("error");
    expect(error.body.Code).toBe("internal");
    expect(JSON.stringify(error)).not.toContain("db.internal");
    expect((await alice.closed).code).toBe(1011);
  });
});

/** A hook that answers when the test says so, and what it was asked. */
function slow(): {
  requests: AuthenticateRequest[];
  answers: Deferred<void>[];
  asked: Deferred<void>;
  authenticate: (request: AuthenticateRequest) => Promise<void>;
} {
  const requests: AuthenticateRequest[] = [];
  const answers: Deferred<void>[] = [];
  const asked = deferred<void>();
  return {
    requests,
    answers,
    asked,
    authenticate: (request) => {
      const answer = deferred<void>();
      requests.push(request);
      answers.push(answer);
      asked.resolve();
      return answer.promise;
    },
  };
}

describe("a slow authentication hook", () => {
  it("does not register a connection that went away meanwhile", async () => {
    const hook = slow();
    const { entries, logger } = recorder();
    await using world = await memoryWorld({ authenticate: hook.authenticate, logger });
    await using alice = await world.connect();
    alice.send("register", { ID: "alice" });
    await hook.asked.promise;
    await alice.connection.close();
    expect(hook.requests[0]?.signal.aborted).toBe(true);
    hook.answers[0]?.resolve();
    await using bob = await world.connect();
    bob.send("no_such_type");
    await bob.refusal();
    expect(world.server.stats()).toMatchObject({ registered: 0, hub: { connectedClients: 0 } });
    // It is no fault of the program, nor of the hook.
    expect(entries.filter(({ level }) => level === "error")).toEqual([]);
  });

  it("does not register a connection whose time ran out with the answer, whatever the hub says", async () => {
    const hook = slow();
    const clock = new FakeClock();
    const registered: ClientId[] = [];
    const hub = customHub((inner) => ({
      register: (client) => {
        registered.push(client.id);
        return inner.register(client);
      },
    }));
    await using world = await memoryWorld({ authenticate: hook.authenticate, clock, hub });
    await using alice = await world.connect();
    alice.send("register", { ID: "alice" });
    await hook.asked.promise;
    hook.answers[0]?.resolve();
    clock.advance(10_000);
    expect((await alice.closed).code).toBe(4002);
    expect(registered).toEqual([]);
  });

  it("holds back the messages behind the register, and loses none", async () => {
    const hook = slow();
    await using world = await memoryWorld({ authenticate: hook.authenticate });
    await using alice = await world.connect();
    alice.send("register", { ID: "alice" });
    for (const Candidate of ["1", "2", "3"]) {
      alice.send("candidate", { TargetID: "alice", Candidate });
    }
    await hook.asked.promise;
    hook.answers[0]?.resolve();
    await alice.expect("register_response");
    for (const Candidate of ["1", "2", "3"]) {
      expect((await alice.expect("candidate")).body.Candidate).toBe(Candidate);
    }
  });

  it("lets one of two have the id that both asked for", async () => {
    const hook = slow();
    await using world = await memoryWorld({ authenticate: hook.authenticate });
    await using a = await world.connect();
    await using b = await world.connect();
    a.send("register", { ID: "alice" });
    b.send("register", { ID: "alice" });
    await hook.asked.promise;
    const first = b.expect("register_response");
    const second = a.refusal();
    hook.answers[1]?.resolve();
    await first;
    hook.answers[0]?.resolve();
    expect(await second).toBe("id_taken");
  });

  it("is asked about a take-over too", async () => {
    const hook = slow();
    await using world = await memoryWorld({ authenticate: hook.authenticate });
    await using older = await world.connect();
    const registering = older.register({ ID: "alice", Token: "t1" });
    await hook.asked.promise;
    hook.answers[0]?.resolve();
    const { Resume } = await registering;
    await using newer = await world.connect();
    const taking = newer.register({ ID: "alice", Token: "t2", Resume });
    await older.roundTrip();
    hook.answers[1]?.reject(new ConicError("unauthorized", "no"));
    await expect(taking).rejects.toThrow("unauthorized");
    expect(hook.requests.map(({ token }) => token)).toEqual(["t1", "t2"]);
    expect(await older.roundTrip()).toEqual([]);
  });
});
