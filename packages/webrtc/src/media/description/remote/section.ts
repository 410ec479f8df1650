import {
  parseMediaLine,
  readAttributes,
  type Attributes,
  type MediaLine,
} from "../sdp/attributes.js";
import { invalidDescription } from "../sdp/text.js";
import type { MediaDirection } from "../slot.js";
import { readCodecs, type RemoteCodec } from "./codecs.js";

/** A media section of a remote description, with what the session says for all of them. */
export interface RemoteSection extends MediaLine {
  readonly lines: readonly string[];
  readonly attributes: Attributes;
  readonly mid: string | undefined;
  readonly isBundleOnly: boolean;
  readonly direction: MediaDirection;
  /** Empty unless it is an RTP section. */
  readonly codecs: readonly RemoteCodec[];
  /** Header extensions that may be used both ways: URI by id. */
  readonly extensions: ReadonlyMap<number, string>;
  /** What it sends with, without retransmissions and further layers. */
  readonly ssrcs: readonly number[];
  readonly trackId: string | undefined;
  readonly streamId: string | undefined;
}

const directions = ["sendrecv", "sendonly", "recvonly", "inactive"] as const;
const maxSsrcs = 16;

export function readSection(lines: readonly string[], session: Attributes): RemoteSection {
  const mediaLine = parseMediaLine(lines[0] ?? "");
  const attributes = readAttributes(lines);
  return {
    ...mediaLine,
    lines,
    attributes,
    mid: readMid(attributes),
    isBundleOnly: attributes.has("bundle-only"),
    direction: readDirection(attributes) ?? readDirection(session) ?? "sendrecv",
    codecs: mediaLine.proto.includes("RTP/") ? readCodecs(mediaLine.formats, attributes) : [],
    extensions: readExtensions([
      ...(session.get("extmap") ?? []),
      ...(attributes.get("extmap") ?? []),
    ]),
    ssrcs: readSsrcs(attributes),
    ...readMsid(attributes),
  };
}

function readMid(attributes: Attributes): string | undefined {
  const [mid] = attributes.get("mid") ?? [];
  if (mid !== undefined && !isToken(mid)) {
    throw invalidDescription("the description has a media section with an unusable mid");
  }
  return mid;
}

/** RFC 8866 section 9: token, bounded. */
export function isToken(text: string): boolean {
  return /^[\w!#$%&'*+.^`{|}~-]{1,64}$/.test(text);
}

function readDirection(attributes: Attributes): MediaDirection | undefined {
  return directions.find((direction) => attributes.has(direction));
}

/** RFC 8285 section 5. One that is used one way only is left out: nothing here is. */
function readExtensions(values: readonly string[]): ReadonlyMap<number, string> {
  const extensions = new Map<number, string>();
  for (const value of values) {
    const [, id, direction, uri] = /^(\d{1,5})(\/\w+)? (\S+)/.exec(value) ?? [];
    if (uri === undefined || (direction !== undefined && direction !== "/sendrecv")) continue;
    extensions.set(Number(id), uri);
  }
  return extensions;
}

/** RFC 5576. The first of a group carries the media: FID, and the lowest layer of SIM. */
function readSsrcs(attributes: Attributes): readonly number[] {
  const others = new Set<string>();
  for (const group of attributes.get("ssrc-group") ?? []) {
    const [, , ...rest] = group.split(/ +/);
    for (const ssrc of rest) others.add(ssrc);
  }
  const ssrcs = new Set<number>();
  for (const value of attributes.get("ssrc") ?? []) {
    const [text = ""] = value.split(" ");
    const ssrc = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
    if (ssrc <= 0xff_ff_ff_ff && !others.has(text) && ssrcs.size < maxSsrcs) ssrcs.add(ssrc);
  }
  return [...ssrcs];
}

/** RFC 8830 section 2; before it, the ids were attributes of the SSRC. */
function readMsid(attributes: Attributes): Pick<RemoteSection, "trackId" | "streamId"> {
  const legacy = (attributes.get("ssrc") ?? [])
    .map((value) => /^\d+ msid:(.*)$/.exec(value)?.[1])
    .find((value) => value !== undefined);
  const [value = legacy ?? ""] = attributes.get("msid") ?? [];
  const [streamId = "", trackId = ""] = value.trim().split(/ +/);
  return {
    trackId: isToken(trackId) ? trackId : undefined,
    // A hyphen stands for a track without a stream.
    streamId: isToken(streamId) && streamId !== "-" ? streamId : undefined,
  };
}
