// Who may come, and what for, is in a token that your own service signs.
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "@conic/client";
import { parseClientId } from "@conic/domain";
import { createSignalingServer, createTokenAuthenticator, mintToken } from "@conic/server";

const secret = randomBytes(48); // the issuer of tokens has it too
const http = createServer().listen(0, "localhost");
const signaling = createSignalingServer({
  authenticate: createTokenAuthenticator({ keys: { secret } }),
});
signaling.attach(http);
await once(http, "listening");
const { port } = /** @type {import("node:net").AddressInfo} */ (http.address());
const url = `ws://localhost:${port}/ws`;

/** @param {unknown} error */
const code = (error) => /** @type {{ code?: string }} */ (error).code;

const stranger = connect(url, { id: "alice" });
await stranger.catch((error) => {
  console.log(`without a token: ${code(error)}`);
});

// A function is asked at each registration, and again before the token ends.
const alice = await connect(url, {
  token: () => mintToken({ secret, id: parseClientId("alice"), rooms: ["team-*"], ttlS: 900 }),
});
console.log(`with a token: ${alice.id}`);

const room = await alice.room("team-standup");
console.log(`in the room ${room.name}`);
await alice.room("board").catch((error) => {
  console.log(`in the room board: ${code(error)}`);
});

await alice.close();
await signaling.close();
http.close();
