export type { EncoderOptions, OpusDecoderHandle, OpusEncoderHandle } from "libopus-wasm";

/** Values of libopus (opus_defines.h). */
export const application = { voip: 2048, audio: 2049, lowdelay: 2051 } as const;

/** libopus, compiled and started once per process. It is an ES module: `import()` is what CommonJS can do, too. */
export async function loadLibopus(): Promise<typeof import("libopus-wasm")> {
  return await import("libopus-wasm");
}

/** Whether libopus says that the packet is broken: OPUS_BUFFER_TOO_SMALL (more than 120 ms) or OPUS_INVALID_PACKET. */
export function isPacketError(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === -4 || error.code === -2);
}
