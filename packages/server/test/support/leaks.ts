import { watchLeaks } from "@conic/internal-testing";
import { afterEach, beforeEach } from "vitest";

/** Fails each test of the file that leaves a socket, a server or a timer behind. */
export function failOnLeaks(): void {
  let check: (() => Promise<void>) | undefined;
  beforeEach(() => {
    check = watchLeaks();
  });
  afterEach(async () => {
    await check?.();
  });
}
