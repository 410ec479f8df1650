import { createRequire } from "node:module";
import { createServer } from "node:http";
import { writeFileSync } from "node:fs";
import { it, expect } from "vitest";
import { Side, track, shape } from "./media/description/model-inner.js";
const require = createRequire("/work/main/interop/package.json");
const { chromium } = require("playwright-core");
it("chromium", async () => {
  const { findChromium } = await import("/work/main/scripts/lib/chromium.mjs" as string);
  const srv = createServer((_q, r) => {
    r.setHeader("content-type", "text/html");
    r.end("<!doctype html><canvas id=c width=64 height=48></canvas>");
  });
  await new Promise<void>((r) => srv.listen(0, "127.0.0.1", r));
  const browser = await chromium.launch({
    executablePath: findChromium(),
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--autoplay-policy=no-user-gesture-required",
    ],
  });
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${(srv.address() as any).port}/`);
  await page.evaluate(() => {
    (globalThis as any).mk = () => {
      const g: any = globalThis;
      const ctx = new g.AudioContext();
      const d = ctx.createMediaStreamDestination();
      const s = g.document.getElementById("c").captureStream(10);
      return new g.MediaStream([d.stream.getAudioTracks()[0], s.getVideoTracks()[0]]);
    };
  });
  const ev = (f: string) => page.evaluate(f);
  const save = (n: string, s: string) => writeFileSync(`/tmp/ownc/${n}.sdp`, s);
  const answerOf = async (offer: any) =>
    JSON.parse(
      await page.evaluate(async (o: any) => {
        const g: any = globalThis;
        await g.pc.setRemoteDescription(o);
        await g.pc.setLocalDescription();
        return JSON.stringify(g.pc.localDescription);
      }, offer),
    );
  const offerOf = async () =>
    JSON.parse(
      await page.evaluate(async () => {
        const g: any = globalThis;
        await g.pc.setLocalDescription();
        return JSON.stringify(g.pc.localDescription);
      }),
    );
  const give = (d: any) =>
    page.evaluate(async (o: any) => {
      const g: any = globalThis;
      await g.pc.setRemoteDescription(o);
    }, d);
  // 1. we offer
  await ev(
    "globalThis.pc = new RTCPeerConnection(); const s = mk(); for (const t of s.getTracks()) pc.addTrack(t, s);",
  );
  const a = new Side("a");
  a.media.addTrack("audio", track("x"));
  const v = a.media.addTrack("video", track("y"));
  let ans = await answerOf(a.offer());
  save("chromium-answer", ans.sdp);
  a.accept(ans);
  console.log(
    shape(ans),
    a.media.slots.map((s) => [s.mid, s.currentDirection, s.send, s.receive]),
  );
  expect(a.media.needsNegotiation()).toBe(false);
  // they add one
  await ev("{ const s = mk(); globalThis.v2 = pc.addTrack(s.getVideoTracks()[0], s); }");
  let off = await offerOf();
  save("chromium-offer-added", off.sdp);
  let mine = a.answer(off);
  console.log(shape(off), shape(mine));
  await give(mine);
  // we stop our video
  v.stop();
  ans = await answerOf(a.offer());
  a.accept(ans);
  console.log(shape(ans));
  save("chromium-answer-stopped", ans.sdp);
  a.media.addTrack("audio", track("z"));
  ans = await answerOf(a.offer());
  a.accept(ans);
  console.log("recycled", shape(ans));
  // they remove v2 by transceiver.stop, then add another
  await ev("pc.getTransceivers().find(t => t.sender === v2).stop()");
  off = await offerOf();
  save("chromium-offer-removed", off.sdp);
  mine = a.answer(off);
  console.log(shape(off), shape(mine));
  await give(mine);
  await ev("{ const s = mk(); pc.addTrack(s.getVideoTracks()[0], s); }");
  off = await offerOf();
  save("chromium-offer-recycled", off.sdp);
  mine = a.answer(off);
  console.log(shape(off), shape(mine));
  await give(mine);
  console.log(
    a.media.slots.map((s) => [
      s.kind,
      s.mid,
      s.currentDirection,
      s.stopped,
      s.send?.payloadType,
      s.receive?.ssrcs,
    ]),
    a.media.needsNegotiation(),
    await ev("pc.signalingState"),
  );
  console.log(a.media.localCandidate({ candidate: "x" }));
  // 2. they offer, no data
  await ev(
    "globalThis.pc = new RTCPeerConnection(); { const s = mk(); for (const t of s.getTracks()) pc.addTrack(t, s); }",
  );
  const b = new Side("b");
  off = await offerOf();
  save("chromium-offer-media-only", off.sdp);
  mine = b.answer(off);
  console.log(shape(off), shape(mine));
  await give(mine);
  b.media.dataWanted = true;
  const o2 = b.offer();
  ans = await answerOf(o2);
  b.accept(ans);
  console.log(shape(ans), b.media.needsNegotiation());
  for (const policy of ["balanced", "max-bundle"])
    for (const mux of [false, true]) {
      await ev(
        `globalThis.pc = new RTCPeerConnection({bundlePolicy: "${policy}"}); { const t = pc.addTransceiver("video"); t.setCodecPreferences(RTCRtpReceiver.getCapabilities("video").codecs.filter(c => /H264|rtx/.test(c.mimeType))); pc.createDataChannel("x"); }`,
      );
      const c = new Side("c");
      off = await offerOf();
      save("chromium-offer-h264", off.sdp);
      const t = c.media.takeOffer(off);
      mine = c.media.composeAnswer(c.inner.answer(t.inner));
      if (mux)
        mine = { ...mine, sdp: mine.sdp.replace("a=mid:1\r\n", "a=mid:1\r\na=rtcp-mux\r\n") };
      try {
        await give(mine);
      } catch (e) {
        console.log(policy, mux, String(e));
        continue;
      }
      console.log(policy, mux, "ok", c.media.localCandidate({ candidate: "x" }));
      c.media.addTrack("video", track("w"));
      const o3 = c.offer();
      try {
        ans = await answerOf(o3);
      } catch (e) {
        console.log("later", String(e));
        continue;
      }
      console.log(shape(ans));
      c.accept(ans);
      console.log(c.media.slots.map((s) => [s.mid, s.currentDirection, s.rejected]));
    }
  // 4. data only then our media
  await ev(`globalThis.pc = new RTCPeerConnection(); pc.createDataChannel("x");`);
  const d = new Side("d");
  off = await offerOf();
  mine = d.answer(off);
  await give(mine);
  d.media.addTrack("video", track("q"));
  d.media.addTrack("audio", track("q"));
  ans = await answerOf(d.offer());
  d.accept(ans);
  console.log(
    shape(ans),
    d.media.slots.map((s) => [s.mid, s.currentDirection, s.rejected]),
  );
  await browser.close();
  srv.close();
}, 60000);
