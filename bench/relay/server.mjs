// The server under load, in a process of its own: ours, or a bare ws echo.
import { createServer } from "node:http";
import { createSignalingServer } from "@conic/server";
import { WebSocketServer } from "ws";

const kind = process.argv[2];
const http = createServer();
if (kind === "conic") createSignalingServer().attach(http);
else {
  const echo = new WebSocketServer({
    server: http,
    path: "/ws",
    perMessageDeflate: false,
    maxPayload: 65_536,
  });
  echo.on("connection", (socket) => {
    socket.on("message", (data) => {
      socket.send(/** @type {Buffer} */ (data), { binary: false });
    });
  });
}
http.listen(0, "127.0.0.1", () => {
  const address = http.address();
  process.send?.({ type: "listening", port: typeof address === "object" ? address?.port : 0 });
});
process.on("message", (message) => {
  if (message !== "cpu") return;
  const { user, system } = process.cpuUsage();
  process.send?.({ type: "cpu", micros: user + system });
});
