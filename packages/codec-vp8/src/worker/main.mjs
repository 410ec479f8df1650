import { parentPort, workerData } from "node:worker_threads";
import { DecodingWorker } from "./decoding.mjs";
import { EncodingWorker } from "./encoding.mjs";
import { Failure } from "./failure.mjs";

/** @typedef {import("./types.js").WorkerReply} WorkerReply */
/** @typedef {import("./types.js").WorkerRequest} WorkerRequest */
/** @typedef {import("./types.js").WorkerSpec} WorkerSpec */

/**
 * @param {WorkerReply} reply
 * @param {readonly (Uint8Array<ArrayBuffer> | undefined)[]} given whose memory goes with it
 */
function send(reply, ...given) {
  const buffers = given.flatMap((bytes) => (bytes === undefined ? [] : [bytes.buffer]));
  parentPort?.postMessage(reply, buffers);
}

/** @param {unknown} error */
function sendFailure(error) {
  const code = error instanceof Failure ? error.code : "internal";
  const message = error instanceof Error ? error.message : String(error);
  send({ type: "failed", code, message });
}

/** @param {WorkerSpec} spec */
async function start({ encoder, implementation, modules }) {
  const worker =
    encoder === undefined
      ? await DecodingWorker.create(implementation, modules)
      : await EncodingWorker.create(implementation, modules, encoder);
  parentPort?.on("message", (/** @type {WorkerRequest} */ request) => {
    answer(worker, request).catch(sendFailure);
  });
  send({ type: "ready", implementation: worker.implementation });
}

/**
 * @param {DecodingWorker | EncodingWorker} worker
 * @param {WorkerRequest} request
 */
async function answer(worker, request) {
  if (worker instanceof EncodingWorker && request.type === "encode") {
    const { data: spare, keyFrame, bitrate } = request;
    const picture = await worker.encode(spare, keyFrame, bitrate);
    send({ type: "encoded", picture, spare }, picture?.data, spare);
  } else if (worker instanceof DecodingWorker) {
    const picture = await worker.decode(request.data);
    send({ type: "decoded", picture }, picture?.data);
  }
}

// Libraries write there; nobody reads it, and it would pile up in the other thread.
for (const stream of [process.stdout, process.stderr]) stream.write = () => true;

start(/** @type {WorkerSpec} */ (workerData)).catch(sendFailure);
