/** Changes what a browser wrote for what the remote is to read; the browser itself does not get it back. */
export function outgoing(
  sdp: string,
  maxMessageBytes: number,
  streamIds: ReadonlyMap<string, string>,
): string {
  let text = sdp.replace(/^a=max-message-size:(\d+)/m, (_, bytes: string) => {
    const size = Math.min(Number(bytes), maxMessageBytes);
    return `a=max-message-size:${size}`;
  });
  // RFC 8830: in lines of the section and in those of its sources.
  for (const [native, given] of streamIds) {
    text = text.replaceAll(`msid:${native} `, `msid:${given} `);
  }
  return text;
}

/** RFC 8841 section 5.4: a section with port 0 is refused. */
export function refusesData(answer: string): boolean {
  return /^m=application 0 /m.test(answer);
}

/** RFC 8839 section 5.4; of the first transport. */
export function ufragOf(sdp: string | undefined): string | undefined {
  return /^a=ice-ufrag:(\S+)/m.exec(sdp ?? "")?.[1];
}
