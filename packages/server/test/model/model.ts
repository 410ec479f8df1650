/** What a client does, by its number. Ids are indexes into `names`; a claim is what it says its own id is. */
export type Step =
  | { readonly do: "register"; readonly who: number; readonly id: number; readonly secret: Secret }
  | { readonly do: "unregister"; readonly who: number; readonly claim: Claim }
  | {
      readonly do: "relay";
      readonly who: number;
      readonly type: "sdp" | "candidate" | "data_channel";
      readonly to: number;
      readonly claim: Claim;
    }
  | { readonly do: "garbage"; readonly who: number; readonly text: string }
  | { readonly do: "leave"; readonly who: number; readonly rudely: boolean };

export type Secret = "none" | "current" | "outdated" | "wrong";
export type Claim = "missing" | "own" | "foreign";

export const names: readonly string[] = ["alice", "bob", "carol"];

/** What one client must hear because of a step. */
export type Expected =
  | { readonly who: number; readonly code: string; readonly target?: string }
  | { readonly who: number; readonly registered: string }
  | { readonly who: number; readonly unregistered: string }
  | { readonly who: number; readonly from: string; readonly type: string };

/** The rules of protocol.md, without connections, time or encoding. */
export class Model {
  readonly #holders = new Map<string, number>();
  readonly #gone = new Set<number>();

  idOf(who: number): string | undefined {
    for (const [id, holder] of this.#holders) if (holder === who) return id;
    return undefined;
  }

  isGone(who: number): boolean {
    return this.#gone.has(who);
  }

  isHeld(id: string): boolean {
    return this.#holders.has(id);
  }

  get held(): number {
    return this.#holders.size;
  }

  apply(step: Step): Expected[] {
    const { who } = step;
    if (this.#gone.has(who)) return [];
    switch (step.do) {
      case "register":
        return [this.#register(who, names[step.id] ?? "", step.secret)];
      case "unregister":
        return [this.#unregister(who, step.claim)];
      case "relay":
        return [this.#relay(who, step.type, names[step.to] ?? "nobody", step.claim)];
      case "garbage":
        return [{ who, code: "invalid_message" }];
      case "leave":
        this.#leave(who);
        return [];
    }
  }

  #register(who: number, id: string, secret: Secret): Expected {
    if (this.idOf(who) !== undefined) return { who, code: "already_registered" };
    const holder = this.#holders.get(id);
    if (holder !== undefined) {
      if (secret !== "current") return { who, code: "id_taken" };
      this.#leave(holder);
    }
    this.#holders.set(id, who);
    return { who, registered: id };
  }

  #unregister(who: number, claim: Claim): Expected {
    const id = this.idOf(who);
    if (id === undefined) return { who, code: "not_registered" };
    if (claim === "foreign") return { who, code: "forbidden" };
    this.#holders.delete(id);
    return { who, unregistered: id };
  }

  #relay(who: number, type: string, target: string, claim: Claim): Expected {
    const id = this.idOf(who);
    if (id === undefined) return { who, code: "not_registered" };
    if (claim === "foreign") return { who, code: "forbidden" };
    const receiver = this.#holders.get(target);
    if (receiver === undefined) return { who, code: "target_not_found", target };
    return { who: receiver, from: id, type };
  }

  #leave(who: number): void {
    const id = this.idOf(who);
    if (id !== undefined) this.#holders.delete(id);
    this.#gone.add(who);
  }
}
