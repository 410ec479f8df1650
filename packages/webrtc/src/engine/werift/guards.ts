import type { WeriftIce, WeriftPeer, WeriftSctp, WeriftSctpTransport } from "./vendor.js";

/** Private parts of werift 0.25.2 that the guards need; `vendor.test` fails when a new version moves them. */
interface SctpInternals {
  handleData(data: Buffer): Promise<void>;
  start(remotePort?: number): Promise<void>;
  onSackReceived: () => Promise<void>;
  outboundQueue: readonly { readonly streamId: number }[];
  sentQueue: readonly { readonly streamId: number }[];
}

interface StreamInternals {
  dataChannelId?: number;
  start(remotePort: number): Promise<void>;
}

interface GatherInternals {
  gatherCandidates(): Promise<void>;
}

interface ReceiveInternals {
  datachannelReceive(streamId: number, protocolId: number, data: Buffer): Promise<void>;
}

/**
 * Without a STUN server werift asks stun.l.google.com, even when `iceServers` is empty. Its gatherer reads this
 * field when it starts, so clearing it before that is enough.
 */
export function silenceDefaultStun(peer: WeriftPeer): void {
  for (const ice of peer.iceTransports) {
    if (ice.gatheringState !== "new") continue;
    Reflect.set(ice.connection, "stunServer", undefined);
  }
}

/**
 * werift's setLocalDescription waits until all candidates are gathered, and an answerer starts its checks only then:
 * an unreachable STUN server costs 5 s on each side. Gathering goes on in the background here.
 */
export function gatherInBackground(peer: WeriftPeer): { settled(): Promise<void> } {
  const running = new Set<Promise<void>>();
  const internals = peer as unknown as GatherInternals;
  const gather = internals.gatherCandidates.bind(peer);
  internals.gatherCandidates = () => {
    const task = gather()
      .catch(() => undefined)
      .finally(() => running.delete(task));
    running.add(task);
    return Promise.resolve();
  };
  return {
    settled: async () => {
      await Promise.all(running);
    },
  };
}

/**
 * A packet or channel message that werift cannot handle rejects a promise that nobody holds, which ends the
 * process. Both entrances are wrapped; an association is guarded once.
 */
export function guardSctp(
  transport: WeriftSctpTransport,
  onFault: (error: unknown) => void,
  onAcknowledged: () => void,
): void {
  const sctp = transport.sctp;
  if (guarded.has(sctp)) return;
  guarded.add(sctp);
  const internals = sctp as unknown as SctpInternals;
  const handleData = internals.handleData.bind(sctp);
  internals.handleData = (data) => handleData(data).catch(onFault);
  const onSackReceived = internals.onSackReceived;
  internals.onSackReceived = async () => {
    await onSackReceived();
    onAcknowledged();
  };
  holdUntilStarted(internals);
  countStreamsByDtlsRole(transport);
  sctp.onReceive.allUnsubscribe();
  sctp.onReceive.subscribe((streamId, protocolId, data) => {
    (transport as unknown as ReceiveInternals)
      .datachannelReceive(streamId, protocolId, data)
      .catch(onFault);
  });
}

const guarded = new WeakSet<WeriftSctp>();

/** Packets that wait for the handshake at most. An association sends one until it is answered. */
const maxHeldPackets = 16;

/**
 * werift takes data before the DTLS handshake is finished and the certificate of the remote is compared with the
 * one that was announced: whoever withholds the last flight is believed without proof. It also never notices that
 * an association is up that came up that early. Data waits here until the association is started, which is after.
 */
function holdUntilStarted(sctp: SctpInternals): void {
  const handleData = sctp.handleData.bind(sctp);
  const start = sctp.start.bind(sctp);
  let held: Buffer[] | undefined = [];
  sctp.handleData = (data) => {
    if (held === undefined) return handleData(data);
    if (held.length < maxHeldPackets) held.push(data);
    return Promise.resolve();
  };
  sctp.start = async (remotePort) => {
    await start(remotePort);
    const packets = held ?? [];
    held = undefined;
    for (const packet of packets) await handleData(packet);
  };
}

/**
 * RFC 8832 section 6: the DTLS client opens even streams. werift goes by the ICE role, which a role conflict turns
 * around: then both sides open the same stream, and neither channel ever works. Who starts the association stays
 * with the ICE role: bare werift at the other end goes by it, and only one side may.
 */
function countStreamsByDtlsRole(transport: WeriftSctpTransport): void {
  const internals = transport as unknown as StreamInternals;
  const start = internals.start.bind(transport);
  internals.start = (remotePort) => {
    const started = start(remotePort);
    internals.dataChannelId = transport.dtlsTransport.role === "client" ? 0 : 1;
    return started;
  };
}

/** Whether everything handed to the association for one stream was acknowledged. */
export function isFlushed(sctp: WeriftSctp, streamId: number): boolean {
  const { outboundQueue, sentQueue } = sctp as unknown as SctpInternals;
  const isOurs = (chunk: { readonly streamId: number }): boolean => chunk.streamId === streamId;
  return !outboundQueue.some(isOurs) && !sentQueue.some(isOurs);
}

/**
 * Takes the next channel past this stream id. werift gives the lowest free id, but a stream that was reset with
 * messages on the way delivers nothing more: a used id waits until all others were used.
 */
export function retireStreamId(transport: WeriftSctpTransport, id: number): void {
  const next = id + 2;
  Reflect.set(transport, "dataChannelId", next < 65_534 ? next : id % 2);
}

/** Closes sockets that gathering opened while the connection was being closed. */
export async function closeLateSockets(transports: readonly WeriftIce[]): Promise<void> {
  await Promise.all(transports.map((ice) => ice.connection.close()));
}
