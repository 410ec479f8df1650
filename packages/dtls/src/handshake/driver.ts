import type { ConicError } from "@conic/domain";
import type { Flight } from "./flight.js";
import { HandshakeInbox } from "./inbox.js";
import { fragmentsOf, messageType } from "../messages/message.js";
import { RetransmissionTimer } from "./retransmission.js";
import type { HandshakeIo, HandshakeScript, Session } from "./script.js";

export interface DriverOptions {
  readonly initialTimeoutMs: number;
  /** Makes the script; it says through `io` what is to be done. */
  readonly script: (io: HandshakeIo) => HandshakeScript;
  readonly useKeys: HandshakeIo["useKeys"];
  readonly transmit: (flight: Flight) => void;
}

/** A repetition that stays unanswered after an alert says that the alert was meant. */
const doubtfulRepetitions = 2;

/** Runs a handshake script: messages in order, and flights that are repeated until they are answered. */
export class HandshakeDriver {
  readonly #script: HandshakeScript;
  readonly #transmit: (flight: Flight) => void;
  readonly #timer: RetransmissionTimer;
  readonly #inbox = new HandshakeInbox();
  #now = 0;
  #flight: Flight = [];
  /** The remote's messages below this number are answered by our flight. */
  #answered = 0;
  #remoteRepeats = false;
  #protectedOnly = false;
  #alert: { readonly error: ConicError; repetitions: number } | undefined;

  constructor(options: DriverOptions) {
    this.#transmit = options.transmit;
    this.#timer = new RetransmissionTimer(options.initialTimeoutMs);
    this.#script = options.script({
      send: (flight) => {
        this.#send(flight);
      },
      useKeys: options.useKeys,
      requireProtection: () => {
        this.#protectedOnly = true;
      },
    });
  }

  get nextTimeout(): number | undefined {
    return this.#timer.dueAt;
  }

  start(now: number): void {
    this.#now = now;
    this.#script.next();
  }

  /**
   * Takes the content of a handshake record; returns what the handshake came to once it is complete.
   * @throws ConicError with the alert to send.
   */
  receive(content: Buffer, epoch: number, now: number): Session | undefined {
    this.#now = now;
    for (const fragment of fragmentsOf(content)) {
      if (fragment.type === messageType.helloRequest) continue;
      if (fragment.sequence < this.#answered) this.#remoteRepeats = true;
      this.#inbox.add(fragment, epoch);
    }
    for (;;) {
      const message = this.#inbox.take(this.#protectedOnly);
      if (message === undefined) return undefined;
      this.#alert = undefined;
      const step = this.#script.next(message);
      if (step.done === true) {
        this.#timer.stop();
        return step.value;
      }
    }
  }

  /**
   * After each datagram: a remote that repeats what our flight answers has not received it. Once for a burst of its
   * records, and not for the echo of a repetition of ours.
   */
  answerRepetition(now: number): void {
    if (!this.#remoteRepeats) return;
    this.#remoteRepeats = false;
    if (this.#timer.mayRepeat(now)) this.repeat(now);
  }

  /** Sends the last flight once more. */
  repeat(now: number): void {
    this.#timer.restart(now);
    this.#transmit(this.#flight);
  }

  /**
   * Anybody can send an alert without protection, so it does not end the handshake. It counts when the remote then
   * says nothing more, as one does that has given up.
   */
  noteAlert(error: ConicError): void {
    if (this.#timer.dueAt !== undefined) this.#alert ??= { error, repetitions: 0 };
  }

  /** Repeats the flight when it is time. @throws ConicError when an alert has proved to be true. */
  advance(now: number): void {
    const { dueAt } = this.#timer;
    if (dueAt === undefined || now < dueAt) return;
    if (this.#alert !== undefined) {
      this.#alert.repetitions += 1;
      if (this.#alert.repetitions >= doubtfulRepetitions) throw this.#alert.error;
    }
    this.#timer.backOff();
    this.repeat(now);
  }

  #send(flight: Flight): void {
    this.#flight = flight;
    this.#answered = this.#inbox.next;
    this.#timer.begin(this.#now);
    this.#transmit(flight);
  }
}
