import { describe } from "vitest";
import { describeBackpressure } from "./backpressure.js";
import { describeConsuming } from "./consuming.js";
import { describeDelivery } from "./delivery.js";
import { describeLifecycle } from "./lifecycle.js";
import type { MessageFactory, MessageStreamCapabilities, StreamPair } from "./types.js";

/**
 * The contract of `MessageStream`, as tests: every implementation runs it. `makePair` is called once per test;
 * every test also fails on sockets and timers that are left after `dispose`.
 */
export function describeMessageStreamContract<T>(
  name: string,
  makePair: () => Promise<StreamPair<T>>,
  messages: MessageFactory<T>,
  capabilities: MessageStreamCapabilities<T>,
): void {
  const contract = { makePair, messages, capabilities };
  describe(`message stream contract: ${name}`, () => {
    describeDelivery(contract);
    describeConsuming(contract);
    describeLifecycle(contract);
    describeBackpressure(contract);
  });
}
