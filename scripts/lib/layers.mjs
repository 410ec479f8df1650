// The layers of Conic, once: .dependency-cruiser.mjs reads them for imports, check-layers.mjs for package.json files.

/**
 * @typedef {object} LayerRule
 * @property {readonly string[]} conic workspace folders whose package it may depend on
 * @property {readonly string[]} vendor packages from the registry that it may depend on
 */

const l1 = ["hub", "transport", "protocol", "webrtc", "audio", "video"];

/** @param {readonly string[]} names */
const packages = (names) => names.map((name) => `packages/${name}`);

/**
 * @param {readonly string[]} conic names below packages/
 * @param {readonly string[]} [vendor]
 * @returns {LayerRule}
 */
const may = (conic, vendor = []) => ({ conic: packages(conic), vendor });

/**
 * Key: workspace folder. A package that is not listed here fails the check: decide its layer first.
 * @type {Readonly<Record<string, LayerRule>>}
 */
export const layers = {
  "packages/domain": may([], ["zod"]),
  "packages/hub": may(["domain"]),
  "packages/transport": may(["domain"], ["ws"]),
  "packages/protocol": may(["domain"], ["zod"]),
  "packages/sctp": may(["domain"]),
  "packages/dtls": may(["domain"]),
  "packages/rtp": may(["domain"]),
  "packages/webrtc": may(["domain", "sctp", "dtls", "rtp"], ["werift"]),
  "packages/audio": may(["domain"], ["mediabunny"]),
  "packages/video": may(["domain"], ["mediabunny"]),
  "packages/codec-opus": may(["domain"], ["libopus-wasm"]),
  "packages/codec-vp8": may(["domain"], ["@libav.js/variant-webm", "@jsquash/webp", "ogv"]),
  "packages/server": may(["domain", ...l1], ["jose"]),
  "packages/client": may(["domain", ...l1]),
  "apps/signal": may(["domain", "server"], ["prom-client"]),
  "apps/datachannel": may(["domain", "client", "webrtc"]),
  "apps/media": may(
    ["domain", "client", "webrtc", "audio", "video", "codec-opus", "codec-vp8"],
    ["@libav.js/variant-webm", "mediabunny"],
  ),
  "internal/testing": may(["domain"]),
  "internal/cli": may(["domain"], ["pino", "pino-pretty"]),
};

/** Vendor libraries that only one file of only one folder may import. */
export const vendorHomes = [
  { vendor: "ws", home: "packages/transport/src/" },
  { vendor: "werift", home: "packages/webrtc/src/engine/" },
  { vendor: "jose", home: "packages/server/src/access/" },
  { vendor: "prom-client", home: "apps/signal/src/metrics/" },
  { vendor: "libopus-wasm", home: "packages/codec-opus/src/" },
];

/** Folders whose sources may import zod: schemas are many files. */
export const schemaHomes = ["packages/domain/src/", "packages/protocol/src/"];

/** Private packages that an app's sources may import; tsup bundles them. */
export const bundled = ["internal/cli"];

/** @param {Readonly<Record<string, string>>} [dependencies] */
const ownOf = (dependencies = {}) =>
  Object.fromEntries(
    Object.entries(dependencies).filter(([name]) => !name.startsWith("@conic/internal-")),
  );

/**
 * What is wrong with the dependencies that users of a package get; one line each.
 * @param {readonly import("./workspace.mjs").Workspace[]} all
 * @param {Readonly<Record<string, LayerRule>>} [rules]
 * @returns {string[]}
 */
export function manifestViolations(all, rules = layers) {
  const folderOf = new Map(all.map(({ dir, manifest }) => [manifest.name, dir]));
  return all.flatMap(({ dir, manifest }) => {
    if (!/^(packages|apps|internal)\//.test(dir)) return [];
    const rule = rules[dir];
    if (rule === undefined) return [`${dir}: has no layer; add it to scripts/lib/layers.mjs`];
    const used = {
      // Of an app they are bundled: what it depends on, as much as anything.
      ...(dir.startsWith("apps/") ? ownOf(manifest.devDependencies) : {}),
      ...manifest.dependencies,
      ...manifest.peerDependencies,
      ...manifest.optionalDependencies,
    };
    return Object.entries(used).flatMap(([name, range]) => {
      const folder = folderOf.get(name);
      if (folder === undefined) {
        return rule.vendor.includes(name) ? [] : [`${dir}: must not depend on ${name}`];
      }
      if (!rule.conic.includes(folder)) return [`${dir}: must not depend on ${folder} (${name})`];
      return range.startsWith("workspace:")
        ? []
        : [`${dir}: ${name} must be a workspace: dependency, not ${range}`];
    });
  });
}
