// What the suites need of the runtime, in browsers: the twin of `../node.ts`.
export { abortListenerCount } from "./abort.js";
export { watchLeaks } from "./leaks.js";

function turn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.addEventListener("message", () => {
      port1.close();
      resolve();
    });
    port1.start();
    port2.postMessage(undefined);
  });
}

/** Resolves after everything that is ready to run has run: two turns, for what one causes shows in the next. */
export async function turns(): Promise<void> {
  await turn();
  await turn();
}
