import { defineProject, type UserWorkspaceConfig } from "vitest/config";

/** Resolve @conic/* to TypeScript sources, so that unit tests need no build. */
const conditions: string[] = ["@conic/source"];

/** The vitest project of one package: `test/**\/*.test.ts`, one minute a test at most. */
export function project(name: string): UserWorkspaceConfig {
  return defineProject({
    resolve: { conditions },
    ssr: { resolve: { conditions } },
    test: {
      name,
      include: ["test/**/*.test.ts"],
      benchmark: { include: [] },
      // Only a failure reaches these: a busy machine of two cores needs seconds for what usually takes milliseconds.
      testTimeout: 60_000,
      hookTimeout: 60_000,
      expect: { poll: { timeout: 20_000 } },
    },
  });
}
