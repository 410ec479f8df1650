// RFC 3339, no looser than Go's time.Time: a receiver in Go drops the whole message when it cannot read this.
const pattern =
  /^(\d{4}-(?:0[1-9]|1[0-2])-(\d\d))T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/** Whether a Go program reads it as a time. */
export function isGoTimestamp(value: unknown): boolean {
  const [, date, day] = (typeof value === "string" ? pattern.exec(value) : undefined) ?? [];
  // The 31st of April is the 1st of May for Date, and an error for Go.
  return date !== undefined && new Date(`${date}T00:00:00Z`).getUTCDate() === Number(day);
}
