import { ConicError } from "@conic/domain";
import type { ServerMessage } from "@conic/protocol";
import { offer, type TestClient } from "../support/client.js";
import { names, type Claim, type Expected, type Secret, type Step } from "./model.js";

const bodies = {
  sdp: { SessionDescription: offer },
  candidate: { Candidate: "" },
  data_channel: { Label: "l", Data: "AA==" },
} as const;

/** Plays steps on real connections. */
export class Runner {
  readonly #clients: readonly TestClient[];
  readonly #secrets = new Map<string, { current: string; outdated: string }>();

  constructor(clients: readonly TestClient[]) {
    this.#clients = clients;
  }

  /** `own` is the id that the client holds now, as far as the model knows. */
  async play(step: Step, own: string | undefined): Promise<void> {
    const client = this.#client(step.who);
    if (client.connection.readyState !== "open") return;
    switch (step.do) {
      case "register": {
        const ID = names[step.id] ?? "";
        client.send("register", { ID, Resume: this.#secret(ID, step.secret) });
        return;
      }
      case "unregister":
        client.send("unregister", { ID: claimed(step.claim, own) });
        return;
      case "relay": {
        const TargetID = names[step.to] ?? "nobody";
        const ID = claimed(step.claim, own);
        client.send(step.type, { ID, TargetID, ...bodies[step.type] });
        return;
      }
      case "garbage":
        client.sendText(step.text);
        return;
      case "leave":
        if (step.rudely) client.connection.abort(new ConicError("aborted", "gone"));
        else await client.connection.close();
    }
  }

  /** What every client has heard, in the words of the model. */
  async hear(): Promise<Expected[]> {
    const heard: Expected[] = [];
    // In memory, everything that a step causes happens before the next turn of the event loop.
    await new Promise(setImmediate);
    for (const [who, client] of this.#clients.entries()) {
      if (client.connection.readyState !== "open") continue;
      for (const message of await client.roundTrip()) heard.push(this.#translate(who, message));
    }
    return heard;
  }

  #client(who: number): TestClient {
    const client = this.#clients[who];
    if (client === undefined) throw new Error(`there is no client ${who}`);
    return client;
  }

  #secret(id: string, secret: Secret): string | undefined {
    const known = this.#secrets.get(id);
    if (secret === "current") return known?.current;
    if (secret === "outdated") return known?.outdated;
    return secret === "wrong" ? "A".repeat(32) : undefined;
  }

  #translate(who: number, message: ServerMessage): Expected {
    switch (message.type) {
      case "error": {
        const { Code, TargetID } = message.body;
        return TargetID === undefined ? { who, code: Code } : { who, code: Code, target: TargetID };
      }
      case "register_response": {
        const { ID, Resume = "" } = message.body;
        this.#secrets.set(ID, { current: Resume, outdated: this.#secrets.get(ID)?.current ?? "" });
        return { who, registered: ID };
      }
      case "ack":
        throw new Error("an ack without a session");
      case "unregister_response":
        return { who, unregistered: message.body.ID };
      case "sdp":
      case "candidate":
      case "data_channel":
        return { who, from: message.body.ID, type: message.type };
      case "peers":
      case "peer_joined":
      case "peer_left":
      case "leave_response":
        throw new Error(`nobody is in a room, but this came: ${message.type}`);
    }
  }
}

function claimed(claim: Claim, own: string | undefined): string | undefined {
  if (claim === "missing") return undefined;
  return claim === "own" && own !== undefined ? own : "somebody-else";
}
