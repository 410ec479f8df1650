import type { ClientId, Delivery, Frame, Logger } from "@conic/domain";

export interface Teller {
  /** Hands a frame to a client, behind all that was handed to it before. */
  readonly deliver: (to: ClientId, frame: Frame) => Delivery | Promise<Delivery>;
  readonly logger: Logger;
}

/** Tells a member of a room. Whoever cannot be told is about to leave; the others are told all the same. */
export function tellMember({ deliver, logger }: Teller, to: ClientId, frame: Frame): void {
  const failed = (error: unknown): void => {
    logger.debug({ client: to }, "client that cannot be told");
    logger.error({ err: error }, "a member of a room cannot be told");
  };
  try {
    const delivery = deliver(to, frame);
    if (delivery instanceof Promise) delivery.catch(failed);
  } catch (error) {
    failed(error);
  }
}
