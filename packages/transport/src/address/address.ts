/** `address` without the form that a dual-stack socket gives to IPv4 ones: `::ffff:192.0.2.1` is `192.0.2.1`. */
export function ipAddress(address: string | undefined): string {
  if (address === undefined) return "";
  const match = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i.exec(address);
  return match?.[1] ?? address;
}
