import { ConicError, type OpusDecoderConfig, type OpusEncoderConfig } from "@conic/domain";

export type ResolvedEncoderConfig = {
  readonly [K in keyof OpusEncoderConfig]-?: Exclude<OpusEncoderConfig[K], undefined>;
};

const frameDurations: readonly number[] = [2_500, 5_000, 10_000, 20_000, 40_000, 60_000];

/** With every default filled in. @throws ConicError `invalid_argument` that says what is allowed. */
export function resolveEncoderConfig(config: OpusEncoderConfig): ResolvedEncoderConfig {
  const { numberOfChannels = 1 } = config;
  checkOneOf("numberOfChannels", numberOfChannels, [1, 2]);
  const resolved: ResolvedEncoderConfig = {
    numberOfChannels,
    bitrate: config.bitrate ?? 32_000 * numberOfChannels,
    bitrateMode: config.bitrateMode ?? "variable",
    frameDuration: config.frameDuration ?? 20_000,
    application: config.application ?? "audio",
    complexity: config.complexity ?? 10,
    packetLossPercent: config.packetLossPercent ?? 0,
    useInBandFec: config.useInBandFec ?? false,
    useDtx: config.useDtx ?? false,
  };
  checkBitrate(resolved.bitrate);
  checkOneOf("bitrateMode", resolved.bitrateMode, ["constant", "variable"]);
  checkOneOf("frameDuration in µs", resolved.frameDuration, frameDurations);
  checkOneOf("application", resolved.application, ["voip", "audio", "lowdelay"]);
  checkWhole("complexity", resolved.complexity, 0, 10);
  checkPacketLoss(resolved.packetLossPercent);
  checkOneOf("useInBandFec", resolved.useInBandFec, [true, false]);
  checkOneOf("useDtx", resolved.useDtx, [true, false]);
  return resolved;
}

export function resolveChannels(config: OpusDecoderConfig): 1 | 2 {
  const { numberOfChannels = 2 } = config;
  checkOneOf("numberOfChannels", numberOfChannels, [1, 2]);
  return numberOfChannels;
}

export function checkBitrate(bitrate: number): void {
  checkWhole("bitrate", bitrate, 6_000, 510_000);
}

export function checkPacketLoss(percent: number): void {
  checkWhole("packetLossPercent", percent, 0, 100);
}

export function checkWhole(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw invalidArgument(`${name} is a whole number from ${least} to ${most}, not ${String(value)}`);
}

function checkOneOf(name: string, value: unknown, allowed: readonly unknown[]): void {
  if (allowed.includes(value)) return;
  throw invalidArgument(`${name} is ${allowed.join(", ")}; not ${String(value)}`);
}

export function invalidArgument(message: string): ConicError<"invalid_argument"> {
  return new ConicError("invalid_argument", message);
}
