import { ConicError, errorCodeInfo, errorCodes, Frame, isErrorCode } from "@conic/domain";
import { describe, expect, it } from "vitest";
import { isWireErrorCode, type ClientMessage, type Decoded } from "../../src/index.js";
import { readVectors } from "../v1/vectors.js";
import { candidateFrame, handlers, harness } from "./helpers.js";

const codes = Object.keys(errorCodes).filter(isErrorCode);
const wireCodes = codes.filter(isWireErrorCode);

function plainWords(frame: Frame, context: string): Decoded<ClientMessage> {
  if (frame.text === "?") throw new ConicError("unsupported_type", "no such word");
  return { frame, message: { type: "register", id: `${context} ${frame.text}`, body: {} } };
}

function broken(): never {
  throw new Error("broken");
}

describe("routing a frame", () => {
  it("calls the handler of its type with the message, the frame and the context", () => {
    const seen: string[] = [];
    const table = handlers();
    for (const type of ["register", "unregister", "sdp", "candidate", "data_channel"] as const) {
      Object.assign(table, {
        [type]: (decoded: { message: { type: string }; frame: Frame }, context: string) => {
          seen.push(`${type} ${decoded.message.type} ${context} ${decoded.frame.byteLength}`);
        },
      });
    }
    const { session, events } = harness(table);
    const valid = readVectors("documented.json").filter(({ error }) => error === undefined);
    const expected = valid.map(({ name, frame }) => {
      const [type] = name.split(" ");
      expect(session.route(Frame.fromText(frame ?? ""))).toBeUndefined();
      return `${type} ${type} context ${frame?.length}`;
    });
    expect(seen).toStrictEqual(expected);
    expect(events).toStrictEqual([]);
  });

  it("reads frames as it is told to, and replies why one cannot be read", () => {
    const seen: unknown[] = [];
    const register = ({ message }: Decoded): void => {
      seen.push(message.id);
    };
    const { session, events } = harness({ register }, { decode: plainWords });
    void session.route(Frame.fromText("hello"));
    void session.route(Frame.fromText("?"));
    expect(seen).toStrictEqual(["context hello"]);
    expect(events).toStrictEqual(["reply unsupported_type -"]);
  });

  it("calls handlers as methods of their table", () => {
    const table = {
      ...handlers(),
      calls: 0,
      candidate(): void {
        this.calls += 1;
      },
    };
    const { session } = harness({}, { handlers: table });
    void session.route(candidateFrame("1"));
    expect(table.calls).toBe(1);
  });

  it.each([
    ["not json", "reply invalid_message -"],
    ['{"type":"teleport","id":"5"}', "reply unsupported_type 5"],
    ['{"type":"register","raw":"{\\"ID\\":\\"a b\\"}","id":"5"}', "reply invalid_id 5"],
  ])("answers %s and goes on", (text, reply) => {
    const seen: string[] = [];
    const { session, events } = harness({
      candidate: ({ message }) => void seen.push(message.id ?? ""),
    });
    expect(session.route(Frame.fromText(text))).toBeUndefined();
    void session.route(candidateFrame("6"));
    expect(events).toStrictEqual([reply]);
    expect(seen).toStrictEqual(["6"]);
  });
});

describe("an error of a handler", () => {
  it.each(wireCodes)(
    "of code %s is answered, and ends the connection as the table says",
    (code) => {
      const { session, events } = harness({
        candidate: () => {
          throw new ConicError(code, "no");
        },
      });
      void session.route(candidateFrame("7"));
      const { closeCode } = errorCodeInfo(code);
      const reply = `reply ${code} 7`;
      expect(events).toStrictEqual(
        closeCode === undefined ? [reply] : [reply, `close ${closeCode}`],
      );
      void session.route(candidateFrame("8"));
      expect(events.includes(`reply ${code} 8`)).toBe(closeCode === undefined);
    },
  );

  it.each([
    [
      "thrown",
      () => {
        throw new Error("SECRET");
      },
    ],
    ["rejected", () => Promise.reject(new Error("SECRET"))],
    [
      "of a local code",
      () => {
        throw new ConicError("timeout", "SECRET");
      },
    ],
    [
      "that is no error",
      () => {
        throw "SECRET";
      },
    ],
  ])("%s unexpectedly is internal: logged, and not shown", async (_name, candidate) => {
    const { session, events, replies, logger } = harness({ candidate });
    await session.route(candidateFrame("7", "192.0.2.1"));
    expect(events).toStrictEqual(["reply internal 7", "close 1011"]);
    expect(JSON.stringify(replies)).not.toContain("SECRET");
    expect(logger.entries).toHaveLength(1);
    expect(logger.entries[0]).toMatchObject({ level: "error", fields: { type: "candidate" } });
    expect(String(logger.entries[0]?.fields["err"])).toContain("SECRET");
    expect(JSON.stringify(logger.entries)).not.toContain("192.0.2.1");
  });

  it("is a warning when the message is at fault, and none when trying again may help", () => {
    for (const code of wireCodes.filter((c) => c !== "internal")) {
      const { session, logger } = harness({
        candidate: () => {
          throw new ConicError(code, "no");
        },
      });
      void session.route(candidateFrame("7"));
      const level = errorCodeInfo(code).retryable ? "debug" : "warn";
      expect([code, logger.entries.map((entry) => entry.level)]).toStrictEqual([code, [level]]);
    }
  });

  it("because the connection closed needs nobody's attention", () => {
    const gone = new ConicError("closed", "gone");
    const throwing = (): never => {
      throw gone;
    };
    const options = { reply: throwing, close: throwing };
    const { session, logger } = harness({ candidate: throwing }, options);
    void session.route(candidateFrame("7"));
    expect(new Set(logger.entries.map((entry) => entry.level))).toStrictEqual(new Set(["debug"]));
  });

  it("in the callbacks is logged and stops nothing", () => {
    const { session, logger } = harness({}, { reply: broken, close: broken });
    void session.route(Frame.fromText("not json"));
    void session.route(Frame.fromText("not json"));
    expect(logger.entries.filter(({ level }) => level === "error")).toHaveLength(2);
  });
});
