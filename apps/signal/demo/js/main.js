import { App } from "./app.js";
import { parseObject, stringOf } from "./json.js";
import { keptToken, takeTokenOfAddress } from "./storage.js";
import { Notices } from "./ui/notices.js";

// First of all: it must not stay in the address bar while anything is waited for.
const token = takeTokenOfAddress() ?? keptToken();

/** The page lies at …/demo/, the WebSocket at its own path from the same root: a proxy may put a prefix before both. */
async function socketUrl() {
  const response = await fetch("config.json");
  if (!response.ok) throw new Error(`config.json: ${response.status}`);
  const { websocketPath } = parseObject(await response.text());
  const url = new URL(`..${stringOf(websocketPath) ?? "/ws"}`, location.href);
  url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}

// A page from the browser's cache of whole pages has lost its connections.
globalThis.addEventListener("pageshow", ({ persisted }) => {
  if (persisted) location.reload();
});

try {
  if (!("RTCPeerConnection" in globalThis)) throw new Error("this browser has no WebRTC");
  App.start(await socketUrl(), new URLSearchParams(location.search), token);
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error);
  new Notices().error(`The page cannot start: ${reason}. Load it again.`);
}
