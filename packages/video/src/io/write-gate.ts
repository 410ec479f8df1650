import { ConicError } from "@conic/domain";

/** One write at a time, none after close or after a failure; what every writer of a file keeps to. */
export class WriteGate<Summary> {
  #busy = false;
  #failure: { readonly error: unknown } | undefined;
  #closed: Promise<Summary> | undefined;

  /** @throws ConicError `invalid_state` during another call, `closed`; whatever `run` throws. */
  async write(run: () => Promise<void>): Promise<void> {
    if (this.#busy) throw busyError();
    if (this.#closed !== undefined) throw new ConicError("closed", "the file is complete");
    if (this.#failure !== undefined) {
      throw new ConicError("closed", "an earlier write failed", { cause: this.#failure.error });
    }
    this.#busy = true;
    try {
      await run();
    } catch (error) {
      this.#failure = { error };
      throw error;
    } finally {
      this.#busy = false;
    }
  }

  /** Runs `complete` once; later calls return the same promise. A failed file is not completed. */
  close(complete: () => Promise<Summary>): Promise<Summary> {
    if (this.#busy) return Promise.reject(busyError());
    this.#closed ??= this.#complete(complete);
    return this.#closed;
  }

  /** `close()`, but silent about an error that a write has thrown already. */
  async dispose(complete: () => Promise<Summary>): Promise<void> {
    if (this.#failure === undefined) await this.close(complete);
  }

  async #complete(complete: () => Promise<Summary>): Promise<Summary> {
    if (this.#failure !== undefined) throw this.#failure.error;
    try {
      return await complete();
    } catch (error) {
      this.#failure = { error };
      throw error;
    }
  }
}

function busyError(): ConicError<"invalid_state"> {
  return new ConicError("invalid_state", "an earlier call has not finished; await each one");
}
