"""aiortc as a remote peer: JSON lines over standard input and output, as serve.mjs speaks them."""

import asyncio
import base64
import json
import sys
import traceback

from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.sdp import candidate_from_sdp


def say(line):
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


class Peer:
    def __init__(self, peer):
        self.peer = peer
        self.channels = []
        self.early = []
        self.signals = asyncio.Lock()
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.connection.on("connectionstatechange", self.on_state)
        self.connection.on("datachannel", lambda channel: self.adopt(channel, "remote"))

    def emit(self, event, **fields):
        say({"peer": self.peer, "event": event, **fields})

    def on_state(self):
        self.emit("state", state=self.connection.connectionState)

    def adopt(self, channel, by):
        key = len(self.channels)
        self.channels.append(channel)

        def opened():
            names = ("label", "protocol", "ordered", "maxRetransmits", "maxPacketLifeTime", "negotiated", "id")
            shown = {name: getattr(channel, name) for name in names}
            self.emit("channel", channel=key, by=by, shown=shown)

        def on_message(data):
            if isinstance(data, str):
                message = {"text": data}
            else:
                message = {"base64": base64.b64encode(data).decode()}
            self.emit("message", channel=key, message=message)

        channel.on("message", on_message)
        channel.on("close", lambda: self.emit("closed", channel=key))
        if channel.readyState == "open":
            opened()
        else:
            channel.on("open", opened)
        return key

    async def run(self, command):
        name = command["do"]
        if name == "signal":
            async with self.signals:
                await self.on_signal(command["signal"])
        elif name == "offer":
            if command["iceRestart"]:
                raise NotImplementedError("aiortc has no ICE restart")
            async with self.signals:
                await self.connection.setLocalDescription(await self.connection.createOffer())
                self.send_description()
        elif name == "createChannel":
            return self.adopt(self.connection.createDataChannel(command["label"], **command["init"]), "local")
        elif name == "send":
            channel = self.channels[command["channel"]]
            for message in command["messages"]:
                channel.send(message["text"] if "text" in message else base64.b64decode(message["base64"]))
        elif name == "closeChannel":
            self.channels[command["channel"]].close()
        elif name == "close":
            await self.connection.close()

    async def on_signal(self, signal):
        try:
            if signal["kind"] == "candidate":
                if self.connection.remoteDescription is None:
                    self.early.append(signal["candidate"])
                else:
                    await self.add_candidate(signal["candidate"])
                return
            description = RTCSessionDescription(**signal["description"])
            await self.connection.setRemoteDescription(description)
            early, self.early = self.early, []
            for candidate in early:
                await self.add_candidate(candidate)
            if description.type == "offer":
                await self.connection.setLocalDescription(await self.connection.createAnswer())
                self.send_description()
        except Exception as error:
            self.emit("fault", message=f"{type(error).__name__}: {error}")

    async def add_candidate(self, init):
        if init["candidate"] == "":
            return
        candidate = candidate_from_sdp(init["candidate"].split(":", 1)[1])
        candidate.sdpMid = init.get("sdpMid") or "0"
        await self.connection.addIceCandidate(candidate)

    def send_description(self):
        local = self.connection.localDescription
        description = {"type": local.type, "sdp": local.sdp}
        self.emit("signal", signal={"kind": "description", "description": description})


async def main():
    peers = {}
    tasks = set()
    reader = asyncio.StreamReader(limit=64 * 1024 * 1024)
    loop = asyncio.get_event_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)

    async def serve(call, command):
        try:
            if command["do"] == "open":
                peers[command["peer"]] = Peer(command["peer"])
                say({"call": call, "result": None})
            else:
                say({"call": call, "result": await peers[command["peer"]].run(command)})
        except Exception as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            say({"call": call, "error": f"{type(error).__name__}: {error} in {where.name} of {command['do']}"})

    while True:
        line = await reader.readline()
        if not line:
            break
        request = json.loads(line)
        # In parallel, but each starts in the order of the lines.
        task = asyncio.ensure_future(serve(request["call"], request["command"]))
        tasks.add(task)
        task.add_done_callback(tasks.discard)


asyncio.run(main())
