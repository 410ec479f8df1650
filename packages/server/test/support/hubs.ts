import type { Delivery, Hub } from "@conic/domain";
import { createHub } from "@conic/hub";

/** A hub that differs from the one in memory as a test needs it. */
export function customHub(differences: (inner: Hub) => Partial<Hub>): Hub {
  const hub = createHub();
  return {
    register: (client) => hub.register(client),
    send: (to, frame) => hub.send(to, frame),
    sendMany: (to, frame) => hub.sendMany(to, frame),
    broadcast: (frame, options) => hub.broadcast(frame, options),
    get: (id) => hub.get(id),
    clients: () => hub.clients(),
    stats: () => hub.stats(),
    drain: (options) => hub.drain(options),
    [Symbol.asyncDispose]: () => hub[Symbol.asyncDispose](),
    ...differences(hub),
  };
}

/** A hub whose sends settle later, as those of a hub over many nodes do; `when` decides how much later. */
export function asynchronousHub(when: () => Promise<void>): Hub {
  return customHub((hub) => ({
    send: async (to, frame): Promise<Delivery> => {
      await when();
      return hub.send(to, frame);
    },
  }));
}
