import { connect, type ConicClient, type IncomingCall } from "@conic/client";
import { ConicError, raceAbort, type Logger } from "@conic/domain";
import { peerError, sessionError, startError, type ExitError } from "@conic/internal-cli";
import type { PeerConnection } from "@conic/webrtc";
import type { Report } from "../events.js";
import type { StartOptions } from "../options.js";

/** Registers. Resolves with undefined when it is stopped before the server answers. @throws ExitError. */
export async function register(
  options: StartOptions,
  logger: Logger,
  report: Report,
  stop: AbortSignal,
): Promise<ConicClient | undefined> {
  const { url, id, token, iceServers, timeoutMs } = options;
  try {
    const client = await connect(url, {
      signal: stop,
      ...(id === undefined ? {} : { id }),
      ...(token === undefined ? {} : { token }),
      iceServers,
      peer: { connectTimeoutMs: timeoutMs },
      logger,
      onWaiting: () => {
        report({ event: "waiting", id: id ?? "" });
      },
    });
    client.on("statechange", (state) => {
      if (state !== "closed") report({ event: "server", state });
    });
    client.on("fault", ({ code, message, details }) => {
      // Others concern the call, or the server that is away: those are told of elsewhere.
      if (details["reason"] === "token_unavailable") report({ event: "error", code, message });
    });
    report({ event: "registered", id: client.id, server: url });
    return client;
  } catch (error) {
    if (stop.aborted) return undefined;
    throw startError(error, url);
  }
}

export type DialingClient = Pick<ConicClient, "call">;

/** Calls. Resolves with undefined when it is stopped before the peer answers. @throws ExitError. */
export async function dial(
  client: DialingClient,
  peer: string,
  report: Report,
  stop: AbortSignal,
): Promise<PeerConnection | undefined> {
  report({ event: "calling", peer });
  try {
    return await client.call(peer, { signal: stop });
  } catch (error) {
    if (stop.aborted) return undefined;
    throw peerError(peer, error);
  }
}

export interface AnsweringClient extends Pick<ConicClient, "closed"> {
  incoming(): AsyncIterable<Pick<IncomingCall, "accept" | "reject" | "remoteId">>;
}

/**
 * Waits for a call that connects; who calls during it is turned away. Resolves with undefined when it is stopped
 * before. @throws ExitError when the server ends the session.
 */
export async function answer(
  client: AnsweringClient,
  report: Report,
  stop: AbortSignal,
): Promise<PeerConnection | undefined> {
  const calls = client.incoming()[Symbol.asyncIterator]();
  for (;;) {
    let next: IteratorResult<Pick<IncomingCall, "accept" | "reject" | "remoteId">>;
    try {
      next = await raceAbort(calls.next(), stop);
    } catch (error) {
      if (stop.aborted) return undefined;
      throw error;
    }
    if (next.done === true) throw await endedBy(client);
    const call = next.value;
    report({ event: "incoming", peer: call.remoteId });
    const connection = call.accept();
    try {
      await raceAbort(connection.connected, stop);
      void turnAway(calls, report);
      return connection;
    } catch (error) {
      if (stop.aborted) return undefined;
      const { code, message } = ConicError.from(error, "connection_failed");
      report({ event: "error", code, message });
    }
  }
}

async function turnAway(
  calls: AsyncIterator<Pick<IncomingCall, "reject" | "remoteId">>,
  report: Report,
): Promise<void> {
  for (;;) {
    const next = await calls.next();
    if (next.done === true) return;
    next.value.reject();
    report({ event: "busy", peer: next.value.remoteId });
  }
}

async function endedBy(client: Pick<ConicClient, "closed">): Promise<ExitError> {
  const { error } = await client.closed;
  return sessionError(error);
}
