import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";
import { findChromium } from "../../../scripts/ensure-chromium.mjs";

/** Only a failure reaches it, also on a busy machine. */
const timeout = 60_000;
const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"];

/** The dashboard of a server, used as a person does. */
export class Dashboard implements AsyncDisposable {
  readonly page: Page;
  readonly #faults: string[] = [];

  constructor(page: Page) {
    this.page = page;
    page.setDefaultTimeout(timeout);
    page.on("pageerror", (error) => this.#faults.push(String(error)));
    page.on("console", (message) => {
      // A violation of the content security policy comes this way. So do answers such as 401, and a server that is gone.
      const text = message.text();
      if (message.type() === "error" && !text.startsWith("Failed to load resource")) {
        this.#faults.push(text);
      }
    });
    page.on("request", (request) => {
      const { origin } = new URL(page.url() === "about:blank" ? request.url() : page.url());
      if (new URL(request.url()).origin !== origin) this.#faults.push(`asks ${request.url()}`);
    });
  }

  /** What the page failed to catch, was not allowed to do, or asked of others. */
  get faults(): readonly string[] {
    return this.#faults;
  }

  async signIn(token: string): Promise<void> {
    await this.page.fill("#token", token);
    await this.page.press("#token", "Enter");
  }

  /** Signs in, and waits until there is something to see. */
  async enter(token: string): Promise<void> {
    await this.signIn(token);
    await this.page.waitForSelector("#server[data-state=ready]");
  }

  /** Resolves once an element shows this text. @throws Error with what the page shows instead. */
  async shows(selector: string, text: string): Promise<void> {
    try {
      await this.page.locator(selector, { hasText: text }).first().waitFor({ state: "visible" });
    } catch (error) {
      const now = await this.page.evaluate("document.body.innerText");
      throw new Error(`${selector} does not show "${text}"; the page is:\n${String(now)}`, {
        cause: error,
      });
    }
  }

  /** What a chart says to those who cannot see it, once that matches. */
  async chartSays(title: string, what: RegExp): Promise<void> {
    const chart = this.page.locator(`svg[aria-label^="${title}"]`);
    const until = performance.now() + timeout;
    for (;;) {
      const text = (await chart.getAttribute("aria-label")) ?? "";
      if (what.test(text)) return;
      if (performance.now() > until)
        throw new Error(`the chart says "${text}", not ${String(what)}`);
      await this.page.waitForTimeout(100);
    }
  }

  /** The ids in the table, from top to bottom. */
  ids(): Promise<string[]> {
    return this.page.locator("#peers-rows .key").allTextContents();
  }

  /** By how much the page is wider than the window. */
  overflow(): Promise<number> {
    return this.page.evaluate(() => document.documentElement.scrollWidth - screen.width);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.page.context().close();
    if (this.#faults.length > 0) throw new Error(`the page has faults: ${this.#faults.join("; ")}`);
  }
}

/** A Chromium for dashboards. */
export class DashboardBrowser implements AsyncDisposable {
  readonly #browser: Browser;

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  static async start(): Promise<DashboardBrowser> {
    const executablePath = findChromium();
    if (executablePath === undefined) {
      throw new Error('there is no Chromium: run "node scripts/ensure-chromium.mjs" first');
    }
    return new DashboardBrowser(await chromium.launch({ executablePath, args: flags }));
  }

  /** Opens the dashboard of the server on this port, in a profile of its own. */
  async open(port: number, options: BrowserContextOptions = {}): Promise<Dashboard> {
    const context = await this.#browser.newContext(options);
    const page = await context.newPage();
    const dashboard = new Dashboard(page);
    await page.goto(`http://localhost:${port}/admin`);
    return dashboard;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
  }
}
