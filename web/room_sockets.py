"""Ways to reach a room's client that are not our own WebSocket class: plain ASGI, and server-sent events."""

import asyncio
import base64
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Final

import msgspec
from starlette.websockets import WebSocket, WebSocketDisconnect

from realtime.connection import Connection
from realtime.wire import HIGH_WATER, Message

CLOSE_WITHIN: Final = 2.0
"""Seconds for a client to read what is under way when we close."""
FRAMES_EVERY: Final = 0.2
"""Seconds between two events with frames."""


class AsgiSocket:
    """A realtime.wire.Socket over any ASGI server's WebSocket, accepted. The way when ours is not the server."""

    file = -1

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket
        self._messages: deque[Message] = deque()
        self._bytes = 0
        self._code: int | None = None
        self._news = asyncio.Event()

    def mend(self, rest: bytes) -> None:
        """Never called: nobody writes past us."""

    def write(self, message: Message) -> None:
        if self._code is None:
            self._messages.append(message)
            self._bytes += message.size
            self._news.set()

    @property
    def full(self) -> bool:
        return self._bytes >= HIGH_WATER

    def close(self, code: int) -> None:
        if self._code is None:
            self._code = code
            self._news.set()

    async def run(self, connection: Connection) -> None:
        """Carry messages both ways until the connection ends."""
        reading = asyncio.create_task(self._read(connection))
        writing = asyncio.create_task(self._write())
        try:
            await connection.run()
            if self._code is not None:
                # A client that does not read must not keep us.
                await asyncio.wait({writing}, timeout=CLOSE_WITHIN)
        finally:
            for task in (reading, writing):
                task.cancel()
            await asyncio.gather(reading, writing, return_exceptions=True)

    async def _read(self, connection: Connection) -> None:
        try:
            while True:
                event = await self._socket.receive()
                if event["type"] != "websocket.receive":
                    return
                text = event.get("text")
                connection.receive(text if text is not None else event.get("bytes") or b"")
        finally:
            connection.lost()

    async def _write(self) -> None:
        try:
            while self._messages or self._code is None:
                if not self._messages:
                    self._news.clear()
                    await self._news.wait()
                    continue
                message = self._messages[0]
                if message.text:
                    await self._socket.send_text(message.payload.decode())
                else:
                    await self._socket.send_bytes(message.payload)
                self._messages.popleft()
                self._bytes -= message.size
            await self._socket.close(self._code)
        except (WebSocketDisconnect, RuntimeError, OSError):
            return  # it left meanwhile; the reader tells the connection


class EventSocket:
    """A realtime.wire.Socket as a stream of server-sent events: facts at once, frames at most every FRAMES_EVERY. What the
    client has taken is known when the server asks for the next event."""

    file = -1

    def __init__(self) -> None:
        self._messages: deque[Message] = deque()
        self._code: int | None = None
        self._news = asyncio.Event()

    def mend(self, rest: bytes) -> None:
        """Never called: nobody writes past us."""

    def write(self, message: Message) -> None:
        self._messages.append(message)
        self._news.set()

    @property
    def full(self) -> bool:
        # While frames wait for their turn the newer ones stay in the mailbox, where they replace each other.
        frames = any(not message.text for message in self._messages)
        return frames or sum(message.size for message in self._messages) >= HIGH_WATER

    def close(self, code: int) -> None:
        if self._code is None:
            self._code = code
            self._news.set()

    async def events(self, connect: Callable[[], Connection]) -> AsyncIterator[bytes]:
        """Until the connection ends; its last event is ``close``. ``connect`` is called when the stream begins to be read:
        what nobody reads must not be in the room."""
        connection = connect()
        running = asyncio.create_task(connection.run())
        _running.add(running)
        running.add_done_callback(_running.discard)
        loop = asyncio.get_running_loop()
        taken, showed_at = 0, float("-inf")
        try:
            yield b"retry: 1000\n\n"
            while True:
                while self._messages:
                    message = self._messages[0]
                    if not message.text:
                        await asyncio.sleep(max(0.0, showed_at + FRAMES_EVERY - loop.time()))
                        showed_at = loop.time()
                    yield _event(message)
                    self._messages.popleft()
                    taken += 1
                    connection.acknowledge(taken)
                if self._code is not None:
                    yield b'event: close\ndata: {"code":%d}\n\n' % self._code
                    return
                self._news.clear()
                await self._news.wait()
        finally:
            connection.lost()


_running: Final[set[asyncio.Task[None]]] = set()
"""Connections outlive the answer that carried them by the time it takes to write that they left."""


class _Head(msgspec.Struct):
    type: str
    seq: int = -1


_heads = msgspec.json.Decoder(_Head)


def _event(message: Message) -> bytes:
    if not message.text:
        return b"event: frames\ndata: " + base64.b64encode(message.payload) + b"\n\n"
    head = _heads.decode(message.payload)
    # Only what carries the newest fact is a place to resume from.
    key = f"id: {head.seq}\n" if head.type in {"welcome", "fact"} else ""
    return f"{key}event: {head.type}\ndata: ".encode() + message.payload + b"\n\n"
