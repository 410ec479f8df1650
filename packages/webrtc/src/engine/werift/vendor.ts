// The one file that imports werift. The version is pinned exactly: the guards beside this file reach into it.
import type { RTCPeerConnection } from "werift";

export { RTCPeerConnection } from "werift";
export type { RTCDataChannel } from "werift";

export type WeriftPeer = RTCPeerConnection;
export type WeriftIce = RTCPeerConnection["iceTransports"][number];
export type WeriftPath = NonNullable<WeriftIce["connection"]["nominated"]>;
export type WeriftSctpTransport = NonNullable<RTCPeerConnection["sctpTransport"]>;
export type WeriftDtlsTransport = WeriftSctpTransport["dtlsTransport"];
export type WeriftSctp = WeriftSctpTransport["sctp"];
