import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startSignalServer, type SignalServer } from "../../../e2e/src/signal-server.js";
import { DemoBrowser } from "../../src/demo/browser.js";

const script = readFileSync(new URL("../../src/demo/negotiations.js", import.meta.url), "utf8");

let server: SignalServer;
let browser: DemoBrowser;
beforeAll(async () => {
  server = await startSignalServer({ env: { CONIC_LOG_LEVEL: "silent" } });
  browser = await DemoBrowser.start();
});
afterAll(async () => {
  await browser[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

/** Runs a function of negotiations.js in the page, with the page's own module. */
async function run(name: "candidatesFirst" | "bothAtOnce"): Promise<unknown> {
  await using page = await browser.open(server.port, "/");
  await page.page.route("**/demo/negotiations.js", (route) =>
    route.fulfill({ contentType: "text/javascript", body: script }),
  );
  const modules = ["/demo/negotiations.js", "/demo/js/net/negotiation.js"];
  const imports = modules.map((path) => `import(${JSON.stringify(path)})`).join(", ");
  return await page.page.evaluate(
    `Promise.all([${imports}]).then(([tests, module]) => tests.${name}(module))`,
  );
}

describe("the negotiation of the demo page", () => {
  it("keeps candidates until their description is there", async () => {
    expect(await run("candidatesFirst")).toEqual({ faults: [], states: ["stable", "stable"] });
  });

  it("settles changes that both sides make at the same moment", async () => {
    expect(await run("bothAtOnce")).toEqual({
      faults: [],
      states: ["stable", "stable"],
      pictures: [1, 0, 1, 0, 1, 0, 1, 0].map((each) => [each, each]),
    });
  });
});
