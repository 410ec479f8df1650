import { ConicError, type IceServer } from "@conic/domain";
import { failOnLeaks } from "@conic/internal-testing";
import { describe, expect, it } from "vitest";
import type { ConicClient, TokenReason } from "../../src/index.js";
import { untilState } from "../world.js";
import { alice, inSeconds, jwt, ScriptedServer, tokenOf, turn } from "./scripted.js";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A source of tokens, numbered, that live for so many seconds; and what it was asked for. */
function issuer(seconds?: number) {
  const reasons: TokenReason[] = [];
  const token = ({ reason }: { readonly reason: TokenReason }): string => {
    reasons.push(reason);
    const n = reasons.length;
    const iat = inSeconds(0);
    return seconds === undefined ? `token ${n}` : jwt({ n, iat, exp: iat + seconds });
  };
  return { reasons, token };
}

function relay(seconds: number): IceServer {
  const username = `${inSeconds(seconds)}:alice`;
  return { urls: "turn:t.example:3478", username, credential: String(seconds) };
}

function faultsOf(client: ConicClient): ConicError[] {
  const faults: ConicError[] = [];
  client.on("fault", (error) => faults.push(error));
  return faults;
}

describe("a client with a function for its token", () => {
  failOnLeaks();

  it("asks it at each registration", async () => {
    const server = new ScriptedServer();
    const { reasons, token } = issuer();
    const connecting = server.connect({ token });
    expect(await server.register()).toBe("token 1");
    const client = await connecting;
    server.cut();
    expect(await server.register()).toBe("token 2");
    expect(reasons).toEqual(["connect", "reconnect"]);
    await client.close();
    expect(server.clock.pending).toBe(0);
  });

  it("renews on the same connection before the token ends, and goes on with new TURN credentials", async () => {
    const server = new ScriptedServer();
    const { reasons, token } = issuer(100);
    const connecting = server.connect({ token, iceServers: [{ urls: "stun:s.example" }] });
    await server.register([relay(110)]);
    const client = await connecting;
    const states: string[] = [];
    client.on("statechange", (state) => states.push(state));
    for (let round = 2; round <= 4; round += 1) {
      await server.pass(70_000);
      expect(reasons).toHaveLength(round - 1);
      const message = await server.hearLater();
      expect(message).toMatchObject({ type: "register", id: "renew", body: { Received: 0 } });
      expect(tokenOf(message)).toContain(".");
      server.grant("renew", [relay(round * 1000)]);
      await turn();
      expect(client.iceServers).toEqual([{ urls: "stun:s.example" }, relay(round * 1000)]);
    }
    expect(reasons).toEqual(["connect", "renew", "renew", "renew"]);
    expect([states, server.dials, client.id]).toEqual([[], 1, "alice"]);
    await client.close();
    expect(server.clock.pending).toBe(0);
  });

  it("counts a renewal as a message of the session, and its answer not", async () => {
    const server = new ScriptedServer();
    const { token } = issuer(100);
    const connecting = server.connect({ token });
    await server.register();
    const client = await connecting;
    await client.relay("bob", "n", bytes("1"));
    expect((await server.hear()).type).toBe("data_channel");
    expect((await server.hearLater()).type).toBe("register");
    server.grant("renew");
    await client.relay("bob", "n", bytes("2"));
    expect((await server.hear()).type).toBe("data_channel");
    server.cut();
    await server.accept();
    // It received nothing that counts; the server has taken the first message and nothing behind it.
    expect(await server.hear()).toMatchObject({ type: "register", body: { Received: 0 } });
    server.grant("register", [], 1, true);
    expect((await server.hear()).type).toBe("ack");
    // The renewal keeps its place, but not its token, which may have ended.
    expect(await server.hear()).toEqual({ type: "register", id: "renew", body: {} });
    expect(await server.hear()).toMatchObject({ type: "data_channel", body: { Data: "Mg==" } });
    const faults = faultsOf(client);
    server.refuse("already_registered", "renew");
    await turn();
    expect(faults).toEqual([]);
    await client.close();
  });

  it("tries again when the function fails, and the old token is used meanwhile", async () => {
    const server = new ScriptedServer();
    let calls = 0;
    const connecting = server.connect({
      token: () => {
        calls += 1;
        if (calls === 2) throw new Error("the issuer is away");
        if (calls === 3) return "";
        return jwt({ exp: inSeconds(100) });
      },
    });
    await server.register();
    const client = await connecting;
    const faults = faultsOf(client);
    await server.until(() => faults.length === 1);
    expect(faults).toMatchObject([
      { code: "internal", details: { reason: "token_unavailable" }, message: /issuer is away/ },
    ]);
    // Half a second to one, then twice as long.
    const pause = await server.until(() => faults.length === 2);
    expect(pause).toBeGreaterThanOrEqual(500);
    expect(pause).toBeLessThanOrEqual(1_100);
    expect([calls, client.state, server.dials]).toEqual([3, "registered", 1]);
    expect((await server.hearLater()).type).toBe("register");
    server.grant("renew");
    await turn();
    expect(faults).toHaveLength(2);
    await client.close();
    expect(server.clock.pending).toBe(0);
  });

  it("tries again when the server refuses or does not answer, and not before it may", async () => {
    const server = new ScriptedServer();
    const connecting = server.connect({ token: issuer(100).token });
    await server.register();
    const client = await connecting;
    const faults = faultsOf(client);
    await server.hearLater();
    server.refuse("rate_limited", "renew", 7_000);
    await turn();
    server.clock.advance(7_499);
    await turn();
    expect(faults.map(({ code }) => code)).toEqual(["rate_limited"]);
    server.clock.advance(501);
    expect(await server.hearMore()).toMatchObject({ type: "register" });
    server.clock.advance(10_000);
    await turn();
    expect(faults.map(({ code }) => code)).toEqual(["rate_limited", "timeout"]);
    server.clock.advance(2_000);
    expect((await server.hearMore()).type).toBe("register");
    await client.close();
    expect(server.clock.pending).toBe(0);
  });

  it("stops waiting for a function that never answers, and tells it so", async () => {
    const server = new ScriptedServer();
    const signals: AbortSignal[] = [];
    const connecting = server.connect({
      registerTimeoutMs: 3_000,
      token: ({ signal }) => {
        signals.push(signal);
        return new Promise<string>(() => undefined);
      },
    });
    const failed = connecting.catch((error: unknown) => error);
    await server.accept();
    server.clock.advance(2_999);
    await turn();
    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
    server.clock.advance(1);
    expect(await failed).toMatchObject({
      code: "timeout",
      details: { reason: "token_unavailable" },
    });
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    expect(server.clock.pending).toBe(0);
  });

  it("ends when the function says that there will be none", async () => {
    const server = new ScriptedServer();
    let calls = 0;
    const connecting = server.connect({
      token: () => {
        calls += 1;
        if (calls > 1) throw new ConicError("unauthorized", "signed out");
        return "token";
      },
    });
    await server.register();
    const client = await connecting;
    server.cut();
    await server.accept();
    expect((await client.closed).error).toMatchObject({
      code: "unauthorized",
      message: "signed out",
    });
    expect([calls, server.dials]).toEqual([2, 2]);
  });

  it("is closed while the function is asked", async () => {
    const server = new ScriptedServer();
    const asked: AbortSignal[] = [];
    const connecting = server.connect({
      token: ({ reason, signal }) => {
        if (reason === "connect") return jwt({ exp: inSeconds(100) });
        asked.push(signal);
        return new Promise<string>(() => undefined);
      },
    });
    await server.register();
    const client = await connecting;
    const faults = faultsOf(client);
    await server.until(() => asked.length === 1);
    await client.close();
    expect(asked.map(({ aborted }) => aborted)).toEqual([true]);
    expect([faults, server.clock.pending]).toEqual([[], 0]);
  });

  it.each([3 * 3600, -3 * 3600, 99.5])(
    "does not hammer a server with a clock that is %i s ahead",
    async (ahead) => {
      const server = new ScriptedServer();
      let calls = 0;
      const connecting = server.connect({
        token: () => {
          calls += 1;
          const iat = inSeconds(0) - ahead;
          return jwt({ iat, exp: iat + 100 });
        },
      });
      await server.register();
      const client = await connecting;
      for (let second = 0; second < 600; second += 1) {
        const before = calls;
        server.clock.advance(1_000);
        await turn();
        if (calls === before) continue;
        await server.hear();
        server.grant("renew");
        await turn();
      }
      // Ten minutes of tokens that live for 100 s.
      expect(calls).toBeGreaterThanOrEqual(6);
      expect(calls).toBeLessThanOrEqual(20);
      expect(client.state).toBe("registered");
      await client.close();
    },
  );
});

describe("a client with one token, or none", () => {
  failOnLeaks();

  it.each(["a token", undefined])(
    "(%s) has new TURN credentials before the old ones end",
    async (token) => {
      const server = new ScriptedServer();
      const connecting = server.connect(token === undefined ? {} : { token });
      expect(await server.register([relay(600)])).toBe(token);
      const client = await connecting;
      await server.pass(430_000);
      expect(tokenOf(await server.hearLater())).toBe(token);
      server.grant("renew", [relay(1_200)]);
      await turn();
      expect(client.iceServers).toEqual([relay(1_200)]);
      await client.close();
      expect(server.clock.pending).toBe(0);
    },
  );

  it("leaves a server in peace that does not renew", async () => {
    const server = new ScriptedServer();
    const connecting = server.connect();
    await server.register([relay(60)]);
    const client = await connecting;
    const faults = faultsOf(client);
    await server.hearLater();
    server.refuse("already_registered", "renew");
    await turn();
    server.clock.advance(1_000);
    expect((await server.hear()).type).toBe("ack");
    expect([faults, server.clock.pending, client.state]).toEqual([[], 0, "registered"]);
    await client.close();
  });

  it("does not renew what has no end", async () => {
    const server = new ScriptedServer();
    const connecting = server.connect({ token: jwt({ exp: inSeconds(60) }) });
    await server.register([{ urls: "stun:s.example" }]);
    const client = await connecting;
    await turn();
    expect(server.clock.pending).toBe(0);
    await client.close();
  });

  it("is told why the server ends it", async () => {
    const server = new ScriptedServer();
    const connecting = server.connect({ token: "a token" });
    await server.register();
    const client = await connecting;
    server.refuse("unauthorized");
    await server.connection.close({ code: 4501, reason: "unauthorized" });
    expect((await client.closed).error).toMatchObject({
      code: "unauthorized",
      details: { reason: "token_ended" },
    });
    expect(server.dials).toBe(1);
  });

  it.each([
    [{ token: "guess" }, "token_refused"],
    [{}, "token_missing"],
  ])("is told what is wrong with %j", async (options, reason) => {
    const server = new ScriptedServer();
    const connecting = server.connect(options);
    await server.accept();
    await server.hear();
    server.refuse("unauthorized", "register");
    await expect(connecting).rejects.toMatchObject({ code: "unauthorized", details: { reason } });
    expect(server.dials).toBe(1);
  });
});

describe("a token that the server refuses", () => {
  failOnLeaks();

  it("is replaced once, and then the client gives up", async () => {
    const server = new ScriptedServer();
    const { reasons, token } = issuer();
    const refused = server.connect({ token }).catch((error: unknown) => error);
    for (const name of ["token 1", "token 2"]) {
      await server.accept();
      expect(tokenOf(await server.hear())).toBe(name);
      server.refuse("unauthorized", "register");
      await turn();
    }
    expect(await refused).toMatchObject({
      code: "unauthorized",
      details: { reason: "token_refused" },
    });
    expect([reasons, server.dials]).toEqual([["connect", "renew"], 2]);
    expect(server.clock.pending).toBe(0);
  });

  it("when it has ended, is replaced, and the client is back under its id", async () => {
    const server = new ScriptedServer();
    const { reasons, token } = issuer();
    const connecting = server.connect({ token });
    await server.register();
    const client = await connecting;
    const faults = faultsOf(client);
    for (let round = 0; round < 2; round += 1) {
      server.refuse("unauthorized");
      const away = untilState(client, "reconnecting");
      await server.connection.close({ code: 4501, reason: "unauthorized" });
      await away;
      await server.accept();
      expect(await server.hear()).toMatchObject({ type: "register", body: { ID: alice } });
      server.grant("register");
      await server.hear();
      await untilState(client, "registered");
    }
    // Each time that it was accepted, one more is tried.
    expect(reasons).toEqual(["connect", "renew", "renew"]);
    expect(faults.map(({ code }) => code)).toEqual(["unauthorized", "unauthorized"]);
    await client.close();
  });

  it("without a word is told of all the same", async () => {
    const server = new ScriptedServer();
    const { token } = issuer();
    const connecting = server.connect({ token });
    await server.register();
    const client = await connecting;
    const faults = faultsOf(client);
    await server.connection.close({ code: 4501 });
    await server.register();
    expect(faults).toMatchObject([{ code: "unauthorized", details: { reason: "token_ended" } }]);
    await client.close();
  });

  it("by a refused renewal, too", async () => {
    const server = new ScriptedServer();
    const { reasons, token } = issuer(100);
    const connecting = server.connect({ token });
    await server.register();
    const client = await connecting;
    await server.hearLater();
    server.refuse("unauthorized", "renew");
    await server.connection.close({ code: 4501, reason: "unauthorized" });
    await server.register();
    expect(reasons).toEqual(["connect", "renew", "renew"]);
    await untilState(client, "registered");
    await client.close();
    expect(server.clock.pending).toBe(0);
  });
});

describe("a server that limits its clients", () => {
  failOnLeaks();

  it.each([
    ["rate_limited", 9_000, 1008, "rate_limited", 9_000],
    ["rate_limited", undefined, 1008, "rate_limited", 1_000],
    ["shutting_down", 5_000, 1001, "shutting_down", 5_000],
    ["slow_consumer", 4_000, 4001, "slow_consumer", 4_000],
    ["target_not_found", 9_000, 1001, "", 0],
  ])(
    "says %s, after %s ms: left alone for as long",
    async (code, after, close, reason, atLeast) => {
      const server = new ScriptedServer();
      const connecting = server.connect();
      await server.register();
      const client = await connecting;
      server.refuse(code, undefined, after);
      await turn();
      await server.connection.close({ code: close, reason });
      const pause = await server.accept();
      expect(pause).toBeGreaterThanOrEqual(atLeast);
      expect(pause).toBeLessThanOrEqual(atLeast + 11);
      await client.close();
    },
  );
});
