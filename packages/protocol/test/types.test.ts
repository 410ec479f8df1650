import { describe, expectTypeOf, it } from "vitest";
import type { ClientId, SessionDescription } from "@conic/domain";
import type {
  ClientMessage,
  ClientMessageType,
  Decoded,
  Handlers,
  RelayMessageType,
  ServerMessage,
} from "../src/index.js";

const ignore = (): void => undefined;

function releasedId(message: ClientMessage | ServerMessage): ClientId | undefined {
  return message.type === "unregister_response" ? message.body.ID : undefined;
}

// Compiled by `tsc -p packages/protocol`: an @ts-expect-error without an error below it fails there.
describe("the types", () => {
  it("demand a handler for every message a client may send", () => {
    const complete: Handlers<null> = {
      register: ignore,
      unregister: ignore,
      sdp: ignore,
      candidate: ignore,
      data_channel: ignore,
      join: ignore,
      leave: ignore,
      report: ignore,
      ack: ignore,
    };
    // @ts-expect-error -- data_channel is missing
    const missing: Handlers<null> = {
      register: ignore,
      unregister: ignore,
      sdp: ignore,
      candidate: ignore,
      join: ignore,
      leave: ignore,
      report: ignore,
      ack: ignore,
    };
    // @ts-expect-error -- teleport is no message type
    const extra: Handlers<null> = { ...complete, teleport: ignore };
    expectTypeOf([complete, missing, extra]).toEqualTypeOf<Handlers<null>[]>();
    expectTypeOf<keyof Handlers<null>>().toEqualTypeOf<ClientMessageType>();
  });

  it("give a handler the message of its type", () => {
    type Sdp = Parameters<Handlers<number>["sdp"]>;
    expectTypeOf<
      Sdp[0]["message"]["body"]["SessionDescription"]
    >().toEqualTypeOf<SessionDescription>();
    expectTypeOf<Sdp[1]>().toEqualTypeOf<number>();
  });

  it("narrow a message by its type", () => {
    expectTypeOf(releasedId).returns.toEqualTypeOf<ClientId | undefined>();
  });

  it("know that a forwarded message names its sender and a sent one may not", () => {
    expectTypeOf<ServerMessage<"sdp">["body"]["ID"]>().toEqualTypeOf<ClientId>();
    expectTypeOf<ClientMessage<"sdp">["body"]["ID"]>().toEqualTypeOf<ClientId | undefined>();
    expectTypeOf<RelayMessageType>().toEqualTypeOf<"sdp" | "candidate" | "data_channel">();
    expectTypeOf<Decoded["message"]["type"]>().toEqualTypeOf<
      ClientMessageType | ServerMessage["type"]
    >();
  });

  it("take no plain string for an id", () => {
    // @ts-expect-error -- parseClientId makes one
    const message: ClientMessage<"unregister"> = { type: "unregister", body: { ID: "alice" } };
    expectTypeOf(message.type).toEqualTypeOf<"unregister">();
  });
});
