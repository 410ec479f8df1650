import { playwright } from "@vitest/browser-playwright";
import { chromiumFlags, findChromium, realAddresses } from "../scripts/lib/chromium.mjs";
import { project } from "../vitest.shared.ts";

const executablePath = findChromium();

const config = project("browser");

/** Tests of packages that run on a page as they are: the same files as in Node. */
const shared = {
  include: [
    "../packages/domain/test/**/*.test.ts",
    "../packages/protocol/test/**/*.test.ts",
    "../packages/transport/test/connection/*.test.ts",
    "../packages/transport/test/memory/*.test.ts",
    "../packages/transport/test/limits.test.ts",
    "../packages/transport/test/reconnect/backoff.test.ts",
  ],
  exclude: [
    // They need Node: a socket, its process, a folder. `test/domain` has the clock of a page.
    "../packages/domain/test/clock.test.ts",
    "../packages/domain/test/support/rejections.test.ts",
    "../packages/protocol/test/vector-files.test.ts",
    // Much arithmetic, and none that a browser does differently.
    "../packages/protocol/test/**/fuzz.test.ts",
    "../packages/protocol/test/guard/*.test.ts",
  ],
};

export default {
  ...config,
  // What a bundler for browsers takes, in front of it the sources.
  resolve: { conditions: ["@conic/source", "browser", "module", "import"] },
  // Named here, for what Vite finds on its way makes it reload the page in the middle of the tests.
  optimizeDeps: { include: ["fast-check", "@conic/protocol > zod"] },
  test: {
    ...config.test,
    // One page for all files: on a busy machine each new one takes seconds.
    isolate: false,
    include: ["test/**/*.test.ts", ...shared.include],
    exclude: shared.exclude,
    globalSetup: ["servers/setup.ts"],
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({
        launchOptions: {
          ...(executablePath === undefined ? {} : { executablePath }),
          args: [...chromiumFlags, realAddresses],
        },
      }),
      instances: [{ browser: "chromium" as const }],
    },
  },
};
