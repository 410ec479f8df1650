import { failOnLeaks } from "@conic/internal-testing";
import { describe, expect, it } from "vitest";
import { maxWrongTokens } from "../../src/admin/attempts.js";
import { peer, serve, token, type AskInit, type Served } from "./support.js";

failOnLeaks();

const reading = ["overview", "events", "peers", "rooms"];

function wrong(text: string): AskInit {
  return { headers: { Authorization: text } };
}

async function statuses(server: Served, times: number, init?: AskInit): Promise<number[]> {
  const found: number[] = [];
  for (let i = 0; i < times; i += 1) {
    const answer = await server.ask("/admin/api/overview", init);
    await answer.text();
    found.push(answer.status);
  }
  return found;
}

describe("the API of the dashboard", () => {
  it("asks for the token, whatever is wanted, and tells nothing before", async () => {
    await using server = await serve({ peers: [peer("alice")] });
    for (const path of [...reading, "peers/alice/disconnect", "no-such-thing", ""]) {
      const answer = await server.ask(`/admin/api/${path}`, wrong(""));
      expect([answer.status, await answer.text()]).toEqual([401, '{"error":"unauthorized"}\n']);
      expect(answer.headers.get("www-authenticate")).toBe("Bearer");
    }
  });

  it.each([
    [`Bearer ${token}x`],
    [`Bearer ${token.slice(1)}`],
    [`Basic ${token}`],
    [token],
    ["Bearer"],
    [`Bearer ${token.toUpperCase()}`],
    [`Bearer ${token} ${token}`],
  ])("refuses %s", async (authorization) => {
    await using server = await serve();
    expect(await statuses(server, 1, wrong(authorization))).toEqual([401]);
    expect(await statuses(server, 1)).toEqual([200]);
  });

  it("takes no token out of the address, a cookie or a body", async () => {
    await using server = await serve({ peers: [peer("alice")] });
    const none = { Authorization: "", Cookie: `token=${token}` };
    const query = await server.ask(`/admin/api/peers?token=${token}`, { headers: none });
    expect(query.status).toBe(401);
    const form = await server.ask("/admin/api/peers/alice/disconnect", {
      method: "POST",
      headers: none,
      body: new URLSearchParams({ token }),
    });
    expect([form.status, server.kicked]).toEqual([401, []]);
  });

  it("lets nobody keep what it says, nor other pages have it", async () => {
    await using server = await serve();
    const answers = [
      ...(await Promise.all(reading.map((path) => server.ask(`/admin/api/${path}`)))),
      await server.ask("/admin/api/overview", wrong("Bearer x")),
      await server.ask("/admin/api/nothing"),
      await server.ask("/admin/api/peers?limit=0"),
    ];
    for (const { headers } of answers) {
      expect(headers.get("cache-control")).toBe("no-store");
      expect(headers.get("content-type")).toBe("application/json");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("cross-origin-resource-policy")).toBe("same-origin");
      expect(headers.get("access-control-allow-origin")).toBeNull();
    }
  });

  it.each([
    ["POST", "overview", 405, "GET, HEAD"],
    ["DELETE", "peers", 405, "GET, HEAD"],
    ["OPTIONS", "rooms", 405, "GET, HEAD"],
    ["GET", "peers/alice/disconnect", 405, "POST"],
    ["HEAD", "overview", 200, null],
    ["GET", "nothing", 404, null],
    ["GET", "peers/", 404, null],
    ["POST", "peers/alice", 404, null],
    ["POST", "peers/a/b/disconnect", 404, null],
  ])("%s %s: %i", async (method, path, status, allow) => {
    await using server = await serve({ peers: [peer("alice")] });
    const answer = await server.ask(`/admin/api/${path}`, { method });
    expect([answer.status, answer.headers.get("allow")]).toEqual([status, allow]);
    expect(server.kicked).toEqual([]);
  });
});

describe("wrong tokens", () => {
  it("are answered ten times an address, then it has to wait, with the right one too", async () => {
    let address = "198.51.100.1";
    await using server = await serve({ addressOf: () => address });
    expect(maxWrongTokens).toBe(10);
    const guess = wrong("Bearer wrong");
    expect(await statuses(server, 11, guess)).toEqual([
      ...Array.from({ length: 10 }, () => 401),
      429,
    ]);
    const late = await server.ask("/admin/api/overview");
    expect([late.status, late.headers.get("retry-after")]).toEqual([429, "6"]);
    expect(await late.json()).toMatchObject({ error: "rate_limited" });
    address = "198.51.100.2";
    expect(await statuses(server, 1)).toEqual([200]);
  });

  it("do not count where none was sent: a page that asks first locks nobody out", async () => {
    await using server = await serve();
    expect(new Set(await statuses(server, 20, wrong("")))).toEqual(new Set([401]));
    expect(await statuses(server, 1)).toEqual([200]);
  });
});

describe("/admin/api/overview", () => {
  it("tells what there is and what was", async () => {
    await using server = await serve({ ready: () => false });
    server.tally.frameReceived(100);
    server.tally.kicked();
    server.tally.authenticated("forbidden");
    server.tally.messageHandled("sdp", "ok");
    server.tally.messageHandled("sdp", "target_not_found");
    server.tally.messageHandled("register", "ok");
    server.tally.callReported("direct", undefined);
    server.tally.callReported("failed", "dtls");
    server.tally.limited("messages");
    const overview: unknown = await (await server.ask("/admin/api/overview")).json();
    expect(overview).toMatchObject({
      version: "1.2.3",
      node: process.version,
      workers: 1,
      ready: false,
      connections: 0,
      registered: 0,
      away: 0,
      rooms: 0,
      totals: {
        relayed: 1,
        receivedBytes: 100,
        kicked: 1,
        authentications: { forbidden: 1 },
        calls: { direct: 1, relayed: 0, "failed: dtls": 1 },
        limits: { messages: 1 },
      },
      rates: { messages: 0 },
    });
  });
});

describe("/admin/api/peers", () => {
  const many = Array.from({ length: 230 }, (_, i) => peer(`peer-${String(i).padStart(3, "0")}`));

  it("is sorted and paged", async () => {
    await using server = await serve({ peers: many.toReversed() });
    const seen: string[] = [];
    let after: string | null = "";
    const sizes: number[] = [];
    while (after !== null) {
      const answer = await server.ask(`/admin/api/peers?limit=100&after=${after}`);
      const page = (await answer.json()) as {
        items: { id: string }[];
        total: number;
        next: string | null;
      };
      expect(page.total).toBe(230);
      sizes.push(page.items.length);
      seen.push(...page.items.map(({ id }) => id));
      after = page.next;
    }
    expect(sizes).toEqual([100, 100, 30]);
    expect(seen).toEqual(many.map(({ id }) => id));
  });

  it.each([
    ["ALICE", ["Alice"]],
    ["198.51.100.9", ["bob"]],
    ["lobby", ["Alice", "carol"]],
    ["%20lobby%20", ["Alice", "carol"]],
    ["nobody", []],
  ])("finds %s", async (query, ids) => {
    await using server = await serve({
      peers: [
        peer("carol", { rooms: ["Lobby"] }),
        peer("bob", { remoteAddress: "198.51.100.9" }),
        peer("Alice", { rooms: ["a", "the-lobby"] }),
      ],
    });
    const page = (await (await server.ask(`/admin/api/peers?query=${query}`)).json()) as {
      items: { id: string }[];
    };
    expect(page.items.map(({ id }) => id)).toEqual(ids);
  });

  it.each([
    ["limit=1", 200],
    ["limit=100", 200],
    ["limit=101", 400],
    ["limit=0", 400],
    ["limit=-1", 400],
    ["limit=x", 400],
    [`query=${"x".repeat(64)}`, 200],
    [`query=${"x".repeat(65)}`, 400],
    [`after=${"x".repeat(64)}`, 200],
    [`after=${"x".repeat(65)}`, 400],
    ["query=%", 200],
  ])("?%s: %i", async (query, status) => {
    await using server = await serve();
    for (const kind of ["peers", "rooms"]) {
      expect((await server.ask(`/admin/api/${kind}?${query}`)).status).toBe(status);
    }
  });
});

describe("/admin/api/rooms", () => {
  it("tells names and how many are in them", async () => {
    const rooms = [
      { name: "b", members: 2 },
      { name: "a", members: 1 },
    ];
    await using server = await serve({ rooms });
    expect(await (await server.ask("/admin/api/rooms")).json()).toEqual({
      items: rooms.toReversed(),
      total: 2,
      next: null,
    });
    expect(await (await server.ask("/admin/api/rooms?query=B")).json()).toMatchObject({
      items: [{ name: "b" }],
      total: 1,
    });
  });
});

describe("/admin/api/peers/disconnect?id=", () => {
  it.each([
    ["?id=..", 200, [".."]],
    ["?id=~%40%3A.", 200, ["~@:."]],
    ["?id=nobody", 404, []],
    ["?id=", 400, []],
    ["", 400, []],
    ["?id=a%2Fb", 400, []],
  ])("%s: %i", async (query, status, kicked) => {
    await using server = await serve({ peers: [peer(".."), peer("~@:.")] });
    const answer = await server.ask(`/admin/api/peers/disconnect${query}`, { method: "POST" });
    expect([answer.status, server.kicked]).toEqual([status, kicked]);
  });
});

describe("/admin/api/peers/{id}/disconnect", () => {
  it.each([
    ["alice", 200, ["alice"]],
    ["~%40%3A.", 200, ["~@:."]],
    ["nobody", 404, []],
    ["%2e%2e%2f", 400, []],
    ["no%20id", 400, []],
    ["%zz", 400, []],
    ["%3Cscript%3E", 400, []],
  ])("%s: %i", async (id, status, kicked) => {
    await using server = await serve({ peers: [peer("alice"), peer("~@:.")] });
    const answer = await server.ask(`/admin/api/peers/${id}/disconnect`, { method: "POST" });
    expect([answer.status, server.kicked]).toEqual([status, kicked]);
  });
});

describe("/admin/api/events", () => {
  it("has the samples behind a second, a new one each second", async () => {
    await using server = await serve();
    const samplesAfter = async (at: number): Promise<readonly { at: number }[]> => {
      const answer = await server.ask(`/admin/api/events?after=${at}`);
      return ((await answer.json()) as { samples: { at: number }[] }).samples;
    };
    await expect.poll(async () => (await samplesAfter(0)).length).toBeGreaterThan(1);
    const [first, second] = await samplesAfter(0);
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(1);
    expect((await samplesAfter(first?.at ?? 0))[0]).toEqual(second);
    expect(await samplesAfter(2 ** 40)).toEqual([]);
    expect(first).toMatchObject({
      connections: 0,
      messages: 0,
      lagMs: expect.any(Number) as number,
    });
    expect((await server.ask("/admin/api/events?after=x")).status).toBe(400);
  });
});
