/**
 * Whether all that counted as lost since the window was last reduced has turned out to be late instead: then the
 * reduction was a mistake (RFC 3522, RFC 4015).
 */
export class RecoveryUndo {
  #missing = 0;
  #isOpen = false;

  /** The window is reduced because of so many chunks. */
  begin(chunks: number): void {
    this.#missing = chunks;
    this.#isOpen = true;
  }

  /** More of the same flight count as lost. */
  lost(): void {
    this.#missing += 1;
  }

  /** @returns whether these were the last ones that were missing. */
  late(chunks: number): boolean {
    this.#missing -= chunks;
    if (!this.#isOpen || this.#missing > 0) return false;
    this.#isOpen = false;
    return true;
  }

  /** A timeout: what is lost since then says nothing of the order of packets. */
  end(): void {
    this.#isOpen = false;
  }
}
