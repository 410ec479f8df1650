function parse(groups: string): number[] {
  return groups === "" ? [] : groups.split(":").map((group) => Number.parseInt(group, 16));
}

/** The 8 groups of an IPv6 address; its last two may be written as an IPv4 address (RFC 4291 section 2.2). */
function groupsOf(address: string): readonly number[] {
  const [plain = ""] = address.split("%");
  const hex = plain.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_all, ...bytes: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = bytes.slice(0, 4).map(Number);
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  });
  const [head = "", tail] = hex.split("::");
  const before = parse(head);
  if (tail === undefined) return before;
  const after = parse(tail);
  const zeros = Math.max(0, 8 - before.length - after.length);
  return [...before, ...Array.from({ length: zeros }, () => 0), ...after];
}

/**
 * What is counted as one address: an IPv4 address, or the /64 of an IPv6 address, which is what one subscriber has at
 * least (RFC 6177). IPv4-mapped IPv6 addresses are IPv4 ones.
 * @param address - as `node:net` writes it, or as the one who wrote X-Forwarded-For did.
 */
export function addressKey(address: string): string {
  if (!address.includes(":")) return address;
  const groups = groupsOf(address);
  const [, , , , , mapped = 0, high = 0, low = 0] = groups;
  if (mapped === 0xffff && groups.slice(0, 5).every((group) => group === 0)) {
    return [high >> 8, high & 255, low >> 8, low & 255].join(".");
  }
  const network = groups.slice(0, 4).map((group) => group.toString(16));
  return `${network.join(":")}::/64`;
}
