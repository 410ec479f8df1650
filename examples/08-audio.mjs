// A tone of 440 Hz as Opus over RTP, and what arrives in a WAV file: `node 08-audio.mjs [FILE]`.
import { once } from "node:events";
import { open } from "node:fs/promises";
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { fileSink, framesOf, PacketPlayback, tone, WavWriter } from "@conic/audio";
import { connect } from "@conic/client";
import { createOpusCodec } from "@conic/codec-opus";
import { createSignalingServer } from "@conic/server";
import { AudioTrack } from "@conic/webrtc";

const http = createServer().listen(0, "localhost");
const signaling = createSignalingServer();
signaling.attach(http);
await once(http, "listening");
const { port } = /** @type {import("node:net").AddressInfo} */ (http.address());
const alice = await connect(`ws://localhost:${port}/ws`, { id: "alice" });
const bob = await connect(`ws://localhost:${port}/ws`, { id: "bob" });
const opus = createOpusCodec();

async function record() {
  const file = await open(process.argv[2] ?? "received.wav", "w");
  const decoder = await opus.createDecoder({ numberOfChannels: 1 });
  const playback = new PacketPlayback(decoder); // conceals what is lost, so that the time stays true
  const writer = new WavWriter(fileSink(file), { channels: 1, sampleRate: 48_000 });
  for await (const call of bob.incoming()) {
    for await (const track of call.accept().tracks()) {
      for await (const packet of track) {
        for (const samples of playback.push(packet)) await writer.write(samples);
      }
      break; // the track ended
    }
    break;
  }
  decoder.close();
  const { frames } = await writer.close();
  await file.close();
  console.log(`received ${(frames / 48_000).toFixed(1)} s`);
}
const recording = record();

const peer = await alice.call("bob", { signal: AbortSignal.timeout(30_000) });
const track = new AudioTrack();
const sender = peer.addTrack(track); // negotiates by itself
const encoder = await opus.createEncoder({ numberOfChannels: 1 });
const start = performance.now();
let timestamp = 0; // in µs
const blocks = tone({ frequency: 440, frames: 96_000 });
for await (const frame of framesOf(blocks, encoder.frameSamples)) {
  const due = start + timestamp / 1000; // media is sent when it is due, never queued
  await sleep(Math.max(0, due - performance.now()));
  const packet = encoder.encode(frame, timestamp);
  track.write(packet); // false before the other side has agreed
  timestamp += packet.duration;
}
encoder.close();
peer.removeTrack(sender); // ends the track there
await recording;

await Promise.all([alice.close(), bob.close()]);
await signaling.close();
http.close();
