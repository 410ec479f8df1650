import { once } from "node:events";
import { WebSocket } from "ws";
import { within } from "../within.js";
import type { SignalServer } from "../signal-server.js";

/** What `nodeArgs` of a server must have for this. */
export const withInspector = "--inspect=127.0.0.1:0";

/** Has a server collect its garbage, so that what its heap holds is what it needs. */
export interface Collector extends AsyncDisposable {
  collect(): Promise<void>;
}

/** Asks by Node's inspector, which `withInspector` opens (Chrome DevTools Protocol, `HeapProfiler.collectGarbage`). */
export async function openCollector(server: SignalServer): Promise<Collector> {
  const [, url = ""] = await server.process.stderr.waitFor(/^Debugger listening on (ws:\S+)$/);
  const socket = new WebSocket(url);
  await once(socket, "open");
  let id = 0;
  return {
    collect: async () => {
      id += 1;
      // Nothing else was asked for: what comes is the answer.
      const answered = once(socket, "message");
      socket.send(JSON.stringify({ id, method: "HeapProfiler.collectGarbage" }));
      const [answer] = (await within(answered, 60_000, () => "the end of a collection")) as [
        Buffer,
      ];
      const text = answer.toString();
      if (text !== `{"id":${id},"result":{}}`) throw new Error(`no garbage was collected: ${text}`);
    },
    [Symbol.asyncDispose]: async () => {
      if (socket.readyState === WebSocket.CLOSED) return;
      const closed = once(socket, "close");
      socket.close();
      await closed;
    },
  };
}
