import { systemClock, type Clock } from "@conic/domain";
import type { Engine } from "../stack.js";
import { WeriftConnection } from "./connection.js";
import { checkIceServers } from "../ice-urls.js";
import { checkHostAddresses } from "./ice/config.js";
import { currentServers } from "./ice/links/servers.js";

/** The engine that Conic ships: pure TypeScript, no native add-on. */
export function createWeriftEngine(clock: Clock = systemClock): Engine {
  return {
    open: (options, events) => {
      checkIceServers(currentServers(options.iceServers));
      checkHostAddresses(options.hostAddresses ?? []);
      return new WeriftConnection(options, events, clock);
    },
  };
}
