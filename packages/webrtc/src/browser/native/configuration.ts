import { ConicError } from "@conic/domain";
import type { IceServerSource } from "../../engine/port.js";
import { checkIceServers } from "../../engine/ice-urls.js";

/** @throws ConicError `invalid_argument` for an ICE server that is none. */
export function configurationOf(source: IceServerSource): RTCConfiguration {
  const servers = typeof source === "function" ? source() : source;
  checkIceServers(servers);
  const iceServers = servers.map(({ urls, username, credential }) => {
    const server: RTCIceServer = { urls: typeof urls === "string" ? urls : [...urls] };
    if (username !== undefined) server.username = username;
    if (credential !== undefined) server.credential = credential;
    return server;
  });
  return { iceServers };
}

/** @throws ConicError `invalid_argument` for what the browser does not take, `unsupported` where there is no WebRTC. */
export function createNative(configuration: RTCConfiguration): RTCPeerConnection {
  if (typeof RTCPeerConnection === "undefined") {
    throw new ConicError(
      "unsupported",
      "there is no RTCPeerConnection here, such as in a worker: connect on a page",
    );
  }
  try {
    return new RTCPeerConnection(configuration);
  } catch (error) {
    throw ConicError.from(error, "invalid_argument", "the browser takes no such ICE server");
  }
}
