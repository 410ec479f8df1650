import type { FlightItem } from "./flight.js";
import { encodeMessage, messageType, type MessageName } from "../messages/message.js";

/** All messages of the handshake so far, of both sides, and the numbers of ours. */
export class Transcript {
  #messages: Buffer[] = [];
  #nextSequence = 0;

  /** A message of ours: numbered, remembered, ready to be sent. */
  write(name: MessageName, body: Buffer): FlightItem {
    const wire = encodeMessage(messageType[name], this.#nextSequence, body);
    this.#nextSequence += 1;
    this.#messages.push(wire);
    return { kind: "message", wire, epoch: name === "finished" ? 1 : 0 };
  }

  add(wire: Buffer): void {
    this.#messages.push(wire);
  }

  bytes(): Buffer {
    return Buffer.concat(this.#messages);
  }

  /** RFC 6347 section 4.2.1: the exchange of a cookie is no part of the transcript. */
  clear(): void {
    this.#messages = [];
  }
}
