import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { networkInterfaces } from "node:os";
import type { AddressInfo } from "node:net";
import { steadyPort, watchLeaks } from "@conic/internal-testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { addressesOf, listen, stopListening } from "../src/listen.js";

let check: () => Promise<void>;
beforeEach(() => {
  check = watchLeaks();
});
afterEach(() => check());

const hasIPv6 = Object.values(networkInterfaces())
  .flatMap((list) => list ?? [])
  .some(({ address }) => address === "::1");

// Of 127.0.0.0/8, macOS has 127.0.0.1 alone.
const second = hasIPv6 ? "::1" : "127.0.0.2";

interface Group extends AsyncDisposable {
  readonly servers: readonly Server[];
}

function group(size: number): Group {
  const servers = Array.from({ length: size }, () => createServer());
  return {
    servers,
    [Symbol.asyncDispose]: async () => {
      await Promise.all(servers.map(stopListening));
    },
  };
}

async function occupy(address: string): Promise<{ port: number } & AsyncDisposable> {
  const server = createServer();
  const port = await steadyPort(address);
  server.listen(port, address);
  await once(server, "listening");
  return { port, [Symbol.asyncDispose]: () => stopListening(server) };
}

describe("listening", () => {
  it.each([
    ["localhost", ["127.0.0.1", "::1"]],
    ["0.0.0.0", ["0.0.0.0"]],
    ["[::1]", ["::1"]],
    ["example.org", ["example.org"]],
  ])("%s is %j", (host, addresses) => {
    expect(addressesOf(host)).toEqual(addresses);
  });

  it("takes one free port on every address", async () => {
    await using both = group(2);
    const addresses = ["127.0.0.1", second];
    const port = await listen(both.servers, addresses, { host: "localhost", port: 0 });
    const bound = both.servers.map((server) => server.address() as AddressInfo);
    expect(bound.map((address) => address.address)).toEqual(addresses);
    expect(bound.map((address) => address.port)).toEqual([port, port]);
  });

  it("does without an address that this machine has not", async () => {
    await using both = group(2);
    // TEST-NET-3 of RFC 5737 is nobody's.
    await listen(both.servers, ["127.0.0.1", "203.0.113.1"], { host: "localhost", port: 0 });
    expect(both.servers.map((server) => server.listening)).toEqual([true, false]);
  });

  it("does not do without all of them", async () => {
    await using both = group(2);
    const listening = listen(both.servers, ["203.0.113.1", "203.0.113.2"], {
      host: "far",
      port: 0,
    });
    await expect(listening).rejects.toMatchObject({
      exitCode: 2,
      message: "far is no address of this machine: choose another with --host",
    });
  });

  it("frees the first address when the port is in use on the second", async () => {
    await using taken = await occupy(second);
    await using both = group(2);
    const addresses = ["127.0.0.1", second];
    const listening = listen(both.servers, addresses, { host: "localhost", port: taken.port });
    await expect(listening).rejects.toMatchObject({ exitCode: 2 });
    expect(both.servers.map((server) => server.listening)).toEqual([false, false]);
    // Nothing of the attempt is left: the first one can be had.
    await using single = group(1);
    expect(
      await listen(single.servers, ["127.0.0.1"], { host: "localhost", port: taken.port }),
    ).toBe(taken.port);
  });
});
