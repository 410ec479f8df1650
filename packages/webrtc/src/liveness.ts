/**
 * Whether the remote is still there, as a pure machine: time in, verdict out.
 *
 * A live path answers a STUN binding request (RFC 7675), so silence is probed before it is judged. A gap between
 * two looks longer than `maxStepMs` means that this process slept, not that the remote did: it counts as one step.
 */
export interface LivenessOptions {
  /** Silence after which a probe is sent, and the pause between probes. */
  readonly probeAfterMs: number;
  readonly disconnectedTimeoutMs: number;
  readonly failedTimeoutMs: number;
  readonly maxStepMs: number;
}

export interface LivenessState {
  readonly lookedAt: number;
  readonly silentMs: number;
  readonly sinceProbeMs: number;
}

export interface LivenessVerdict {
  readonly state: LivenessState;
  readonly transport: "connected" | "disconnected" | "failed";
  readonly probe: boolean;
}

export function initialLiveness(now: number): LivenessState {
  return { lookedAt: now, silentMs: 0, sinceProbeMs: 0 };
}

/** `heard`: whether anything authenticated came from the remote since the last look. */
export function lookForLife(
  state: LivenessState,
  now: number,
  heard: boolean,
  options: LivenessOptions,
): LivenessVerdict {
  const step = Math.min(Math.max(0, now - state.lookedAt), options.maxStepMs);
  const silentMs = heard ? 0 : state.silentMs + step;
  const sinceProbeMs = state.sinceProbeMs + step;
  const probe = silentMs >= options.probeAfterMs && sinceProbeMs >= options.probeAfterMs;
  return {
    state: { lookedAt: now, silentMs, sinceProbeMs: probe ? 0 : sinceProbeMs },
    transport:
      silentMs >= options.failedTimeoutMs
        ? "failed"
        : silentMs >= options.disconnectedTimeoutMs
          ? "disconnected"
          : "connected",
    probe,
  };
}

/**
 * A new path is being looked for: `failed` is at least `leftMs` away from now on. One that is `disconnected` stays so
 * all the same, and has the time from there to `failed` at most.
 */
export function leaveTime(
  state: LivenessState,
  leftMs: number,
  limits: Pick<LivenessOptions, "disconnectedTimeoutMs" | "failedTimeoutMs">,
): LivenessState {
  const { disconnectedTimeoutMs, failedTimeoutMs } = limits;
  const atMost = Math.max(disconnectedTimeoutMs, failedTimeoutMs - leftMs);
  return { ...state, silentMs: Math.min(state.silentMs, atMost) };
}
