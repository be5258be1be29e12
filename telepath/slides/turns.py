"""Turns at what is scarce, here the decoding workers: so many at once, the others wait, and no reader starves the rest."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from telepath.errors import Unavailable

WAITING: Final = 256
SHARE: Final = 4
"""One reader has at most this part of the places: a viewer asks for sixteen tiles at once, a script for any number."""


class Turns:
    """``slots`` have their turn at once. Readers go in rotation; of one reader the oldest request goes first, because a viewer
    asks for the most wanted tile first."""

    def __init__(self, slots: int, waiting: int = WAITING) -> None:
        self._free = slots
        self._places = waiting
        self._lines: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    @property
    def waiting(self) -> int:
        """How many wait for their turn."""
        return sum(map(len, self._lines.values()))

    @asynccontextmanager
    async def turn(self, reader: str) -> AsyncIterator[None]:
        """As ``begin``; it ends with the block."""
        await self.begin(reader)
        try:
            yield
        finally:
            self.end()

    async def begin(self, reader: str) -> None:
        """Wait for a turn; ``end`` it. Who is cancelled while waiting leaves the line.

        Raises Unavailable, at once: too many wait, or too many of this reader."""
        if self._free:  # then nobody waits
            self._free -= 1
        else:
            await self._wait(reader)

    def end(self) -> None:
        self._pass_on()

    async def _wait(self, reader: str) -> None:
        line = self._lines.get(reader, deque())
        if self.waiting >= self._places or len(line) >= max(1, self._places // SHARE):
            raise Unavailable(what="decoder")
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._lines[reader] = line
        line.append(place)
        try:
            await place
        except asyncio.CancelledError:
            if not place.cancelled():  # its turn came in the same moment
                self._pass_on()
            else:
                self._leave(reader, place)
            raise

    def _leave(self, reader: str, place: asyncio.Future[None]) -> None:
        line = self._lines.get(reader, deque())
        if place in line:
            line.remove(place)
            if not line:
                del self._lines[reader]

    def _pass_on(self) -> None:
        while self._lines:
            reader, line = self._lines.popitem(last=False)
            place = line.popleft()
            if line:
                self._lines[reader] = line  # behind the other readers
            if not place.done():
                place.set_result(None)
                return
        self._free += 1
