import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Backplane } from "@conic/domain";
import { describeBackplaneContract } from "@conic/internal-testing";
import { openMesh } from "../../src/index.js";

describeBackplaneContract("Unix sockets", {
  makeGroup: async (limits) => {
    const directory = await mkdtemp(path.join(tmpdir(), "conic-mesh-"));
    const members = new Map<number, Backplane>();
    return {
      join: async (index) => {
        const backplane = await openMesh({ directory, index, size: 3, ...limits });
        members.set(index, backplane);
        return backplane;
      },
      // Of a process of its own, e2e kills one; what the others see is the same.
      kill: async (index) => {
        await members.get(index)?.close();
        members.delete(index);
      },
      dispose: async () => {
        await Promise.all(Array.from(members.values(), (member) => member.close()));
        await rm(directory, { recursive: true });
      },
    };
  },
});
