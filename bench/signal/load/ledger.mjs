// What was sent, and what became of it: each message carries a number of its own.

/** @import { Account } from "../types.js" */

/** Numbers that one sender has for its messages to its one partner. */
export const numbersPerSender = 10_000;

/** Checks what one receiver gets from its one sender. */
export class Inbox {
  #next;
  #from;
  /** @type {Set<number> | undefined} */
  #missing;
  duplicated = 0;
  reordered = 0;

  /** @param {number} sender its index */
  constructor(sender) {
    this.#from = sender * numbersPerSender;
    this.#next = this.#from;
  }

  /** Whether the number is one of the sender's. @param {number} number */
  take(number) {
    if (number === this.#next) {
      this.#next += 1;
      return true;
    }
    if (number < this.#from || number >= this.#from + numbersPerSender) return false;
    if (number > this.#next) {
      this.#missing ??= new Set();
      for (; this.#next < number; this.#next += 1) this.#missing.add(this.#next);
      this.#next += 1;
    } else if (this.#missing?.delete(number) === true) this.reordered += 1;
    else this.duplicated += 1;
    return true;
  }

  /** Messages that have not come. @param {number} sent how many there were */
  lostOf(sent) {
    return (this.#missing?.size ?? 0) + this.#from + sent - this.#next;
  }
}

/** Adds up for all clients of a process. */
export class Ledger {
  delivered = 0;
  #unexpected = 0;
  /** @type {string | undefined} */
  #first;

  /** Something that a correct server does not do. @param {string} what */
  surprise(what) {
    this.#unexpected += 1;
    this.#first ??= what.slice(0, 300);
  }

  /** @param {readonly { sent: number, inbox: Inbox, sender: number }[]} clients @returns {Account} */
  account(clients) {
    let [sent, lost, duplicated, reordered] = [0, 0, 0, 0];
    for (const client of clients) {
      const { inbox } = client;
      sent += client.sent;
      lost += inbox.lostOf(clients[client.sender]?.sent ?? 0);
      duplicated += inbox.duplicated;
      reordered += inbox.reordered;
    }
    const said = this.#first === undefined ? {} : { first: this.#first };
    const unexpected = this.#unexpected;
    return { sent, delivered: this.delivered, lost, duplicated, reordered, unexpected, ...said };
  }
}
