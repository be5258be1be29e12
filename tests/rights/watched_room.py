"""A room with its presenter and a witness in it, who says whose frames are relayed. Sockets are plain ASGI.

The presenter sends a frame after each that is tried: when the witness has it, the other was relayed or never will be."""

import asyncio
import json
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Final, Self

from starlette.types import ASGIApp

from realtime import frames
from realtime.frames import AckRecord, Frame, PointerFrame, ViewportFrame
from tests.rooms import until

KINDS: Final[dict[str, type[Frame]]] = {"pointer": PointerFrame, "viewport": ViewportFrame}


class Plug:
    """``async with``: one client's socket, and it has joined the room, unless it was refused with ``code``."""

    def __init__(self, app: ASGIApp, scope: dict[str, Any]) -> None:
        self.code = 0
        self.frames: list[Frame] = []
        self._app, self._scope = app, scope
        self._inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._accepted = False
        self._messages: list[dict[str, Any]] = []
        self._received = self._sequence = 0
        self._running: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._inbox.put_nowait({"type": "websocket.connect"})
        self._running = asyncio.ensure_future(self._app(self._scope, self._inbox.get, self._send))
        await until(lambda: self._accepted or bool(self.code))
        if self._accepted:
            self._say({"type": "hello", "protocol": 3})
            await until(lambda: bool(self._of("welcome") or self.code))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._inbox.put_nowait({"type": "websocket.disconnect", "code": 1001})
        if self._running is not None:
            await self._running

    async def _send(self, message: Mapping[str, Any]) -> None:
        if message["type"] == "websocket.accept":
            self._accepted = True
        elif message["type"] == "websocket.close":
            self.code = message.get("code", 1000)
        else:
            self._received += 1
            if message.get("text") is not None:
                self._messages.append(json.loads(message["text"]))
            else:
                got = frames.decode(message["bytes"])
                self.frames += [record for record in got if not isinstance(record, AckRecord)]
            self._put(bytes=frames.encode(AckRecord(self._received)))

    def _put(self, **content: bytes | str) -> None:
        self._inbox.put_nowait({"type": "websocket.receive", **content})

    def _say(self, message: Mapping[str, Any]) -> None:
        self._put(text=json.dumps(message))

    def _of(self, kind: str) -> list[dict[str, Any]]:
        return [message for message in self._messages if message["type"] == kind]

    @property
    def you(self) -> int:
        return int(self._of("welcome")[0]["you"])

    def frame(self, kind: str) -> tuple[int, int]:
        """Send the next frame of this kind; its stream and sequence."""
        self._sequence += 1
        head = (self.you, int(self._of("welcome")[0]["epoch"]), self._sequence, 0, 0, 0)
        record = PointerFrame(*head) if kind == "pointer" else ViewportFrame(*head, 256 * 1920, 256 * 1080)
        self._put(bytes=frames.encode(record))
        return self.you, self._sequence

    async def heard(self) -> None:
        """Wait until the service has read all that was sent here."""
        before = len(self._of("pong"))
        self._say({"type": "ping", "at": 1})
        await until(lambda: len(self._of("pong")) > before or bool(self.code))


class WatchedRoom:
    """``async with``: presenter and witness are in. ``plug``: a new socket of a column."""

    def __init__(self, plug: Callable[[str], Plug], presenter: str, witness: str) -> None:
        self._plug = plug
        self._presenter, self._witness = plug(presenter), plug(witness)
        self._turn = asyncio.Lock()

    async def __aenter__(self) -> Self:
        await self._presenter.__aenter__()
        await self._witness.__aenter__()
        return self

    async def __aexit__(self, *ended: Any) -> None:
        await self._witness.__aexit__(*ended)
        await self._presenter.__aexit__(*ended)

    async def relayed(self, column: str, kind: str) -> bool | int:
        """Whether the witness is sent the frame of this column; the code that the socket is refused or closed with."""
        # One after the other: a join that is undone gives its number to the next.
        async with self._turn, self._plug(column) as plug:
            if plug.code:
                return plug.code
            seen = len(self._witness.frames)
            sent = plug.frame(kind)
            await plug.heard()
            mark = self._presenter.frame("viewport" if kind == "pointer" else "pointer")
            other = KINDS["viewport" if kind == "pointer" else "pointer"]

            def came(mark: tuple[int, int], of: type[Frame]) -> bool:
                fresh = self._witness.frames[seen:]
                return any(isinstance(one, of) and (one.stream, one.sequence) == mark for one in fresh)

            await until(lambda: came(mark, other))
            return came(sent, KINDS[kind])
