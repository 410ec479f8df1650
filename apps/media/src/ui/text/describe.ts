import { basename } from "node:path";
import { printable } from "@conic/internal-cli";
import type { MediaEvent } from "../../start/events.js";
import { count, counted, decimal } from "./numbers.js";

const pathNames = { direct: "direct", nat: "through NAT", relay: "through a relay" } as const;

/** The line for people; undefined for what they see elsewhere. */
export function describe(event: MediaEvent): string | undefined {
  switch (event.event) {
    case "started":
    case "stats":
    case "ended":
      return undefined;
    case "registered":
      return `Your ID: ${event.id}`;
    case "waiting":
      return `* ${event.id} is kept for a program that broke off; waiting until it is free`;
    case "server":
      return event.state === "reconnecting"
        ? "* the server went away; the call goes on"
        : "* the server is back: registered again";
    case "calling":
      return `* calling ${event.peer} ...`;
    case "incoming":
      return `* ${event.peer} is calling`;
    case "busy":
      return `* ${event.peer} called too, and was turned away`;
    case "connected":
      return `* connected to ${event.peer} (${pathNames[event.path]}, ${event.ms} ms)`;
    case "path":
      return `* the path to ${event.peer} is ${pathNames[event.path]} now`;
    case "silent":
      return `* no sign of life from ${event.peer}; waiting for it to come back`;
    case "back":
      return `* ${event.peer} is back`;
    case "track":
      return trackLine(event);
    case "track-ended":
      return `* ${event.kind} ended`;
    case "message":
      return `${event.peer}: ${printable(event.text)}`;
    case "muted":
    case "unmuted":
      return `* ${event.kind} ${event.event}${event.by === "local" ? "" : " by the other side"}`;
    case "frame-lost":
      return `! ${counted(event.lost, "frame")} lost at ${decimal(event.at)} s`;
    case "gap":
      return `! ${counted(event.lost, "packet")} of audio lost at ${decimal(event.at)} s`;
    case "left":
      return event.clean ? `* ${event.peer} left${reasonOf(event.reason)}` : undefined;
    case "recorded":
      return recordedLine(event);
    case "error":
      return `! ${printable(event.message)}`;
  }
}

function reasonOf(reason: string): string {
  return reason === "" ? "" : `: ${printable(reason)}`;
}

function trackLine(event: Extract<MediaEvent, { event: "track" }>): string {
  const what = reasonOf(event.description);
  if (event.direction === "send") return `* sending ${event.kind}${what}`;
  if (event.taken) return `* receiving ${event.kind}${what}`;
  return `* ${event.kind} comes too, and is not taken: start av takes both`;
}

function recordedLine(event: Extract<MediaEvent, { event: "recorded" }>): string {
  const name = printable(basename(event.path));
  if (!event.written) return `nothing came: ${name} was not written`;
  const dropped = event.dropped === 0 ? "" : `, ${counted(event.dropped, "frame")} dropped`;
  return `recorded ${name}: ${decimal(event.seconds)} s, ${count(event.bytes)} bytes${dropped}`;
}
