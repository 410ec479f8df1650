import { readFileSync } from "node:fs";
import { Frame } from "@conic/domain";

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

const folder = new URL("../../vectors/", import.meta.url);

function read(file: string): unknown {
  return JSON.parse(readFileSync(new URL(file, folder), "utf8"));
}

export const vectorFiles: readonly string[] = [
  "documented.json",
  "register.json",
  "envelope.json",
  "relay.json",
  "reports.json",
  "identity.json",
  "server.json",
  "rooms.json",
  "session.json",
];

export function readVectors(file: string): readonly Vector[] {
  return (read(file) as { vectors: Vector[] }).vectors;
}

export function readCandidates(): readonly CandidateVector[] {
  return (read("candidates.json") as { candidates: CandidateVector[] }).candidates;
}

export function frameOf(vector: Vector): Frame {
  return vector.frame === undefined
    ? Frame.fromBytes(Buffer.from(vector.frameBase64 ?? "", "base64"))
    : Frame.fromText(vector.frame);
}
