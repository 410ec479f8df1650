import {
  ConicError,
  type ClientId,
  type Delivery,
  type Frame,
  type Hub,
  type Logger,
} from "@conic/domain";
import {
  deliveryError,
  redact,
  type ClientMessage,
  type Decoded,
  type Handlers,
  type RelayMessage,
} from "@conic/protocol";
import { requirePermission, type Permission } from "../access/grant.js";
import { requireHolding, type Registrar } from "../registry/registrar.js";
import type { Presence } from "../rooms/presence.js";
import type { Peer } from "./peer.js";

export interface HandlerSetup {
  readonly hub: Hub;
  readonly registrar: Registrar;
  readonly rooms: Presence;
  readonly report: Handlers<Peer>["report"];
  readonly maxFrameBytes: number;
  /** Is told of each `register` before it is handled. */
  readonly onRegister?: ((message: ClientMessage<"register">, frame: Frame) => void) | undefined;
  readonly logger: Logger;
}

/** What the server does with each message (protocol.md, "Messages"). What they throw is the reply. */
export function createHandlers(setup: HandlerSetup): Handlers<Peer> {
  const { hub, rooms, maxFrameBytes, logger } = setup;

  const note = (decoded: Decoded, peer: Peer): void => {
    // Before the fields are made, for which the content of the message would have to be read.
    if (logger.isLevelEnabled?.("debug") === false) return;
    logger.debug({ ...peer.describe(), ...redact(decoded.message) }, "message");
  };

  const relay = (
    permission: Permission,
    decoded: Decoded<RelayMessage>,
    peer: Peer,
  ): void | Promise<void> => {
    note(decoded, peer);
    const { id } = requireHolding(peer);
    requirePermission(peer.access, permission);
    const { TargetID: target } = decoded.head ?? decoded.message.body;
    const frame = peer.dialect.forward(decoded, id, hub);
    // One that came without an ID has grown by it.
    if (frame.byteLength > maxFrameBytes) {
      throw new ConicError("too_large", `with the sender's ID, it is above ${maxFrameBytes} bytes`);
    }
    const delivery = hub.send(target, frame);
    // A promise only when the target is on another node: here, a relayed message allocates none.
    if (delivery instanceof Promise) return settleLater(delivery, target);
    settle(delivery, target);
  };

  return {
    ...registrationHandlers(setup, note),
    sdp: (decoded, peer) => relay("call", decoded, peer),
    candidate: (decoded, peer) => relay("call", decoded, peer),
    data_channel: (decoded, peer) => relay("relay", decoded, peer),
    report: (decoded, peer) => {
      note(decoded, peer);
      return setup.report(decoded, peer);
    },
    ack: acknowledge,
    ...roomHandlers(rooms, note),
  };
}

/** @throws ConicError what the sender is told. */
function settle(delivery: Delivery, target: ClientId): void {
  const error = deliveryError(delivery, target);
  if (error !== undefined) throw error;
}

async function settleLater(delivery: Promise<Delivery>, target: ClientId): Promise<void> {
  settle(await delivery, target);
}

const acknowledge: Handlers<Peer>["ack"] = ({ message }, peer) => {
  peer.acknowledged(message.body.Received);
};

function registrationHandlers(
  { registrar, onRegister }: HandlerSetup,
  note: (decoded: Decoded, peer: Peer) => void,
): Pick<Handlers<Peer>, "register" | "unregister"> {
  return {
    register: (decoded, peer) => {
      note(decoded, peer);
      peer.guard.register();
      onRegister?.(decoded.message, decoded.frame);
      return registrar.register(decoded.message, peer);
    },
    unregister: (decoded, peer) => {
      note(decoded, peer);
      registrar.unregister(decoded.message, peer);
    },
  };
}

function roomHandlers(
  rooms: Presence,
  note: (decoded: Decoded, peer: Peer) => void,
): Pick<Handlers<Peer>, "join" | "leave"> {
  return {
    join: (decoded, peer) => {
      note(decoded, peer);
      return rooms.join(decoded.message, peer);
    },
    leave: (decoded, peer) => {
      note(decoded, peer);
      return rooms.leave(decoded.message, peer);
    },
  };
}
