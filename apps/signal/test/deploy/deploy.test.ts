import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createSignalingServer } from "@conic/server";
import { describe, expect, it } from "vitest";
import { createMetrics } from "../../src/metrics/prometheus.js";
import { readCommand, type SignalOptions } from "../../src/options.js";
import { parseYaml } from "./yaml.js";

function read(name: string): string {
  return readFileSync(new URL(`../../../../deploy/${name}`, import.meta.url), "utf8");
}

/** The options that a command line comes to, with secrets that are there. */
function options(argv: readonly string[]): SignalOptions {
  const folder = mkdtempSync(path.join(tmpdir(), "conic-deploy-"));
  try {
    const file = path.join(folder, "secret");
    writeFileSync(file, "a secret of thirty-two bytes, and a little more".replaceAll(" ", "-"));
    const local = argv.map((arg) => arg.replace(/=(?:\/run\/secrets|%d)\/\w+$/, `=${file}`));
    const command = readCommand(local, {});
    if (command.kind !== "serve") throw new Error(command.kind);
    return command.options;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const stopsWithinMs = ({ drainMs, shutdownTimeoutMs }: SignalOptions): number =>
  drainMs + shutdownTimeoutMs;

interface Dashboard {
  readonly panels: readonly {
    readonly id: number;
    readonly targets: readonly { readonly expr: string }[];
  }[];
}

describe("the dashboard", () => {
  const { panels } = JSON.parse(read("grafana/conic-signal.json")) as Dashboard;
  const used = new Set(
    panels.flatMap(({ targets }) =>
      targets.flatMap(({ expr }) => expr.match(/\b(?:conic|nodejs|process)_\w+/g) ?? []),
    ),
  );

  it("shows metrics that exist, and all that are the server's own", async () => {
    const signaling = createSignalingServer();
    const metrics = createMetrics({
      stats: () => signaling.stats(),
      ready: () => true,
      version: "0",
    });
    const described = (await metrics.text()).matchAll(/^# TYPE (?<name>\S+) (?<type>\S+)$/gm);
    const series = Array.from(described, ({ groups }) =>
      groups?.["type"] === "histogram" ? `${groups["name"]}_bucket` : groups?.["name"],
    );
    expect([...used].filter((name) => !series.includes(name))).toEqual([]);
    const own = series.filter((name) => name?.startsWith("conic_signal_"));
    expect(own.filter((name) => !used.has(name ?? ""))).toEqual([]);
    expect(used.size).toBeGreaterThan(15);
  });

  it("has panels of different numbers, each of one server or of all", () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const { expr } of panels.flatMap(({ targets }) => targets)) {
      expect(expr).toContain('{instance=~"$instance"');
    }
  });
});

describe("the compose file", () => {
  const compose = parseYaml(read("compose.yaml")) as {
    readonly services: {
      readonly signal: {
        readonly command: readonly string[];
        readonly secrets: readonly string[];
        readonly stop_grace_period: string;
      };
      readonly coturn: { readonly command: readonly string[] };
    };
    readonly secrets: Readonly<Record<string, { readonly file: string }>>;
  };
  const { signal, coturn } = compose.services;

  it("gives the server options that it takes, and the time that it asks for", () => {
    const argv = signal.command.map((arg) => arg.replace(/\$\{TURN_HOST:[^}]*\}/, "turn.test"));
    const taken = options(argv);
    expect(taken.access.auth?.source).toBe("--auth-secret-file");
    expect(taken.access.turn?.urls).toEqual(["turn:turn.test:3478"]);
    expect(taken.metrics?.token).toBeDefined();
    expect(Number.parseInt(signal.stop_grace_period, 10) * 1000).toBeGreaterThan(
      stopsWithinMs(taken),
    );
  });

  it("has every secret that it mounts, and TURN has the one of the server", () => {
    const mounted = signal.command.flatMap((arg) => arg.split("=/run/secrets/")[1] ?? []);
    expect(mounted.toSorted()).toEqual(signal.secrets.toSorted());
    expect(Object.keys(compose.secrets).toSorted()).toEqual(mounted.toSorted());
    expect(coturn.command.join(" ")).toContain('--static-auth-secret="$$(cat /run/secrets/turn)"');
  });
});

describe("the systemd unit", () => {
  const unit = read("conic-signal.service");

  it("gives the server options that it takes, and the time that it asks for", () => {
    const [program, ...argv] = (/^ExecStart=(.+)$/m.exec(unit)?.[1] ?? "").split(" ");
    expect(program).toMatch(/\/conic-signal$/);
    const taken = options(argv);
    expect(taken.access.auth).toBeDefined();
    const stopS = Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1]);
    expect(stopS * 1000).toBeGreaterThan(stopsWithinMs(taken));
  });

  it("is made of sections and settings", () => {
    for (const line of unit.split("\n")) expect(line).toMatch(/^(?:|#.*|\[\w+\]|[A-Z]\w+=.*)$/);
  });
});

describe("the image", () => {
  const dockerfile = read("Dockerfile");

  it("is built in stages, runs without rights and looks after itself", () => {
    expect(dockerfile.match(/^FROM /gm)).toHaveLength(2);
    const last = dockerfile.slice(dockerfile.lastIndexOf("FROM "));
    expect(last).toMatch(/^USER node$/m);
    expect(last).toMatch(/^HEALTHCHECK /m);
    expect(last).toMatch(/^ENTRYPOINT \["node", "dist\/main.js"\]$/m);
    for (const [, name = ""] of last.matchAll(/(CONIC_\w+)=/g)) {
      const command = readCommand(["--help"], {});
      expect(command.kind === "help" && command.text).toContain(name);
    }
  });
});

describe("the reader of these files", () => {
  it.each([["a:\n\tb: c"], ["a: b\na: c"], ["a:\n  b: c\n d: e"], ["a"], ["a: 'b'"], ["a:"]])(
    "refuses %j",
    (text) => {
      expect(() => parseYaml(text)).toThrow(SyntaxError);
    },
  );
});
