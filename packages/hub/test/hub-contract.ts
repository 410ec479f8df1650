import { describe } from "vitest";
import type { Hub } from "@conic/domain";
import { describeDelivery } from "./contract/delivery.js";
import { describeDrain } from "./contract/drain.js";
import { describeRegistration } from "./contract/registration.js";

/**
 * What every implementation of {@link Hub} does, as `@conic/domain` says it. `makeHub` makes an empty one, which the
 * suite disposes of.
 */
export function describeHubContract(name: string, makeHub: () => Hub): void {
  describe(`${name} is a hub`, () => {
    describeRegistration(makeHub);
    describeDelivery(makeHub);
    describeDrain(makeHub);
  });
}
