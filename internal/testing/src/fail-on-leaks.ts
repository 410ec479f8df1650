import { afterEach, beforeEach } from "vitest";
import { watchLeaks } from "#platform";

/** Fails each test of the file or suite that leaves a socket, a server or a timer behind. */
export function failOnLeaks(graceMs?: number): void {
  let check: (() => Promise<void>) | undefined;
  beforeEach(() => {
    check = watchLeaks(graceMs);
  });
  afterEach(async () => {
    await check?.();
  });
}
