import { abortListenerCount, failOnLeaks } from "@conic/internal-testing";
import { describe, expect, it } from "vitest";
import { codecWith } from "../src/codec.js";
import { createVp8Codec } from "../src/index.js";
import { decodeAll, encodeAll, picture, present, psnrOf, rejection } from "./support/pictures.js";
import { fakeLibav, moduleOf } from "./support/modules.js";
import { watchWorkers } from "./support/workers.js";

failOnLeaks();
const workers = watchWorkers();
const size = { width: 64, height: 64 };
const codec = createVp8Codec();

describe("an encoder's queue", () => {
  it.each([1, 4])("takes maxQueuedFrames of %i and no more", async (maxQueuedFrames) => {
    const bounded = createVp8Codec({ maxQueuedFrames });
    await using encoder = await bounded.createEncoder(size);
    const frame = picture(64, 64, 0);
    const taken = Array.from({ length: maxQueuedFrames }, () => encoder.encode(frame));
    expect(encoder.encodeQueueSize).toBe(maxQueuedFrames);
    expect(await rejection(() => encoder.encode(frame))).toMatchObject({ code: "buffer_full" });
    const chunks = await Promise.all(taken);
    expect(chunks.map((chunk) => chunk?.type)).toEqual(taken.map((_, n) => (n ? "delta" : "key")));
    expect(encoder.encodeQueueSize).toBe(0);
    expect(await encoder.encode(frame)).toBeDefined();
  });

  it("is 4 frames long by default, in a decoder too", async () => {
    await using encoder = await codec.createEncoder(size);
    await using decoder = await codec.createDecoder();
    const chunks = await encodeAll(encoder, 5);
    const taken = chunks.slice(0, 4).map((chunk) => decoder.decode(chunk));
    expect(decoder.decodeQueueSize).toBe(4);
    const last = present(chunks[4]);
    expect(await rejection(() => decoder.decode(last))).toMatchObject({ code: "buffer_full" });
    await Promise.all(taken);
    expect(await decoder.decode(last)).toBeDefined();
  });
});

describe("an aborted wait", () => {
  it("takes a frame that has not begun out of the encoder", async () => {
    await using encoder = await codec.createEncoder(size);
    const controller = new AbortController();
    const first = encoder.encode(picture(64, 64, 0));
    const second = rejection(() =>
      encoder.encode(picture(64, 64, 1), { signal: controller.signal }),
    );
    const third = encoder.encode(picture(64, 64, 2));
    controller.abort();
    expect(await second).toMatchObject({ code: "aborted" });
    expect((await first)?.type).toBe("key");
    expect((await third)?.type).toBe("delta");
    expect(abortListenerCount(controller.signal)).toBe(0);
  });

  it("makes the next frame a key frame when the one in work is lost", async () => {
    await using encoder = await codec.createEncoder(size);
    await using decoder = await codec.createDecoder();
    await encodeAll(encoder, 2);
    const controller = new AbortController();
    const lost = rejection(() => encoder.encode(picture(64, 64, 2), { signal: controller.signal }));
    const next = encoder.encode(picture(64, 64, 3));
    controller.abort();
    expect(await lost).toMatchObject({ code: "aborted" });
    const chunk = present(await next);
    expect(chunk.type).toBe("key");
    expect((await encoder.encode(picture(64, 64, 4)))?.type).toBe("delta");
    const decoded = present(await decoder.decode(chunk));
    expect(psnrOf(decoded.data, picture(64, 64, 3).data)).toBeGreaterThan(30);
  });

  it("leaves a decoder whole", async () => {
    await using encoder = await codec.createEncoder(size);
    await using decoder = await codec.createDecoder();
    const [key, second, third] = await encodeAll(encoder, 3);
    const controller = new AbortController();
    const { signal } = controller;
    const first = rejection(() => decoder.decode(present(key), { signal }));
    const next = rejection(() => decoder.decode(present(second), { signal }));
    const last = decoder.decode(present(third));
    controller.abort();
    expect(await first).toMatchObject({ code: "aborted" });
    expect(await next).toMatchObject({ code: "aborted" });
    expect(psnrOf(present(await last).data, picture(64, 64, 2).data)).toBeGreaterThan(30);
    const before = rejection(() => decoder.decode(present(third), { signal }));
    expect(await before).toMatchObject({ code: "aborted" });
    expect(decoder.decodeQueueSize).toBe(0);
  });
});

describe("close", () => {
  it("refuses what waits and what comes, ends the worker, and may be called again", async () => {
    const encoder = await codec.createEncoder(size);
    const decoder = await codec.createDecoder();
    const [key] = await encodeAll(encoder, 1);
    const waiting = [0, 1, 2].map((n) => rejection(() => encoder.encode(picture(64, 64, n))));
    waiting.push(rejection(() => decoder.decode(present(key))));
    await Promise.all([encoder.close(), encoder.close(), decoder.close(), decoder.close()]);
    for (const error of await Promise.all(waiting)) expect(error).toMatchObject({ code: "closed" });
    const late = await rejection(() => encoder.encode(picture(64, 64, 0)));
    expect(late).toMatchObject({ code: "closed" });
    expect(await rejection(() => decoder.decode(present(key)))).toMatchObject({ code: "closed" });
    expect(workers.map(({ threadId }) => threadId)).toEqual([-1, -1]);
  });
});

describe("a worker whose file is missing", () => {
  it("is unsupported, and says what to tell the bundler", async () => {
    const bundled = new URL("no-such-worker.mjs", import.meta.url);
    const error = await rejection(() => codecWith({}, {}, bundled).createEncoder(size));
    expect(error).toMatchObject({ code: "unsupported" });
    expect(String(error)).toContain("leave @conic/codec-vp8 external");
  });
});

describe("a worker that dies", () => {
  it("is internal for all that waits and all that comes", async () => {
    // The first three calls are the warm-up.
    const libav = fakeLibav("calls += 1; if (calls > 3) process.exit(3); return [];");
    await using encoder = await codecWith({}, { libav }).createEncoder(size);
    const waiting = [0, 1, 2].map((n) => rejection(() => encoder.encode(picture(64, 64, n))));
    for (const error of await Promise.all(waiting)) {
      expect(error).toMatchObject({ code: "internal" });
      expect(String(error)).toContain("worker died");
    }
    const late = await rejection(() => encoder.encode(picture(64, 64, 0)));
    expect(late).toMatchObject({ code: "internal" });
    expect(encoder.encodeQueueSize).toBe(0);
  });

  it("while it starts refuses the encoder, with a message of readable length", async () => {
    const libav = moduleOf(
      `export default { LibAV: () => { setImmediate(() => { throw new Error("x".repeat(270_000)); }); return new Promise(() => {}); } };`,
    );
    const error = await rejection(() => codecWith({}, { libav }).createEncoder(size));
    expect(error).toMatchObject({ code: "internal" });
    expect(String(error).length).toBeLessThan(500);
  });

  it("by a rejection that nobody handles prints nothing", async () => {
    const libav = fakeLibav(
      `calls += 1; if (calls > 3) { Promise.reject(new Error("y".repeat(270_000))); console.error("loud"); } return [];`,
    );
    await using encoder = await codecWith({}, { libav }).createEncoder(size);
    const error = await rejection(async () => {
      for (let n = 0; n < 50; n += 1) await encoder.encode(picture(64, 64, n));
    });
    expect(error).toMatchObject({ code: "internal" });
    expect(String(error).length).toBeLessThan(500);
  });
});

describe("an implementation that fails", () => {
  it("is internal for that frame; the encoder goes on with a key frame", async () => {
    const libav = fakeLibav(
      `calls += 1; if (calls === 4) throw new Error("odd"); return [{ data: new Uint8Array(9), flags: calls === 5 ? 1 : 0 }];`,
    );
    await using encoder = await codecWith({}, { libav }).createEncoder(size);
    const error = await rejection(() => encoder.encode(picture(64, 64, 0)));
    expect(error).toMatchObject({ code: "internal", message: "odd" });
    expect((await encoder.encode(picture(64, 64, 1)))?.type).toBe("key");
    expect((await encoder.encode(picture(64, 64, 2)))?.type).toBe("delta");
  });

  it("leaves frames out where the encoder does", async () => {
    const libav = fakeLibav("return [];");
    await using encoder = await codecWith({}, { libav }).createEncoder(size);
    expect(await encoder.encode(picture(64, 64, 0))).toBeUndefined();
  });
});

describe("many frames", () => {
  it("pass in order when as many wait as may", async () => {
    await using encoder = await codec.createEncoder(size);
    await using decoder = await codec.createDecoder();
    const running: Promise<unknown>[] = [];
    const times: number[] = [];
    for (let n = 0; n < 60; n += 1) {
      if (running.length === 4) await running.shift();
      const encoding = encoder.encode(picture(64, 64, n));
      running.push(
        encoding.then((chunk) => {
          times.push(present(chunk).timestamp);
        }),
      );
    }
    await Promise.all(running);
    expect(times).toEqual(Array.from({ length: 60 }, (_, n) => picture(64, 64, n).timestamp));
    expect(await decodeAll(decoder, await encodeAll(encoder, 2, { keys: [0] }))).toHaveLength(2);
  });
});
