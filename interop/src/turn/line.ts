import {
  AsyncQueue,
  ConicError,
  deferred,
  Frame,
  type CloseInfo,
  type CloseOptions,
  type Connection,
  type Deferred,
  type IceServer,
} from "@conic/domain";
import type { SignalingServer } from "@conic/server";

/** One end of a connection in memory that loses every host candidate: as if no host could be reached from outside. */
class LineEnd implements Connection {
  readonly protocol = "conic.v1";
  readonly remoteAddress = "";
  readonly bufferedAmount = 0;
  readonly opened: Promise<void> = Promise.resolve();
  readonly id: string;
  readonly #inbox = new AsyncQueue<Frame>({ maxItems: 1024 });
  readonly #ended: Deferred<CloseInfo> = deferred();
  #far: LineEnd | undefined;

  constructor(id: string) {
    this.id = id;
  }

  get readyState(): "open" | "closed" {
    return this.#ended.settled ? "closed" : "open";
  }

  get closed(): Promise<CloseInfo> {
    return this.#ended.promise;
  }

  join(far: LineEnd): void {
    this.#far = far;
  }

  send(frame: Frame): boolean {
    if (this.readyState === "closed") throw new ConicError("closed", "this line is closed");
    if (!frame.text.includes("typ host")) this.#far?.receive(frame);
    return true;
  }

  ready(): Promise<void> {
    return Promise.resolve();
  }

  close({ code = 1000, reason = "" }: CloseOptions = {}): Promise<void> {
    this.end({ code, reason, wasClean: true });
    this.#far?.end({ code, reason, wasClean: true });
    return Promise.resolve();
  }

  abort(error: ConicError): void {
    this.end({ code: 1006, reason: "", wasClean: false, error });
    this.#far?.end({ code: 1006, reason: "", wasClean: false });
  }

  [Symbol.asyncIterator](): AsyncIterator<Frame> {
    return this.#inbox[Symbol.asyncIterator]();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  receive(frame: Frame): void {
    this.#inbox.push(frame);
  }

  end(info: CloseInfo): void {
    this.#ended.resolve(info);
    this.#inbox.end();
  }
}

/** A connection to a signaling server of this process. */
export function line(server: SignalingServer): Connection {
  const [near, far] = [new LineEnd("near"), new LineEnd("far")];
  near.join(far);
  far.join(near);
  server.handleConnection(far);
  return near;
}

/** The STUN and TURN servers that a client with this id is told. */
export async function iceServersFor(
  server: SignalingServer,
  id: string,
): Promise<readonly IceServer[]> {
  await using connection = line(server);
  connection.send(
    Frame.fromText(JSON.stringify({ type: "register", raw: JSON.stringify({ ID: id }) })),
  );
  for await (const frame of connection) {
    const { type, raw } = JSON.parse(frame.text) as { type: string; raw: string };
    if (type !== "register_response") throw new Error(frame.text);
    return (JSON.parse(raw) as { ICEServers: IceServer[] }).ICEServers;
  }
  throw new Error("the server did not answer");
}
