import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** A WebSocket client that never answers a close: it holds its connection for as long as it is let. */
export async function openStubborn(port: number, path = "/ws"): Promise<Socket & Disposable> {
  const socket = connect({ port, host: "127.0.0.1" });
  socket.on("error", () => undefined);
  const head = [
    `GET ${path} HTTP/1.1`,
    "Host: localhost",
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  ];
  socket.write(`${head.join("\r\n")}\r\n\r\n`);
  const [answer] = (await once(socket, "data")) as [Buffer];
  if (!answer.toString().startsWith("HTTP/1.1 101")) throw new Error(answer.toString());
  socket.resume();
  return Object.assign(socket, {
    [Symbol.dispose]: () => {
      socket.destroy();
    },
  });
}
