import { fileURLToPath } from "node:url";
import { findAiortc } from "../../../scripts/ensure-aiortc.mjs";
import { Chromium } from "../chromium.js";
import { ChildLink } from "./links/child-link.js";
import type { RemoteLink } from "./links/protocol.js";
import type { RowName } from "./rows/index.js";
import type { Role } from "./scene.js";

/** Rows, in one role or both, in which an implementation does something else than it should. */
export interface Fault {
  readonly rows: readonly RowName[];
  /** Default: both. */
  readonly role?: Role;
  /** What the test sees; `undefined` where there is nothing to test. */
  readonly shows: RegExp | undefined;
  readonly reason: string;
}

export interface Implementation {
  readonly name: string;
  readonly maxMessageBytes: number;
  readonly start: () => Promise<RemoteLink>;
  readonly faults: readonly Fault[];
}

function remote(file: string): string {
  return fileURLToPath(new URL(`../remotes/${file}`, import.meta.url));
}

function nodeLink(name: string, file: string): Promise<RemoteLink> {
  return Promise.resolve(new ChildLink(name, process.execPath, [remote(file)]));
}

export const chromium: Implementation = {
  name: "Chromium",
  maxMessageBytes: 262_144,
  start: () => Chromium.startRemote(),
  faults: [
    {
      rows: ["we send and close at once"],
      role: "we offer",
      shows: undefined,
      reason:
        "Chromium now and then drops all that came on a channel which the other side made and closes right " +
        "behind its last message; it does the same with itself, in half of the tries on a busy machine.",
    },
  ],
};

export const wrtc: Implementation = {
  name: "@roamhq/wrtc",
  maxMessageBytes: 262_144,
  start: () => nodeLink("@roamhq/wrtc", "wrtc.mjs"),
  faults: [
    {
      rows: ["we close the connection"],
      shows: /@roamhq\/wrtc: the end of the connection/,
      reason:
        "@roamhq/wrtc closes its channels at once, but its connection goes on as connected for 15 s " +
        "and fails then; it does the same with itself.",
    },
  ],
};

export const nodeDatachannel: Implementation = {
  name: "node-datachannel",
  maxMessageBytes: 262_144,
  start: () => nodeLink("node-datachannel", "node-datachannel.mjs"),
  faults: [
    {
      rows: ["we send and close at once"],
      shows: undefined,
      reason:
        "node-datachannel now and then drops what it has received and not yet handed over when the other " +
        "side closes the channel; it does the same with itself.",
    },
    {
      rows: ["we restart ICE"],
      shows: /Invalid ICE settings from remote SDP/,
      reason: "libdatachannel refuses an offer with new credentials.",
    },
    {
      rows: ["they restart ICE"],
      shows: undefined,
      reason:
        "libdatachannel cannot restart ICE: asked for an offer with new credentials, it aborts the process.",
    },
  ],
};

export const aiortc: Implementation = {
  name: "aiortc",
  maxMessageBytes: 65_536,
  start: () => {
    const python = findAiortc();
    if (python === undefined) {
      throw new Error('there is no aiortc: run "node scripts/ensure-aiortc.mjs"');
    }
    return Promise.resolve(new ChildLink("aiortc", python, ["-u", remote("aiortc_remote.py")]));
  },
  faults: [
    {
      rows: ["label and protocol that are not ASCII"],
      shows: /in vain for ours: channel 日本語/,
      reason:
        "aiortc announces the length of a label in characters instead of bytes: those that are not ASCII " +
        "arrive cut. It reads ours right.",
    },
    {
      rows: ["we close the connection"],
      shows: /aiortc: the end of the connection/,
      reason:
        "aiortc closes its channels at once, but its connection stays connected when DTLS is closed.",
    },
    {
      rows: ["we restart ICE"],
      shows: /their ICE credentials: .*not to be/,
      reason: "aiortc answers with its old credentials and goes on over the old path.",
    },
    {
      rows: ["they restart ICE"],
      shows: undefined,
      reason: "aiortc has no ICE restart.",
    },
  ],
};

export const implementations: readonly Implementation[] = [chromium, wrtc, nodeDatachannel, aiortc];

export function faultOf({ faults }: Implementation, row: RowName, role: Role): Fault | undefined {
  return faults.find((fault) => fault.rows.includes(row) && (fault.role ?? role) === role);
}
