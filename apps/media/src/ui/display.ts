import type { Clock } from "@conic/domain";
import type { SessionView } from "../start/session.js";
import { details } from "./text/details.js";
import { keyHelp, readKeys } from "./keys.js";
import { StatusLine } from "./status.js";
import { statsLine } from "./text/stats-line.js";
import { isInteractive, type Terminal, type Voice } from "./voice.js";

/** Five times in a second: a level meter that moves. */
export const refreshMs = 200;
/** Without a terminal. */
export const plainLineMs = 5_000;

export interface DisplayOptions {
  readonly terminal: Terminal;
  readonly voice: Voice;
  readonly json: boolean;
  readonly clock: Clock;
  readonly onQuit: () => void;
}

/** What a display shows, and what keys do to it. */
export interface Shown {
  view(): SessionView;
  toggleMute(): void;
}

/** What a person sees while the program runs: a refreshing line and keys, or a plain line now and then. */
export class Display {
  readonly #options: DisplayOptions;
  readonly #isInteractive: boolean;
  #status: StatusLine | undefined;
  #stopKeys: (() => void) | undefined;
  #cancel: (() => void) | undefined;
  #shown: Shown | undefined;

  constructor(options: DisplayOptions) {
    this.#options = options;
    this.#isInteractive = isInteractive(options.terminal, options.json);
  }

  /** Takes the keys, and the last line of the terminal. */
  open(): void {
    if (!this.#isInteractive) return;
    const { terminal, voice, onQuit } = this.#options;
    const status = new StatusLine(terminal.output);
    this.#status = status;
    voice.redirect((line) => status.print(line));
    this.#stopKeys = readKeys(terminal.input, {
      onQuit,
      onMute: () => this.#shown?.toggleMute(),
      onDetails: () => this.#showDetails(),
    });
    status.set(`waiting ... (${keyHelp})`);
  }

  show(shown: Shown): void {
    this.#shown = shown;
    this.#schedule();
  }

  /** Gives the terminal back. */
  close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#status?.set("");
    this.#status = undefined;
    this.#stopKeys?.();
    this.#stopKeys = undefined;
    this.#shown = undefined;
    this.#options.voice.redirect(undefined);
  }

  #schedule(): void {
    const delayMs = this.#isInteractive ? refreshMs : plainLineMs;
    this.#cancel = this.#options.clock.schedule(delayMs, () => {
      this.#refresh();
      this.#schedule();
    });
  }

  #refresh(): void {
    const { terminal, voice } = this.#options;
    if (this.#shown === undefined) return;
    const view = this.#shown.view();
    if (this.#status === undefined) voice.print(statsLine(view));
    else this.#status.set(statsLine(view, terminal.output.columns));
  }

  #showDetails(): void {
    const { voice } = this.#options;
    if (this.#shown === undefined) return;
    voice.print([...details(this.#shown.view()), `  ${keyHelp}`].join("\n"));
  }
}
