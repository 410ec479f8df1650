// Runs in the demo page: its negotiation between two connections of one page, over links that tests can make worse.

/** @typedef {import("../../../apps/signal/demo/js/net/negotiation.js").Negotiation} Negotiation */
/** @typedef {Parameters<Negotiation["receive"]>[0]} Signal */
/** @typedef {typeof import("../../../apps/signal/demo/js/net/negotiation.js")} Module */

/**
 * Candidates arrive at once, and their descriptions only after some of them.
 * @param {Module} module
 */
export async function candidatesFirst({ Negotiation }) {
  const two = pair(Negotiation, (deliver) => {
    /** @type {Signal[]} */
    const held = [];
    return (signal) => {
      if (signal.kind === "candidate") {
        deliver(signal);
        for (const description of held.splice(0)) deliver(description);
      } else held.push(signal);
    };
  });
  two.connections[0].createDataChannel("x");
  await Promise.all(two.connections.map(connected));
  return two.end();
}

/**
 * Both sides add a picture at the same moment, and take it away at the same moment, again and again.
 * @param {Module} module
 */
export async function bothAtOnce({ Negotiation }) {
  const two = pair(Negotiation, (deliver) => deliver);
  two.connections[0].createDataChannel("x");
  await Promise.all(two.connections.map(connected));
  /** @type {number[][]} */
  const pictures = [];
  for (let round = 0; round < 4; round += 1) {
    const senders = two.connections.map((connection) => connection.addTrack(picture()));
    await two.quiet();
    pictures.push(two.connections.map(incoming));
    for (const [index, sender] of senders.entries()) two.connections[index]?.removeTrack(sender);
    await two.quiet();
    pictures.push(two.connections.map(incoming));
  }
  return { ...two.end(), pictures };
}

/**
 * Pictures that come in. Where first offers crossed there are two sections for them, and one is in use.
 * @param {RTCPeerConnection} connection
 */
function incoming(connection) {
  const receiving = connection
    .getTransceivers()
    .filter(({ currentDirection }) => /recv/.test(currentDirection ?? ""));
  return receiving.length;
}

function picture() {
  const [track] = document.createElement("canvas").captureStream(5).getTracks();
  if (track === undefined) throw new Error("a canvas without a track");
  return track;
}

/** @param {RTCPeerConnection} connection */
async function connected(connection) {
  while (connection.connectionState !== "connected") await event(connection);
}

/** @param {RTCPeerConnection} connection */
function event(connection) {
  return new Promise((resolve) => {
    connection.addEventListener("connectionstatechange", resolve, { once: true });
  });
}

/**
 * @param {Module["Negotiation"]} Type
 * @param {(deliver: (signal: Signal) => void) => (signal: Signal) => void} link
 */
function pair(Type, link) {
  const connections = [new RTCPeerConnection(), new RTCPeerConnection()];
  /** @type {string[]} */
  const faults = [];
  /** @type {Negotiation[]} */
  const sides = [];
  let signals = 0;
  for (const [index, connection] of connections.entries()) {
    const send = link((signal) => sides[1 - index]?.receive(signal));
    sides[index] = new Type(connection, index === 0, {
      send: (signal) => {
        signals += 1;
        setTimeout(() => send(structuredClone(signal)), 1);
      },
      refused: () => faults.push("refused"),
      settled: () => undefined,
      fault: (error) => faults.push(String(error)),
    });
  }
  /** No signal for a while, and nobody waits for one. */
  const quiet = async () => {
    for (let before = -1; before !== signals || !connections.every(isStable);) {
      before = signals;
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
  };
  const end = () => {
    const states = connections.map((connection) => connection.signalingState);
    for (const connection of connections) connection.close();
    return { faults, states };
  };
  return {
    connections: /** @type {[RTCPeerConnection, RTCPeerConnection]} */ (connections),
    quiet,
    end,
  };
}

/** @param {RTCPeerConnection} connection */
function isStable(connection) {
  return connection.signalingState === "stable";
}
