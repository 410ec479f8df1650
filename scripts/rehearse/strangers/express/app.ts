import { createSignalingServer } from "@conic/server";
import express from "express";

const app = express();
const signaling = createSignalingServer();
app.get("/", (_request, response) => {
  response.send("my own page");
});
app.get("/online", (_request, response) => {
  response.json([...signaling.peers()].map(({ id }) => id));
});
const http = app.listen(Number(process.env["PORT"] ?? 3000), () => console.log("listening"));
signaling.attach(http);
