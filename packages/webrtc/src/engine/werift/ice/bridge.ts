import { randomBytes } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import { ConicError, deferred, systemClock } from "@conic/domain";
import type { EngineProgress, IceServerError, IceServerSource } from "../../port.js";
import type { WeriftIce, WeriftPeer } from "../vendor.js";
import { IceAgent } from "./agent/agent.js";
import type { CandidateKind, Credentials } from "./agent/types.js";
import { isOwnAddress } from "./config.js";
import { Gatherer, type LocalCandidate } from "./links/gatherer.js";
import { Path } from "./path.js";
import { canonicalAddress } from "./stun/address.js";

export interface IceBridgeOptions {
  readonly iceServers: IceServerSource;
  readonly hostAddresses: () => readonly string[];
  /** The remote answered on a path that was not in use. */
  readonly onPath?: () => void;
  /** It is known now what kind of candidate the remote one in use is. */
  readonly onPathKind?: () => void;
  readonly onServerError?: (error: IceServerError) => void;
}

interface RemoteParameters {
  readonly iceLite: boolean;
  readonly usernameFragment: string;
  readonly password: string;
}

/** What werift reads of a candidate, its own or the remote's. */
interface Candidate {
  readonly foundation: string;
  readonly component: number;
  readonly transport: string;
  readonly priority: number;
  readonly host: string;
  readonly port: number;
  readonly type: string;
  readonly relatedAddress?: string | undefined;
  readonly relatedPort?: number | undefined;
  readonly ufrag?: string | undefined;
}

/** Candidate of a session description, as `addIceCandidate` has read it. */
interface DescribedCandidate extends Omit<Candidate, "host" | "transport"> {
  readonly ip: string;
  readonly protocol: string;
}

/** The parts of werift's connection that others of its objects use, all replaced here. */
interface ConnectionParts {
  localUsername: string;
  localPassword: string;
  remoteUsername: string;
  remotePassword: string;
  remoteIsLite: boolean;
  remoteCandidatesEnd: boolean;
  localCandidates: Candidate[];
  state: string;
  /** Names of the local network, once one was looked up. */
  readonly lookup?: { close(): void };
  readonly onIceCandidate: { execute(candidate: Candidate): void };
  readonly onData: { execute(data: Buffer): void };
  readonly stateChanged: { execute(state: string): void };
  addRemoteCandidate(candidate: Candidate | undefined): Promise<void>;
  pairRemoteCandidate(candidate: Candidate): void;
  sortCheckList(): void;
  connect(): Promise<void>;
  send(data: Buffer): Promise<void>;
  canSendApplicationData(): boolean;
  setRemoteParams(parameters: RemoteParameters): void;
  setIceServers(): void;
  resetNominatedPair(): void;
  restart(): void;
  close(): Promise<void>;
}

interface GathererParts {
  readonly gatheringState: string;
  onIceCandidate(candidate: undefined): void;
  setGatheringState(state: "new" | "gathering" | "complete"): void;
  gather(): Promise<void>;
}

interface TransportParts {
  readonly iceGather: GathererParts;
  addRemoteCandidate(candidate: DescribedCandidate | undefined): Promise<void>;
  setRemoteParams(parameters: RemoteParameters): void;
  restart(): void;
}

const kinds: readonly CandidateKind[] = ["host", "srflx", "relay"];
/** Names of the local network that a remote may have looked up, before an ICE restart; each is a query of 10 s. */
const maxNameLookups = 32;

/**
 * Conic's ICE agent in the place of werift's, which checks no password on requests, stalls on a conflict of roles,
 * takes its path down for a restart, and never comes back from one. werift's other objects see the connection that they
 * know.
 */
export class IceBridge {
  readonly path: Path;
  readonly #peer: WeriftPeer;
  readonly #ice: WeriftIce;
  readonly #connection: ConnectionParts;
  readonly #agent: IceAgent;
  readonly #gatherer: Gatherer;
  readonly #onPathKind: (() => void) | undefined;
  readonly #firstPath = deferred<void>();
  #candidatesBefore: Candidate[] = [];
  /** Credentials that a restart is to replace (W3C WebRTC section 4.4.1, LocalIceCredentialsToReplace). */
  #replace: Credentials | undefined;
  #nameLookups = 0;
  #hasPath = false;
  #hasCandidates = false;
  #restarts = 0;

  constructor(peer: WeriftPeer, ice: WeriftIce, options: IceBridgeOptions) {
    this.#peer = peer;
    this.#ice = ice;
    this.#onPathKind = options.onPathKind;
    this.#connection = ice.connection as unknown as ConnectionParts;
    this.#agent = new IceAgent(
      { clock: systemClock, random: randomBytes, controlling: false },
      {
        selected: (pair) => {
          this.path.select(isOwnAddress(pair.remote.address));
          this.#hasPath = true;
          options.onPath?.();
          this.#firstPath.resolve();
        },
        failed: () => {
          this.#onFailed();
        },
        datagram: (datagram) => {
          if (!this.path.deliver(datagram)) this.#connection.onData.execute(datagram);
        },
      },
    );
    this.path = new Path(ice, this.#agent);
    this.#gatherer = new Gatherer({
      ...options,
      agent: this.#agent,
      onCandidate: (candidate) => {
        this.#announce(candidate);
      },
    });
    // Nobody may be waiting for it when the connection is closed.
    this.#firstPath.promise.catch(() => undefined);
    this.#takeOver();
    this.#nameLocal();
  }

  get agent(): IceAgent {
    return this.#agent;
  }

  get hasPath(): boolean {
    return this.#hasPath;
  }

  get hasSignOfLife(): boolean {
    return this.#hasCandidates || this.#agent.wasChecked;
  }

  get progress(): EngineProgress {
    const { hasGathered, hasLinks: hasCandidates, serverErrors } = this.#gatherer;
    return { hasGathered, hasCandidates, hasPath: this.#hasPath, serverErrors };
  }

  /** Whether data leaves from an address that this host still has, or from a relay. */
  get hasAddress(): boolean {
    const link = this.#agent.selected?.link;
    return link?.kind !== "host" || this.#gatherer.isCurrent(link);
  }

  get restarts(): number {
    return this.#restarts;
  }

  /** New credentials have to be negotiated. */
  get needsRestart(): boolean {
    if (this.#replace === undefined) return false;
    return this.#agent.local === this.#replace || this.#agent.isOffering;
  }

  /** Asks for new credentials; nothing to do before there was a description of the remote. */
  wantRestart(): void {
    if (!this.#agent.isOffering) this.#replace = this.#agent.local;
  }

  /** To be called before each offer is made. */
  beforeOffer(): void {
    if (this.#replace === this.#agent.local) this.#renew();
  }

  /** The local offer was taken back. */
  rolledBack(): void {
    const { local } = this.#agent;
    this.#agent.rollback();
    if (this.#agent.local === local) return;
    this.#connection.localCandidates = this.#candidatesBefore;
    this.#nameLocal();
  }

  /** Idempotent. */
  async close(): Promise<void> {
    this.#setState("closed");
    this.#firstPath.reject(new ConicError("closed", "the connection was closed"));
    this.#agent.close();
    this.#connection.lookup?.close();
    await this.#gatherer.close();
  }

  #renew(): void {
    this.#agent.restart();
    this.#candidatesBefore = this.#connection.localCandidates;
    this.#connection.localCandidates = [];
    this.#nameLocal();
    (this.#ice as unknown as TransportParts).iceGather.setGatheringState("new");
  }

  #nameLocal(): void {
    const { ufrag, password } = this.#agent.local;
    this.#connection.localUsername = ufrag;
    this.#connection.localPassword = password;
  }

  #takeOver(): void {
    const connection = this.#connection;
    const transport = this.#ice as unknown as TransportParts;
    const agent = this.#agent;
    Object.defineProperty(connection, "iceControlling", {
      get: () => agent.controlling,
      set: (controlling: boolean) => {
        agent.assignRole(controlling);
      },
    });
    transport.iceGather.gather = () => {
      void this.#gather();
      // setLocalDescription waits for this, and nobody has to wait for a server that is not there.
      return Promise.resolve();
    };
    connection.connect = () => this.#connect();
    connection.send = (data) => {
      agent.send(data);
      return Promise.resolve();
    };
    connection.canSendApplicationData = () => agent.canSend;
    connection.close = () => this.close();
    transport.setRemoteParams = (parameters) => {
      this.#setRemote(parameters);
    };
    transport.addRemoteCandidate = (candidate) => this.#addRemoteCandidate(candidate);
    // Reached by werift's own restart only, which is not used: it would take the path down.
    for (const name of [
      "setRemoteParams",
      "setIceServers",
      "resetNominatedPair",
      "restart",
    ] as const)
      connection[name] = () => undefined;
    transport.restart = () => undefined;
    connection.sortCheckList = () => undefined;
    connection.pairRemoteCandidate = (candidate) => {
      this.#add(candidate);
    };
  }

  async #gather(): Promise<void> {
    const { iceGather } = this.#ice as unknown as TransportParts;
    if (iceGather.gatheringState !== "new") return;
    iceGather.setGatheringState("gathering");
    const { local } = this.#agent;
    // The description goes first: all that is left of setting it happens before the next turn.
    await nextTurn();
    await this.#gatherer.gather();
    // A restart has begun another gathering, which ends on its own.
    if (this.#connection.state === "closed" || this.#agent.local !== local) return;
    iceGather.onIceCandidate(undefined);
    iceGather.setGatheringState("complete");
  }

  #setRemote({ iceLite, usernameFragment, password }: RemoteParameters): void {
    const connection = this.#connection;
    const current = this.#agent.remote;
    const isOffer = this.#peer.signalingState !== "have-local-offer";
    const isSame = current?.ufrag === usernameFragment && current.password === password;
    if (isOffer && current !== undefined && !isSame) this.#renew();
    if (isOffer || iceLite) this.#agent.assignRole(iceLite);
    const restarts = current !== undefined && (!isSame || this.#agent.isOffering);
    if (restarts) this.#restarts += 1;
    this.#agent.setRemote({ ufrag: usernameFragment, password });
    connection.remoteUsername = usernameFragment;
    connection.remotePassword = password;
    connection.remoteIsLite = iceLite;
    if (!restarts) return;
    connection.remoteCandidatesEnd = false;
    this.#nameLookups = 0;
  }

  async #addRemoteCandidate(described: DescribedCandidate | undefined): Promise<void> {
    this.#hasCandidates = true;
    if (described === undefined) {
      this.#connection.remoteCandidatesEnd = true;
      this.#agent.endOfRemoteCandidates();
      return;
    }
    const candidate = { ...described, host: described.ip, transport: described.protocol };
    if (!candidate.host.endsWith(".local")) {
      this.#add(candidate);
      return;
    }
    if (this.#nameLookups >= maxNameLookups) return;
    this.#nameLookups += 1;
    // Of werift's way of adding a candidate, the lookup of a name in the local network is left. A name that is found
    // after a restart is one of the generation before.
    await this.#connection.addRemoteCandidate({ ...candidate, ufrag: this.#agent.remote?.ufrag });
  }

  #add(candidate: Candidate): void {
    const { host, port, priority, type, transport, component, ufrag } = candidate;
    const address = canonicalAddress(host);
    const kind = kinds.find((known) => known === type);
    if (address === undefined || kind === undefined) return;
    if (transport.toLowerCase() !== "udp" || component !== 1) return;
    if (!(port >= 1 && port <= 65_535)) return;
    // One of a generation before.
    if (ufrag !== undefined && ufrag !== this.#agent.remote?.ufrag) return;
    const before = this.#agent.selected?.remote.kind;
    this.#agent.addRemoteCandidate({ kind, address, port, priority: priority >>> 0 });
    // Checks had come from there before anybody said what it is.
    if (this.#agent.selected?.remote.kind !== before) this.#onPathKind?.();
  }

  #announce({ kind, address, port, foundation, priority, related }: LocalCandidate): void {
    const candidate: Candidate = {
      foundation,
      component: 1,
      transport: "udp",
      priority,
      host: address,
      port,
      type: kind,
      relatedAddress: related?.address,
      relatedPort: related?.port,
      ufrag: this.#agent.local.ufrag,
    };
    this.#connection.localCandidates.push(candidate);
    this.#connection.onIceCandidate.execute(candidate);
  }

  async #connect(): Promise<void> {
    await this.#firstPath.promise;
    this.#setState("connected");
  }

  #onFailed(): void {
    this.#firstPath.reject(new ConicError("connection_failed", "no network path was found"));
    this.#setState("failed");
  }

  #setState(state: "connected" | "failed" | "closed"): void {
    const connection = this.#connection;
    if (connection.state === "closed" || connection.state === state) return;
    connection.state = state;
    connection.stateChanged.execute(state);
  }
}
