import { defineProject, type UserWorkspaceConfig } from "vitest/config";

/** Resolve @conic/* to TypeScript sources, so that unit tests need no build. */
const conditions: string[] = ["@conic/source"];

/** The vitest project of one package: `test/**\/*.test.ts`, three minutes a test at most. */
export function project(name: string): UserWorkspaceConfig {
  return defineProject({
    resolve: { conditions },
    ssr: { resolve: { conditions } },
    test: {
      name,
      include: ["test/**/*.test.ts"],
      benchmark: { include: [] },
      // Only a failure reaches these: a busy machine of two cores needs seconds for what usually takes milliseconds.
      testTimeout: 180_000,
      hookTimeout: 180_000,
      expect: { poll: { timeout: 60_000 } },
    },
  });
}
