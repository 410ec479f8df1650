import { watchLeaks } from "@conic/internal-testing";
import { afterEach, beforeEach } from "vitest";

/**
 * Fails each test of the file that leaves a socket or a timer behind. A DTLS flight of werift cannot be called
 * off: its timer, of half a second and more after each repetition, runs out by itself.
 */
export function expectNoLeaks(graceMs = 3000): void {
  let check: () => Promise<void>;
  beforeEach(() => {
    check = watchLeaks(graceMs);
  });
  afterEach(async () => {
    await check();
  });
}
