import { contentPolicy, loadPage, staticFile, type StaticFiles } from "./static.js";

/** Camera and microphone for the page alone. */
const headers: Readonly<Record<string, string>> = {
  "Content-Security-Policy": contentPolicy("media-src 'self' blob:"),
  "Permissions-Policy": "camera=(self), microphone=(self)",
};

/**
 * Reads the page once. `/demo/config.json` tells it where the WebSocket is, from the root of this server.
 * @throws Error of node:fs when the package is not complete.
 */
export function loadDemo(websocketPath: string): StaticFiles {
  const files = loadPage("demo", headers);
  const config = `${JSON.stringify({ websocketPath })}\n`;
  files.set("/demo/config.json", staticFile(Buffer.from(config), "application/json", headers));
  return files;
}
