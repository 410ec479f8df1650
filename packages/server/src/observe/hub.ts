import type {
  Client,
  ClientId,
  CloseOptions,
  Delivery,
  Frame,
  Hub,
  HubStats,
  Registration,
} from "@conic/domain";
import type { GuardedObserver } from "./observer.js";

class ObservedRegistration implements Registration {
  readonly #inner: Registration;
  readonly #observer: GuardedObserver;
  #told = false;

  constructor(inner: Registration, observer: GuardedObserver) {
    this.#inner = inner;
    this.#observer = observer;
  }

  get client(): Client {
    return this.#inner.client;
  }

  get active(): boolean {
    return this.#inner.active;
  }

  [Symbol.dispose](): void {
    this.#inner[Symbol.dispose]();
    // Also when the hub itself ended it before: its holder always gives it back in the end.
    if (!this.#told) this.#observer.unregistered();
    this.#told = true;
  }
}

/** A hub whose registrations and drops are told. */
export class ObservedHub implements Hub {
  readonly #inner: Hub;
  readonly #observer: GuardedObserver;

  constructor(inner: Hub, observer: GuardedObserver) {
    this.#inner = inner;
    this.#observer = observer;
  }

  register(client: Client): Registration {
    const registration = this.#inner.register(client);
    this.#observer.registered();
    return new ObservedRegistration(registration, this.#observer);
  }

  send(to: ClientId, frame: Frame): Delivery | Promise<Delivery> {
    const delivery = this.#inner.send(to, frame);
    if (delivery instanceof Promise) return delivery.then((later) => this.#noted(later));
    return this.#noted(delivery);
  }

  async sendMany(to: Iterable<ClientId>, frame: Frame): Promise<ReadonlyMap<ClientId, Delivery>> {
    const deliveries = await this.#inner.sendMany(to, frame);
    for (const delivery of deliveries.values()) this.#noted(delivery);
    return deliveries;
  }

  broadcast(frame: Frame, options?: { readonly except?: ClientId }): Promise<number> {
    return this.#inner.broadcast(frame, options);
  }

  get(id: ClientId): Client | undefined {
    return this.#inner.get(id);
  }

  clients(): IterableIterator<Client> {
    return this.#inner.clients();
  }

  stats(): HubStats {
    return this.#inner.stats();
  }

  drain(options?: CloseOptions): Promise<void> {
    return this.#inner.drain(options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#inner[Symbol.asyncDispose]();
  }

  #noted(delivery: Delivery): Delivery {
    if (delivery.status === "undeliverable") this.#observer.frameDropped(delivery.reason);
    return delivery;
  }
}
