import { expect } from "vitest";
import type { SessionDescription } from "@conic/domain";
import {
  MediaNegotiation,
  type MediaNegotiationOptions,
} from "../../../src/media/description/negotiation.js";

/** Describes data channels alone, line by line as the engine of this package does. */
export class ModelInner {
  readonly #name: string;
  #version = 0;
  #hasGathered = false;
  /** Of DTLS: stays what it became first (RFC 8842 section 5.5). */
  #role: "active" | "passive" | undefined;
  /** What it was given last. */
  given = "";

  constructor(name: string) {
    this.#name = name;
  }

  offer(): SessionDescription {
    return this.#describe("offer", "actpass");
  }

  answer(offer: SessionDescription): SessionDescription {
    this.take(offer, "offer");
    this.#role ??= "active";
    return this.#describe("answer", this.#role);
  }

  take(description: SessionDescription, expected: "offer" | "answer"): void {
    checkInner(description, expected);
    const { type, sdp } = description;
    this.given = sdp;
    if (type === "answer") this.#role ??= sdp.includes("a=setup:active") ? "passive" : "active";
  }

  #describe(type: "offer" | "answer", setup: string): SessionDescription {
    this.#version += 1;
    const candidates = [
      "a=candidate:1 1 udp 2130706431 192.0.2.1 50000 typ host ufrag x",
      "a=end-of-candidates",
    ];
    const lines = [
      "v=0",
      `o=- 70107192745346 ${this.#version} IN IP4 0.0.0.0`,
      "s=-",
      "t=0 0",
      "a=group:BUNDLE 0",
      "a=extmap-allow-mixed",
      "a=msid-semantic:WMS *",
      "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
      "c=IN IP4 0.0.0.0",
      ...(this.#hasGathered ? candidates : []),
      `a=ice-ufrag:${this.#name}Frag`,
      `a=ice-pwd:${this.#name}PasswordOfTwentyTwoChars`,
      "a=ice-options:trickle",
      `a=fingerprint:sha-256 ${Array.from({ length: 32 }, () => "AD").join(":")}`,
      `a=setup:${setup}`,
      "a=mid:0",
      "a=sctp-port:5000",
      "a=max-message-size:262144",
      "a=x-conic-packet-bytes:16384",
    ];
    this.#hasGathered = true;
    return { type, sdp: lines.map((line) => `${line}\r\n`).join("") };
  }
}

/** Whether the engine of this package can use it. */
function checkInner({ type, sdp }: SessionDescription, expected: "offer" | "answer"): void {
  expect(type).toBe(expected);
  expect(sdp.match(/^m=/gm)).toHaveLength(1);
  expect(sdp).toMatch(/^m=application [1-9]\d* \S+ \S+\r$/m);
  expect(sdp).toMatch(/^a=ice-ufrag:\S+\r$/m);
  expect(sdp).toMatch(/^a=fingerprint:\S+ \S+\r$/m);
  expect(sdp.match(/^a=mid:.*$/gm)).toHaveLength(1);
}

/** A negotiation with predictable ids, and its inner. */
export class Side {
  readonly media: MediaNegotiation;
  readonly inner: ModelInner;
  readonly name: string;

  constructor(name: string, options: Partial<MediaNegotiationOptions> = {}) {
    let ids = 0;
    let ssrc = name.charCodeAt(0) * 1_000;
    this.name = name;
    this.inner = new ModelInner(name);
    this.media = new MediaNegotiation({
      randomUint32: () => (ssrc += 1),
      newId: () => `${name}-${(ids += 1)}`,
      ...options,
    });
  }

  offer(): SessionDescription {
    return this.media.composeOffer(this.inner.offer());
  }

  answer(offer: SessionDescription): SessionDescription {
    return this.media.composeAnswer(this.inner.answer(this.media.takeOffer(offer).inner));
  }

  accept(answer: SessionDescription): void {
    this.inner.take(this.media.takeAnswer(answer).inner, "answer");
    this.media.commit();
  }
}

/** One round of offer and answer. */
export function negotiate(
  offerer: Side,
  answerer: Side,
): { readonly offer: SessionDescription; readonly answer: SessionDescription } {
  const offer = offerer.offer();
  const answer = answerer.answer(offer);
  offerer.accept(answer);
  return { offer, answer };
}

export function track(name: string): { readonly trackId: string; readonly streamId: string } {
  return { trackId: `track-of-${name}`, streamId: `stream-of-${name}` };
}

/** The sections of a description as blocks of lines; the session comes first. */
export function blocks({ sdp }: SessionDescription): string[][] {
  return sdp
    .trimEnd()
    .split(/\r\n(?=m=)/)
    .map((block) => block.split("\r\n"));
}

/** `kind:mid` of each section, `-` in front where it is refused, and the direction behind. */
export function shape(description: SessionDescription): string[] {
  return blocks(description)
    .slice(1)
    .map((lines) => {
      const [, kind = "", port = ""] = /^m=(\S+) (\d+)/.exec(lines[0] ?? "") ?? [];
      const mid = lines.find((line) => line.startsWith("a=mid:"))?.slice(6) ?? "";
      const direction = lines.find((line) =>
        /^a=(sendrecv|sendonly|recvonly|inactive)$/.test(line),
      );
      const live = port === "0" ? "-" : "";
      const suffix = live === "" && direction !== undefined ? ` ${direction.slice(2)}` : "";
      return `${live}${kind}:${mid}${suffix}`;
    });
}
