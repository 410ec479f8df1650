import { playwright } from "@vitest/browser-playwright";
import { findChromium } from "../scripts/lib/chromium.mjs";
import { project } from "../vitest.shared.ts";

const executablePath = findChromium();

const flags: string[] = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // Real addresses instead of `….local` names, which need a resolver on the network.
  "--disable-features=WebRtcHideLocalIpsWithMdns",
];

const config = project("browser");

export default {
  ...config,
  // What a bundler for browsers takes, in front of it the sources.
  resolve: { conditions: ["@conic/source", "browser", "module", "import"] },
  test: {
    ...config.test,
    globalSetup: ["servers/setup.ts"],
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({
        launchOptions: { ...(executablePath === undefined ? {} : { executablePath }), args: flags },
      }),
      instances: [{ browser: "chromium" as const }],
    },
  },
};
