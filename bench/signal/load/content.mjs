// What the messages hold: the same text for every contender, in sizes that real calls have.

/** Where the number of a message stands, until it is written. */
export const placeholder = "31415926";

const audio =
  "m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126\r\nc=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\n" +
  "a=ice-ufrag:EEtu\r\na=ice-pwd:asd88fgpdd777uzjYhagZgXX\r\na=ice-options:trickle\r\n" +
  "a=fingerprint:sha-256 4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB:4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF\r\n" +
  "a=setup:actpass\r\na=mid:0\r\na=sendrecv\r\na=rtcp-mux\r\na=rtcp-rsize\r\n" +
  "a=rtpmap:111 opus/48000/2\r\na=rtcp-fb:111 transport-cc\r\na=fmtp:111 minptime=10;useinbandfec=1\r\n" +
  "a=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\na=rtpmap:9 G722/8000\r\na=rtpmap:0 PCMU/8000\r\n" +
  "a=rtpmap:8 PCMA/8000\r\na=rtpmap:13 CN/8000\r\na=rtpmap:110 telephone-event/48000\r\n" +
  "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n" +
  "a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time\r\n" +
  "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\n";
const channel =
  "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\na=ice-ufrag:EEtu\r\n" +
  "a=ice-pwd:asd88fgpdd777uzjYhagZgXX\r\na=setup:actpass\r\na=mid:1\r\na=sctp-port:5000\r\na=max-message-size:262144\r\n";

/** A session description. @param {number} variant 0 to 7: later ones are longer */
export function sdpBody(variant) {
  const sources = Array.from(
    { length: 1 + variant },
    (_, i) => `a=ssrc:${1_001_000_000 + i} cname:x/4Kq2fC8jZ3pQyA msid:stream track${i}\r\n`,
  );
  const session = `v=0\r\no=- ${placeholder} 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n`;
  return `${session}a=extmap-allow-mixed\r\na=msid-semantic: WMS stream\r\n${audio}${sources.join("")}${channel}`;
}

/** An ICE candidate as JSON. @param {number} variant 0 to 7 */
export function candidateBody(variant) {
  const related = variant % 2 === 0 ? "192.168.1.5" : "fd12:3456:789a:1::5";
  const cost = variant < 4 ? "" : ` network-id ${variant} network-cost 999`;
  return JSON.stringify({
    candidate: `candidate:${placeholder} 1 udp 1677729535 203.0.113.7 46154 typ srflx raddr ${related} rport 46154 generation 0 ufrag EEtu${cost}`,
    sdpMid: "0",
    sdpMLineIndex: 0,
    usernameFragment: "EEtu",
  });
}

/** @param {import("../types.js").Kind} kind @param {number} variant */
export function bodyOf(kind, variant) {
  return kind === "sdp" ? sdpBody(variant % 8) : candidateBody(variant % 8);
}
