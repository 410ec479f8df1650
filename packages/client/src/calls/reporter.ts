import { isCallFailureReason, isConicError, type Clock } from "@conic/domain";
import type { ClientMessage } from "@conic/protocol";
import type { PeerConnection } from "@conic/webrtc";

type ReportBody = ClientMessage<"report">["body"];

const reportCorrelationId = "report";

/** An error that carries this correlation id is of no account to anybody. */
export function isReportId(id: unknown): boolean {
  return typeof id === "string" && id.startsWith(reportCorrelationId);
}

/** Time in which the best of several paths is chosen, in ms: the first that works may be a detour. */
export const pathSettlesMs = 1_000;

/** Reports that wait at most for the server to be back; then the oldest are dropped. */
export const maxWaitingReports = 64;

export interface CallReporterOptions {
  readonly clock: Clock;
  readonly send: (message: ClientMessage<"report">) => void;
}

/**
 * Tells the server, where it wants to know, how the calls of this client came out (docs/protocol.md, "Reports"): once
 * for each, and for those that this client made. A call that the application gave up has not come out in any way.
 */
export class CallReporter {
  readonly #options: CallReporterOptions;
  #waiting: ReportBody[] = [];
  #isAttached = false;

  constructor(options: CallReporterOptions) {
    this.#options = options;
  }

  /** Registered, with a server that takes reports or does not. */
  attach(takesReports: boolean): void {
    this.#isAttached = takesReports;
    const waiting = this.#waiting;
    this.#waiting = [];
    if (takesReports) for (const body of waiting) this.#tell(body);
  }

  /** The server is away. */
  detach(): void {
    this.#isAttached = false;
  }

  /** @param isCaller asked when the call has come out: with calls of both sides at once, one of them tells of it. */
  follow(connection: PeerConnection, isCaller: () => boolean): void {
    let cancel: (() => void) | undefined;
    const tellPath = (): void => {
      cancel?.();
      cancel = undefined;
      const { path } = connection;
      if (path !== undefined && isCaller()) this.#tell({ Outcome: path });
    };
    connection.connected.then(
      () => {
        cancel = this.#options.clock.schedule(pathSettlesMs, tellPath);
        // Behind what schedules: one that is over already tells at once.
        void connection.closed.then(() => {
          if (cancel !== undefined) tellPath();
        });
      },
      (error: unknown) => {
        const reason = isConicError(error) ? error.details["reason"] : undefined;
        if (!isCallFailureReason(reason) || !isCaller()) return;
        this.#tell({ Outcome: "failed", Reason: reason });
      },
    );
  }

  #tell(body: ReportBody): void {
    if (this.#isAttached) {
      this.#options.send({ type: "report", id: reportCorrelationId, body });
      return;
    }
    this.#waiting.push(body);
    if (this.#waiting.length > maxWaitingReports) this.#waiting.shift();
  }
}
