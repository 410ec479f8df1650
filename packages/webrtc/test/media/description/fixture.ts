import { readFileSync } from "node:fs";
import type { SessionDescription } from "@conic/domain";

export const fixtureNames = [
  "aiortc-answer",
  "aiortc-offer",
  "chromium-answer",
  "chromium-answer-recycled",
  "chromium-answer-stopped",
  "chromium-offer",
  "chromium-offer-added",
  "chromium-offer-h264",
  "chromium-offer-media-only",
  "chromium-offer-recycled",
  "chromium-offer-removed",
  "ndc-answer",
  "ndc-offer",
] as const;

/** A description that another implementation made; addresses are replaced. */
export function fixture(name: (typeof fixtureNames)[number]): SessionDescription {
  const text = readFileSync(new URL(`fixtures/${name}.sdp`, import.meta.url), "utf8");
  const type = name.includes("answer") ? "answer" : "offer";
  return { type, sdp: text.replaceAll("\n", "\r\n") };
}
