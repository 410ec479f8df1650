import { Frame } from "@conic/domain";
import candidates from "../../vectors/candidates.json" with { type: "json" };
import documented from "../../vectors/documented.json" with { type: "json" };
import register from "../../vectors/register.json" with { type: "json" };
import envelope from "../../vectors/envelope.json" with { type: "json" };
import relay from "../../vectors/relay.json" with { type: "json" };
import reports from "../../vectors/reports.json" with { type: "json" };
import identity from "../../vectors/identity.json" with { type: "json" };
import server from "../../vectors/server.json" with { type: "json" };
import rooms from "../../vectors/rooms.json" with { type: "json" };
import session from "../../vectors/session.json" with { type: "json" };
import { decodeData } from "../../src/index.js";

export interface Vector {
  readonly name: string;
  readonly direction: "client-to-server" | "server-to-client";
  readonly frame?: string;
  readonly frameBase64?: string;
  readonly decoded?: unknown;
  readonly error?: string;
  readonly errorId?: string;
  readonly forward?: {
    readonly sender: string;
    readonly unchanged?: true;
    readonly frame?: string;
    readonly error?: string;
  };
}

export interface CandidateVector {
  readonly name: string;
  readonly candidate: string;
  readonly decoded?: unknown;
  readonly error?: string;
}

const files: Readonly<Record<string, unknown>> = {
  "documented.json": documented,
  "register.json": register,
  "envelope.json": envelope,
  "relay.json": relay,
  "reports.json": reports,
  "identity.json": identity,
  "server.json": server,
  "rooms.json": rooms,
  "session.json": session,
};

export const vectorFiles: readonly string[] = Object.keys(files);

export function readVectors(file: string): readonly Vector[] {
  return (files[file] as { vectors: Vector[] }).vectors;
}

export function readCandidates(): readonly CandidateVector[] {
  return (candidates as { candidates: CandidateVector[] }).candidates;
}

export function frameOf(vector: Vector): Frame {
  return vector.frame === undefined
    ? Frame.fromBytes(decodeData(vector.frameBase64 ?? ""))
    : Frame.fromText(vector.frame);
}
