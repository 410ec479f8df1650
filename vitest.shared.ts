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
      testTimeout: 30_000,
      hookTimeout: 30_000,
    },
  });
}
