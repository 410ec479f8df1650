import { ConicError, type ClientId, type Clock, type NodeId } from "@conic/domain";
import { Pending, type Channel, type Homes } from "@conic/hub";
import { requireOwnId, type ClientMessage, type RoomName } from "@conic/protocol";
import type { RoomInfo } from "../../inspect/info.js";
import { inReplyTo, requireHolding } from "../../registry/registrar.js";
import type { RoomLimits } from "../../rooms/limits.js";
import type { Presence } from "../../rooms/presence.js";
import type { Joining } from "../../rooms/registry.js";
import { mayJoin, noPlace, notAllowed, tooManyRooms } from "../../rooms/rules.js";
import { tellMember, type Teller } from "../../rooms/tell.js";
import type { Holding, Peer } from "../../session/peer.js";
import { Links } from "../links.js";
import { RoomKeeper, type News } from "./keeper.js";
import { decodeRoomsMessage, encodeRoomsMessage, type RoomsMessage } from "./messages.js";

export interface ClusterRoomsSetup extends Teller {
  readonly channel: Channel;
  readonly homes: Homes;
  readonly limits: RoomLimits;
  readonly clock: Clock;
}

/** How long the home of a room waits for those whom it tells of somebody who joins; and who asks it, for more of those. */
const newsTimeoutMs = 5_000;
const questionTimeoutMs = 15_000;
const linkTimeoutMs = 5_000;
/** A node that was restarted is there again by then. */
const retryAfterMs = 1000;

/** What came of a question; undefined when the home of the room is gone, or does not answer. */
type Settle = (joining: Joining | undefined) => void;

/**
 * Rooms of several nodes: of each room, one node is the home, which the homes of its members ask. What that answers is
 * handed to the client at once, before anything that comes from there later.
 */
export class ClusterRooms implements Presence {
  readonly #setup: ClusterRoomsSetup;
  readonly #keeper: RoomKeeper;
  readonly #links: Links;
  readonly #pending: Pending<Joining>;
  /** News that other nodes are to hand out. */
  readonly #news: Pending<void>;
  /** Of clients of this node: whether they have been told that they are in it. Until then, no news are for them. */
  readonly #rooms = new Map<ClientId, Map<RoomName, boolean>>();

  constructor(setup: ClusterRoomsSetup) {
    const { channel, clock } = setup;
    this.#setup = setup;
    const others = channel.nodes.filter((node) => node !== channel.self);
    this.#keeper = new RoomKeeper({
      ...setup,
      others,
      tell: (node, news) => this.#tell(node, news),
    });
    this.#links = new Links(channel, clock, linkTimeoutMs);
    this.#pending = new Pending(clock, questionTimeoutMs);
    this.#news = new Pending(clock, newsTimeoutMs);
    channel.listen({
      message: (from, bytes) => {
        this.#onMessage(from, decodeRoomsMessage(bytes));
      },
      up: (node) => {
        this.#sync(node);
        this.#links.up(node);
      },
      down: (node) => {
        this.#pending.lose(node);
        this.#news.lose(node);
        this.#keeper.lose(node);
      },
    });
  }

  get size(): number {
    return this.#keeper.size;
  }

  of(id: ClientId): readonly RoomName[] {
    return Array.from(this.#rooms.get(id)?.keys() ?? []);
  }

  infos(): Iterable<RoomInfo> {
    return this.#keeper.infos();
  }

  join(message: ClientMessage<"join">, peer: Peer): Promise<void> {
    const holding = requireHolding(peer);
    const { id } = holding;
    const { ID, Room } = message.body;
    requireOwnId(ID, id);
    if (!mayJoin(peer, Room)) throw notAllowed();
    const { maxRoomsPerClient } = this.#setup.limits;
    const rooms = this.#rooms.get(id);
    if (rooms?.has(Room) !== true && (rooms?.size ?? 0) >= maxRoomsPerClient) {
      throw tooManyRooms(maxRoomsPerClient);
    }
    const { homes, channel } = this.#setup;
    const home = homes.of(Room);
    if (home === homes.self || channel.isUp(home)) return this.#join(message, peer, holding);
    // As when it is started again: that takes less time than trying again.
    return this.#links.whenUp(home).then(
      () => this.#join(message, peer, holding),
      () => {
        throw unavailable();
      },
    );
  }

  leave(message: ClientMessage<"leave">, peer: Peer): Promise<void> {
    const { id } = requireHolding(peer);
    const { ID, Room } = message.body;
    requireOwnId(ID, id);
    this.#forget(id, Room);
    return new Promise((resolve, reject) => {
      this.#ask("leave", id, Room, () => {
        try {
          peer.reply(inReplyTo(message, { type: "leave_response", body: { Room } }));
          resolve();
        } catch (error) {
          reject(ConicError.from(error, "internal"));
        }
      });
    });
  }

  drop(id: ClientId): void {
    for (const room of this.of(id)) this.#quit(id, room);
  }

  review(peer: Peer): void {
    const { holding } = peer;
    if (holding === undefined) return;
    for (const Room of this.of(holding.id)) {
      if (mayJoin(peer, Room)) continue;
      this.#forget(holding.id, Room);
      this.#ask("leave", holding.id, Room, () => {
        if (peer.holding !== holding || peer.ended) return;
        peer.reply({ type: "leave_response", body: { Room } });
      });
    }
  }

  clear(): void {
    this.#rooms.clear();
    this.#keeper.clear();
    this.#links.close();
    this.#pending.loseAll();
    this.#news.loseAll();
  }

  #join(message: ClientMessage<"join">, peer: Peer, holding: Holding): Promise<void> {
    const { id } = holding;
    const { Room } = message.body;
    if (peer.holding !== holding) throw new ConicError("closed", "the client is gone");
    const rooms = this.#rooms.get(id) ?? new Map<RoomName, boolean>();
    this.#rooms.set(id, rooms.set(Room, rooms.get(Room) ?? false));
    return new Promise((resolve, reject) => {
      this.#ask("join", id, Room, (joining) => {
        try {
          // Otherwise it has left again already, with the registration.
          if (peer.holding !== holding) throw new ConicError("closed", "the client is gone");
          this.#answer(message, peer, joining);
          resolve();
        } catch (error) {
          reject(ConicError.from(error, "internal"));
        }
      });
    });
  }

  /** @throws ConicError `rate_limited`, or what the connection throws. */
  #answer(message: ClientMessage<"join">, peer: Peer, joining: Joining | undefined): void {
    const { id } = requireHolding(peer);
    const { Room } = message.body;
    if (joining === undefined) {
      // If it was only late, nobody must believe that the client is there.
      this.#quit(id, Room);
      throw unavailable();
    }
    if (joining.status === "refused") {
      this.#forget(id, Room);
      throw noPlace();
    }
    try {
      peer.reply(inReplyTo(message, { type: "peers", body: { Room, Peers: joining.others } }));
      this.#rooms.get(id)?.set(Room, true);
    } catch (error) {
      this.#quit(id, Room);
      throw error;
    }
  }

  #forget(id: ClientId, room: RoomName): void {
    const rooms = this.#rooms.get(id);
    rooms?.delete(room);
    if (rooms?.size === 0) this.#rooms.delete(id);
  }

  #quit(id: ClientId, room: RoomName): void {
    this.#forget(id, room);
    this.#ask("leave", id, room, () => undefined);
  }

  #ask(type: "join" | "leave", id: ClientId, room: RoomName, settle: Settle): void {
    const { homes, channel } = this.#setup;
    const home = homes.of(room);
    if (home === homes.self) {
      if (type === "join") this.#keeper.join(id, room, settle);
      else {
        this.#keeper.leave(id, room, () => {
          settle(undefined);
        });
      }
    } else if (channel.isUp(home)) {
      const number = this.#pending.add(home, settle, () => {
        settle(undefined);
      });
      this.#send(home, { type, number, room, id });
    } else settle(undefined);
  }

  #send(node: NodeId, message: RoomsMessage): void {
    try {
      this.#setup.channel.send(node, encodeRoomsMessage(message));
    } catch (error) {
      const { channel } = this.#setup;
      if (channel.isUp(node)) channel.reset(node, ConicError.from(error, "internal"));
      else {
        this.#pending.lose(node);
        this.#news.lose(node);
      }
    }
  }

  #tell(node: NodeId, news: News): Promise<void> | undefined {
    const { homes, channel } = this.#setup;
    if (node === homes.self) {
      this.#handOut(news);
      return undefined;
    }
    if (!channel.isUp(node)) return undefined;
    return new Promise((resolve) => {
      const number = this.#news.add(node, resolve, resolve);
      this.#send(node, { type: "news", number, ...news });
    });
  }

  /** What was for an earlier registration, or from before it joined, is not for whoever is there now. */
  #handOut({ room, ids, isLast, frame }: News): void {
    for (const id of ids) {
      if (this.#rooms.get(id)?.get(room) !== true) continue;
      if (isLast) this.#forget(id, room);
      tellMember(this.#setup, id, frame);
    }
  }

  #onMessage(from: NodeId, message: RoomsMessage): void {
    switch (message.type) {
      case "join": {
        const { number } = message;
        this.#keeper.join(message.id, message.room, (joining) => {
          const others = joining.status === "refused" ? [] : joining.others;
          this.#reply(from, { type: "joined", number, status: joining.status, others });
        });
        return;
      }
      case "leave":
        this.#keeper.leave(message.id, message.room, () => {
          this.#reply(from, { type: "left", number: message.number });
        });
        return;
      case "joined":
        this.#pending.answer(from, message.number, joiningOf(message));
        return;
      case "left":
        this.#pending.answer(from, message.number, { status: "present", others: [] });
        return;
      case "members":
        this.#keeper.restore(
          message.ids.filter((id) => this.#setup.homes.of(id) === from),
          message.room,
        );
        return;
      case "synced":
        this.#keeper.synced(from);
        return;
      case "news":
        this.#handOut(message);
        this.#reply(from, { type: "told", number: message.number });
        return;
      case "told":
        this.#news.answer(from, message.number);
    }
  }

  /** Who asked may be gone by now. */
  #reply(to: NodeId, message: RoomsMessage): void {
    if (this.#setup.channel.isUp(to)) this.#send(to, message);
  }

  /** The node is there, or there again: it is told what this one knows of its rooms. */
  #sync(node: NodeId): void {
    const members = new Map<RoomName, ClientId[]>();
    for (const [id, rooms] of this.#rooms) {
      for (const [room, isTold] of rooms) {
        // Who has not been told asks, or is told that it was in vain.
        if (!isTold || this.#setup.homes.of(room) !== node) continue;
        const ids = members.get(room);
        if (ids === undefined) members.set(room, [id]);
        else ids.push(id);
      }
    }
    for (const [room, ids] of members) this.#send(node, { type: "members", room, ids });
    this.#send(node, { type: "synced" });
  }
}

function joiningOf(message: Extract<RoomsMessage, { readonly type: "joined" }>): Joining {
  const { status, others } = message;
  return status === "refused" ? { status, reason: "no_place" } : { status, others };
}

function unavailable(): ConicError {
  const text = "the part of the server that keeps this room is not there now; try again";
  return new ConicError("rate_limited", text, { details: { retryAfterMs } });
}
