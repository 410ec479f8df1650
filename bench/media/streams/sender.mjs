// Many tracks that are sent from this process.
import { setTimeout as pause } from "node:timers/promises";
import { AudioTrack, VideoTrack } from "@conic/webrtc";
import { createSources, framesPerSecond } from "./sources.mjs";
import { Pacer } from "./pacer.mjs";

/** @import { LocalTrack, PeerConnection, TrackSender } from "@conic/webrtc" */
/** @import { StreamSource, StreamsPlan } from "../types.js" */

export class StreamSender {
  /** @type {TrackSender[]} */
  #senders = [];
  /** @type {Pacer | undefined} */
  #pacer;
  #lost = 0;
  #plan;
  #tracks;
  #sources;

  /** @param {StreamsPlan} plan @param {readonly StreamSource[]} sources */
  constructor(plan, sources) {
    this.#plan = plan;
    this.#sources = sources;
    this.#tracks = sources.map((source) => {
      /** @type {LocalTrack} */
      const track = plan.kind === "audio" ? new AudioTrack() : new VideoTrack();
      track.on("keyframerequest", () => {
        source.keyFrame();
      });
      return track;
    });
  }

  /** @param {StreamsPlan} plan */
  static async create(plan) {
    const { kind, count, measured } = plan;
    return new StreamSender(plan, await createSources(kind, count, measured === "sender"));
  }

  get planned() {
    return this.#pacer?.planned ?? 0;
  }

  get written() {
    return (this.#pacer?.written ?? 0) - this.#lost;
  }

  /** @param {readonly PeerConnection[]} peers @param {number} tracksPerPeer */
  async open(peers, tracksPerPeer) {
    for (const [i, track] of this.#tracks.entries()) {
      const sender = peers[Math.floor(i / tracksPerPeer)]?.addTrack(track);
      if (sender !== undefined) this.#senders.push(sender);
    }
    while (this.#senders.some(({ active }) => !active)) await pause(10);
  }

  start() {
    const { kind, count } = this.#plan;
    this.#pacer = new Pacer({
      streams: count,
      perSecond: framesPerSecond[kind],
      write: (stream, frame) => this.#write(stream, frame),
    });
  }

  stop() {
    this.#pacer?.stop();
  }

  /** @param {number} stream @param {number} frame */
  #write(stream, frame) {
    const track = this.#tracks[stream];
    const chunk = this.#sources[stream]?.chunk(frame);
    if (chunk === undefined || track === undefined) return false;
    if (!(chunk instanceof Promise)) return track.write(chunk);
    chunk.then(
      (encoded) => {
        if (encoded === undefined || !track.write(encoded)) this.#lost += 1;
      },
      (/** @type {unknown} */ error) => {
        this.#lost += 1;
        process.stderr.write(`sender: ${String(error)}\n`);
      },
    );
    return true;
  }
}
