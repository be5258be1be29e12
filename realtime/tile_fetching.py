"""Has the tiles at hand that one connection is sent next: asks for them ahead of need, and drops what is wanted no more."""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from realtime.tile_frames import AVIF, NATIVE, UNREADABLE
from realtime.tile_push import SentOfSlide, Tile
from realtime.tile_queue import Step, TileQueue
from realtime.tile_supply import Source
from telepath.errors import TelepathError, TileUnreadable

log = logging.getLogger("telepath.room")

ASKED: Final = 8
"""Tiles asked for or at hand, ahead of the link."""
LARGEST: Final = 256 * 1024
"""Bytes of a tile that is pushed; a larger one would keep viewport messages waiting."""


class Fetching:
    """Of one slide. ``queue`` says what is wanted; whoever changes that calls ``ask``."""

    def __init__(
        self,
        source: Source,
        sent: SentOfSlide,
        clock: Callable[[], float],
        pump: Callable[[], None],
        made: Callable[[float], None],
    ) -> None:
        """``sent``: what the client has of it. ``pump`` is called when a tile has come; ``made`` with the seconds that one in
        the small coding took."""
        self.source = source
        self.queue = TileQueue(source.grids, sent, source.planes)
        self._clock, self._pump, self._made = clock, pump, made
        self._asked: dict[Tile, asyncio.Task[None]] = {}
        self._ready: dict[Tile, tuple[int, bytes]] = {}
        """Coding and bytes of what is at hand."""

    def first(self) -> Tile | None:
        """The most wanted one that is at hand."""
        return next((one for one in self.queue.first(ASKED) if one in self._ready), None)

    def take(self, tile: Tile) -> tuple[int, bytes]:
        """Coding and bytes of one that is at hand; it is not any more."""
        return self._ready.pop(tile)

    def awaits(self, step: Step) -> bool:
        """Whether a tile for that is on its way here."""
        return any(self.queue.step(one) is step for one in self._asked)

    def ask(self) -> None:
        """Ask for what is wanted first."""
        for tile in self.queue.first(ASKED):
            if tile not in self._ready and tile not in self._asked:
                self._asked[tile] = asyncio.create_task(self._fetch(tile), name="fetch a tile to push")

    def tidy(self) -> None:
        """Drop what was asked for and is not wanted any more, or not soon."""
        soon = set(self.queue.first(4 * ASKED))
        for tile in self._asked.keys() - soon:
            self._asked.pop(tile).cancel()
        for tile in self._ready.keys() - soon:
            del self._ready[tile]

    def stop(self) -> None:
        """Nothing of it is wanted any more."""
        self.queue.clear()
        self.tidy()

    async def _fetch(self, tile: Tile) -> None:
        coding, data = AVIF if tile.reduced else NATIVE, None
        loop = asyncio.get_running_loop()
        began, beside = loop.time(), len(self._asked)
        try:
            data = await self.source.tile(tile)
        except TileUnreadable:
            if not tile.reduced:
                coding, data = UNREADABLE, b""
        except TelepathError:
            data = None  # busy, or away
        except Exception:
            log.exception("a tile could not be pushed")
        if self._asked.get(tile) is not asyncio.current_task():
            return
        del self._asked[tile]
        if tile.reduced:
            self._made((loop.time() - began) / beside)
        if self.queue.step(tile) is None:
            return
        if data is None or len(data) > LARGEST:
            self.queue.lacks(tile, self._clock())
        else:
            self._ready[tile] = coding, data
        self.ask()
        self._pump()
