"""Clients of a room that come back whatever is cut, by the rules of realtime/README.md, and remember what they were told.

``Links`` is web/client/src/links.ts once more: which sockets there are, and which one counts."""

import asyncio
import contextlib
import json
from collections import deque
from collections.abc import Callable
from random import Random
from typing import Any, Final

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, WebSocketException

from realtime.frames import AckRecord, ViewportFrame, encode
from realtime.messages import PROTOCOL

SLACK: Final = 0.95
PATIENCE: Final = 4.0
CALM: Final = 60.0
LOOK: Final = 0.1
REPEAT: Final = 5.0
ACK_BYTES: Final = 2048
ACK_AFTER: Final = 0.25
AGAIN: Final = {"error-room-too-fast": 0.4, "error-unavailable": 0.5}
MOVES: Final = 0.1
"""Seconds between two fields of who presents."""


class Line:
    """One socket."""

    def __init__(self) -> None:
        self.socket: ClientConnection | None = None
        self.task: asyncio.Task[None] | None = None
        self.received = self.told = self.bytes = 0
        self.first_at = self.last_at = 0.0

    def drop(self) -> None:
        if self.task is not None:
            self.task.cancel()
        if self.socket is not None:
            self.socket.transport.abort()


class Links:
    """Which sockets lead to the room. ``now`` in seconds; ``open_line`` makes another."""

    def __init__(self, open_line: Callable[[], Line], chance: Random) -> None:
        self.used: Line | None = None
        self.trying: Line | None = None
        self.every = 1.0
        self._open_line, self._chance = open_line, chance
        self._tried_at = self._heard_at = 0.0
        self._open_at: float | None = 0.0
        self._leaving = False
        self._failures = self._besides = 0
        self._beside_at = float("-inf")

    def heard(self, line: Line, now: float) -> None:
        if line is self.used:
            self._heard_at = now
            if not self._leaving:
                self._drop_trying()

    def welcomed(self, line: Line, now: float) -> None:
        if self.used is not None:
            self.used.drop()
        self.used, self.trying, self._open_at, self._leaving, self._failures = line, None, None, False, 0
        self._heard_at = now

    def goaway(self, after: float, now: float) -> None:
        if not self._leaving:
            self._leaving = True
            self._open_at = now + after

    def closed(self, line: Line, now: float) -> None:
        if line is self.trying:
            self.trying = None
            if self.used is not None and not self._leaving and now - self._heard_at > PATIENCE:
                self.used.drop()
                self.used = None
            if self.used is None or self._leaving:
                self._retry(now)
        elif line is self.used:
            self.used, self._leaving = None, False
            if self.trying is None:
                self._open_at = now

    def doubt(self, now: float) -> None:
        if self.trying is None:
            self._leaving = True
            self._open_at = now

    def look(self, now: float) -> None:
        if self.trying is not None:
            if now - self._tried_at < PATIENCE * (min(4, 2**self._failures) if self.used is None else 1):
                return
            self._drop_trying()
            if self.used is None:
                self._retry(now)
            elif self._leaving:
                self._open_at = now
        if self._open_at is not None:
            if now >= self._open_at:
                self._open(now)
        elif self.used is not None and now - self._heard_at > self.every + SLACK and now >= self._beside_at:
            if now - self._beside_at > CALM:
                self._besides = 0
            self._besides += 1
            longest = min(30.0 - PATIENCE, PATIENCE * (2 ** (self._besides - 1) - 1))
            self._beside_at = now + PATIENCE + self._chance.random() * longest
            self._open(now)

    def pause(self, now: float) -> float:
        return LOOK if self._open_at is None else min(LOOK, max(0.0, self._open_at - now))

    def end(self) -> None:
        self._drop_trying()
        if self.used is not None:
            self.used.drop()
            self.used = None

    def _open(self, now: float) -> None:
        self._open_at, self._tried_at = None, now
        self.trying = self._open_line()

    def _drop_trying(self) -> None:
        if self.trying is not None:
            self.trying.drop()
            self.trying = None

    def _retry(self, now: float) -> None:
        self._failures += 1
        self._open_at = now + 0.01 + self._chance.random() * min(1.99, 0.02 * 2**self._failures)


class Traveller:
    """One client, from its start to its end. ``name`` is no other's."""

    def __init__(self, origin: str, key: str, room: str, name: str, chance: Random, *, moves: float = MOVES) -> None:
        """``moves``: seconds between two fields, when it presents."""
        self.name = name
        self.key = key
        self.room = room
        self.shown: list[dict[str, Any]] = []
        """The facts as they were shown, since the last reset."""
        self.made: list[str] = []
        """Identifiers of operations, in the order in which they were done here."""
        self.acknowledged: dict[str, int] = {}
        self.refused: dict[str, str] = {}
        self.presenter = ""
        self.epoch = 0
        self.welcomes: list[tuple[float, bool]] = []
        """When, and whether a socket served until then."""
        self.heard_at = 0.0
        self.gap = 0.0
        """The longest time in which nothing came, since it was set to 0."""
        self._origin = origin
        self._waiting: deque[tuple[str, dict[str, Any]]] = deque()
        self._not_before = 0.0
        self._flying = ""
        self.last_seq = 0
        self._stream = 0
        self._sequence = 0
        self._moved_at = 0.0
        self._moves = moves
        self._came: asyncio.Queue[tuple[Line, str | bytes | None]] = asyncio.Queue()
        self._links = Links(self._open, chance)
        self._running: asyncio.Task[None] | None = None
        self.me = ""

    def start(self, me: str = "") -> None:
        """``me``: the person; who presents sends fields."""
        self.me = me
        self._running = asyncio.create_task(self._run())

    async def kill(self) -> None:
        """As a browser that is ended: nothing is said, what it held is gone."""
        if self._running is not None:
            self._running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._running
        self._links.end()

    def act(self, operation: str, act: dict[str, Any]) -> None:
        self.made.append(operation)
        self._waiting.append((operation, act))

    @property
    def waiting(self) -> int:
        """Operations that were not answered."""
        return len(self._waiting)

    @property
    def linked(self) -> bool:
        return self._links.used is not None

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            self._links.look(loop.time())
            try:
                presents = self.presenter == self.me and self.linked
                async with asyncio.timeout(min(self._moves if presents else LOOK, self._links.pause(loop.time()))):
                    line, data = await self._came.get()
            except TimeoutError:
                pass
            else:
                await self._take(line, data, loop.time())
            await self._speak(loop.time())

    def _open(self) -> Line:
        line = Line()
        line.task = asyncio.create_task(self._read(line))
        return line

    async def _read(self, line: Line) -> None:
        try:
            line.socket = await connect(
                f"{self._origin.replace('http', 'ws', 1)}/rooms/{self.room}/live",
                origin=self._origin,  # type: ignore[arg-type]  # a str is what the library sends
                additional_headers={"Cookie": f"telepath=cookie-of-{self.key}"},
                compression=None,
                max_size=2**21,
                ping_interval=None,
                open_timeout=None,
                close_timeout=0.1,
                proxy=None,
            )
            hello = {"type": "hello", "protocol": PROTOCOL, "last_seq": self.last_seq, "epoch": self.epoch}
            await line.socket.send(json.dumps(hello))
            async for message in line.socket:
                self._came.put_nowait((line, message))
        except (OSError, WebSocketException, InvalidHandshake, EOFError):
            pass
        self._came.put_nowait((line, None))

    async def _take(self, line: Line, data: str | bytes | None, now: float) -> None:
        if line is not self._links.used and line is not self._links.trying:
            return
        if data is None:
            line.drop()
            self._links.closed(line, now)
            return
        if line.received == line.told:
            line.first_at = now
        line.received += 1
        line.bytes += len(data)
        line.last_at = now
        message = json.loads(data) if isinstance(data, str) else None
        if message is not None and message["type"] == "welcome":
            if message["mode"] == "replay" and message["seq"] < self.last_seq:
                line.drop()
                self._links.closed(line, now)
                return
            self.welcomes.append((now, self.linked))
            self._links.every = message["every"] / 1000
            self._links.welcomed(line, now)
            self._welcome(message)
        if line is not self._links.used:
            return
        self._links.heard(line, now)
        if self.heard_at:
            self.gap = max(self.gap, now - self.heard_at)
        self.heard_at = now
        if message is not None:
            self._hear(message, now)

    def _welcome(self, message: dict[str, Any]) -> None:
        if message["mode"] == "reset":
            self.shown.clear()
            self.last_seq = 0
        fresh = [fact for fact in message["facts"] if fact["seq"] > self.last_seq]
        self.last_seq = message["seq"]
        self._stream, self._sequence = message["you"], 0
        self.presenter, self.epoch = message["presenter"], message["epoch"]
        self._flying, self._not_before = "", 0.0
        for fact in fresh:
            self._show(fact)

    def _hear(self, message: dict[str, Any], now: float) -> None:
        match message["type"]:
            case "fact":
                if message["seq"] == self.last_seq + 1:
                    self.last_seq += 1
                    self._show(message)
                elif message["seq"] > self.last_seq:
                    self._links.doubt(now)
            case "ack":
                self.acknowledged[message["op"]] = message["seq"]
                self._answered(message["op"])
            case "refused":
                pause = AGAIN.get(message["code"])
                if pause is None:
                    self.refused[message["op"]] = message["code"]
                    self._answered(message["op"])
                else:
                    self._flying, self._not_before = "", now + pause
            case "tick":
                self._links.every = message["every"] / 1000
            case "goaway":
                self._links.goaway(message["after_ms"] / 1000, now)

    def _show(self, fact: dict[str, Any]) -> None:
        self.shown.append(fact)
        body = fact["body"]
        self.presenter, self.epoch = body.get("presenter", self.presenter), body.get("epoch", self.epoch)
        self._answered(fact["op"])

    def _answered(self, operation: str) -> None:
        if self._waiting and self._waiting[0][0] == operation:
            self._waiting.popleft()
        if self._flying == operation:
            self._flying, self._not_before = "", 0.0

    async def _speak(self, now: float) -> None:
        line = self._links.used
        if line is None or line.socket is None:
            return
        with contextlib.suppress(OSError, WebSocketException):
            if self._waiting and now >= self._not_before:
                self._flying, act = self._waiting[0]
                self._not_before = now + REPEAT
                await line.socket.send(json.dumps({"type": "op", "id": self._flying, "act": act}))
            if self.presenter == self.me and now - self._moved_at >= self._moves:
                self._moved_at = now
                self._sequence += 1
                frame = ViewportFrame(
                    self._stream, self.epoch, self._sequence, 0, self._sequence, 0, 256 * 1920, 256 * 1080
                )
                await line.socket.send(encode(frame))
            due = line.bytes >= ACK_BYTES or now - line.first_at >= ACK_AFTER
            if line.received > line.told and due:
                line.told, line.bytes = line.received, 0
                await line.socket.send(encode(AckRecord(line.received, int(1000 * (now - line.last_at)))))
