import { describe, expect, it } from "vitest";
import { ipAddress } from "../../src/address/address.js";

describe("remote address", () => {
  it.each([
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["::FFFF:192.0.2.1", "192.0.2.1"],
    ["192.0.2.1", "192.0.2.1"],
    ["2001:db8::1", "2001:db8::1"],
    ["::1", "::1"],
    ["::ffff:c000:201", "::ffff:c000:201"],
    [undefined, ""],
  ])("%s is %s", (address, expected) => {
    expect(ipAddress(address)).toBe(expected);
  });
});
