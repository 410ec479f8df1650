import type { IceServerError } from "../../../port.js";
import { stunErrorCode, type RelayServer } from "../../vendor.js";

/** W3C WebRTC section 4.8.2: the server cannot be reached. */
const unreachable = 701;

/** Which TURN servers are of no use, and why. */
export class ServerErrors {
  readonly #codes = new Map<RelayServer, number>();
  readonly #asked = new Set<RelayServer>();
  readonly #onError: (error: IceServerError) => void;

  constructor(onError: (error: IceServerError) => void) {
    this.#onError = onError;
  }

  /** Those that do not answer yet count as unreachable. */
  get all(): IceServerError[] {
    const found = Array.from(this.#codes, ([{ url }, errorCode]) => ({ url, errorCode }));
    for (const { url } of this.#asked) found.push({ url, errorCode: unreachable });
    return found;
  }

  /** Follows a request for an allocation, and rejects as it does. */
  async follow<T>(server: RelayServer, opening: Promise<T>): Promise<T> {
    this.#asked.add(server);
    try {
      const link = await opening;
      this.#codes.delete(server);
      return link;
    } catch (error) {
      const errorCode = stunErrorCode(error) ?? unreachable;
      const isNews = this.#codes.get(server) !== errorCode;
      this.note(server, errorCode);
      if (isNews) this.#onError({ url: server.url, errorCode });
      throw error;
    } finally {
      this.#asked.delete(server);
    }
  }

  /** It is asked no more. */
  forget(server: RelayServer): void {
    this.#codes.delete(server);
  }

  /** What matters only if no path is found: that a server does not send to private addresses is as it should be. */
  note(server: RelayServer, errorCode: number): void {
    this.#codes.set(server, errorCode);
  }
}
