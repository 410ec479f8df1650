import { ConicError } from "@conic/domain";

/** Descriptions come from strangers: what they can make us hold and look through is bounded by these. */
export const maxDescriptionBytes = 262_144;
export const maxMediaSections = 64;
export const maxSectionLines = 2_000;

/** A description in lines (RFC 8866 section 5), nothing left out; the first line of a section is its m= line. */
export interface SdpText {
  readonly session: readonly string[];
  readonly sections: readonly (readonly string[])[];
}

export function invalidDescription(message: string): ConicError<"invalid_description"> {
  return new ConicError("invalid_description", message);
}

/** @throws ConicError `invalid_description` for what is no description, or larger than the limits. */
export function parseSdp(sdp: string): SdpText {
  if (sdp.length > maxDescriptionBytes || Buffer.byteLength(sdp) > maxDescriptionBytes) {
    throw invalidDescription(`the description has more than ${maxDescriptionBytes} bytes`);
  }
  const session: string[] = [];
  const sections: string[][] = [];
  let current = session;
  for (const line of sdp.split(/\r\n|\n|\r/)) {
    if (line === "") continue;
    if (!/^[a-z]=/.test(line)) throw invalidDescription("the description has a line without type");
    if (line.startsWith("m=")) {
      current = [];
      sections.push(current);
    }
    current.push(line);
    if (current.length > maxSectionLines) {
      throw invalidDescription(`a section of the description has over ${maxSectionLines} lines`);
    }
  }
  if (session[0] !== "v=0") throw invalidDescription("the description has no version");
  if (sections.length > maxMediaSections) {
    throw invalidDescription(`the description has more than ${maxMediaSections} media sections`);
  }
  return { session, sections };
}

export function writeSdp({ session, sections }: SdpText): string {
  return [...session, ...sections.flat()].map((line) => `${line}\r\n`).join("");
}
