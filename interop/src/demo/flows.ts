import type { MediaProgram } from "../../../e2e/test/media/support/media.js";

interface Flow {
  readonly direction: "send" | "receive";
  readonly kind: "audio" | "video";
  readonly frames: number;
}

/** Video frames, or audio packets, that the program has told of so far. */
export function framesOf(
  program: MediaProgram,
  direction: Flow["direction"],
  kind: Flow["kind"],
): number {
  const { flows = [] } = (program.of("stats").at(-1) ?? {}) as { flows?: readonly Flow[] };
  return flows.find((one) => one.direction === direction && one.kind === kind)?.frames ?? 0;
}

/** Resolves once the program tells of so many more. */
export async function received(
  program: MediaProgram,
  kind: Flow["kind"],
  count: number,
): Promise<void> {
  const before = framesOf(program, "receive", kind);
  await program.stdout.until(`${count} more of ${kind}`, () =>
    framesOf(program, "receive", kind) >= before + count ? true : undefined,
  );
}
