// A server to compare with, by its name: prints where it listens, as the program of Conic does.

/** @type {Readonly<Record<string, () => Promise<{ listen: () => Promise<number> }>>>} */
const servers = {
  echo: () => import("./servers/echo.mjs"),
  peerjs: () => import("./servers/peerjs.mjs"),
  socketio: () => import("./servers/socketio.mjs"),
};

const [name = ""] = process.argv.slice(2);
const load = servers[name];
if (load === undefined) throw new Error(`there is no server "${name}"`);
const { listen } = await load();
process.stdout.write(`${name} on ws://127.0.0.1:${await listen()}/\n`);
