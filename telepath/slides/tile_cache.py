"""Tiles that were made and may be wanted again: the latest in memory, more of them in a folder of bounded size.

The folder (tile_packs.py) survives a restart and is shared by the processes of one machine. In it each slide has one of its
own, so that all of it goes when the slide has gone. What was not wanted for a month goes too. What is not as it was written is
dropped."""

import asyncio
import logging
from collections import OrderedDict
from contextlib import suppress
from pathlib import Path
from typing import Final

from telepath.errors import NotFound, TelepathError
from telepath.slides.tile_packs import Mark, TilePacks, mark
from telepath.storage import Storage

MEMORY: Final = 16 << 20
PENDING: Final = 256
"""Tiles that wait to be written; one more is not kept on the disk."""
TOGETHER: Final = 32
"""So many are written at once, or fewer after LATER seconds: to go to a thread costs more than to write a tile."""
LATER: Final = 0.5
MADE: Final = 2
"""Goes up when tiles are made otherwise than before: neither browsers nor this folder give the old ones then."""

Key = tuple[str, str]
"""The tile's slide folder, and its name there."""

log = logging.getLogger(__name__)


class TileCache:
    """``get`` and ``put`` never wait."""

    def __init__(self, folder: Path | None = None, disk: int = 0, memory: int = MEMORY) -> None:
        """``disk`` and ``memory``: bytes. Without a folder, or without bytes of it, memory alone."""
        self._packs = TilePacks(folder, disk) if folder is not None and disk > 0 else None
        self._memory = memory
        self._size = 0
        self._held: OrderedDict[Key, bytes] = OrderedDict()
        self._pending: dict[Key, bytes] = {}
        self._enough = asyncio.Event()
        self._writing: asyncio.Task[None] | None = None
        self._closing = False

    def get(self, key: Key) -> bytes | None:
        """From memory."""
        held = self._held.get(key)
        if held is not None:
            self._held.move_to_end(key)
        return held

    async def load(self, key: Key) -> bytes | None:
        """From memory or the disk; None: it must be made."""
        held = self.get(key) or self._pending.get(key)
        if held is None and self._packs is not None:
            held = await self._packs.load(_slide(key), _mark(key))
            if held is not None:
                self._keep(key, held)
        return held

    def put(self, key: Key, tile: bytes) -> None:
        self._keep(key, tile)
        if self._packs is None or len(self._pending) >= PENDING:
            return
        self._pending[key] = tile
        if len(self._pending) >= TOGETHER:
            self._enough.set()
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write(self._packs), name="keep made tiles on the disk")

    async def slides(self) -> list[str]:
        """The storage folders of the slides of which tiles are kept."""
        on_disk = await self._packs.slides() if self._packs is not None else []
        return sorted({*on_disk, *(_slide(key) for key in self._held)})

    async def forget_gone(self, storage: Storage) -> None:
        """Drop the tiles of slides that the storage has no more: they were erased, perhaps on another node. What else lies in
        the folder stays."""
        try:
            for slide in await self.slides():
                with suppress(NotFound):  # no slide's folder can be called so
                    if not await storage.names(slide):
                        await self._forget(slide)
        except TelepathError as error:
            log.warning("made tiles could not be looked after: %s", error.code)

    async def _forget(self, slide: str) -> None:
        for key in [key for key in self._held if _slide(key) == slide]:
            self._size -= len(self._held.pop(key))
        if self._packs is not None:
            await self._packs.forget(slide)

    async def close(self) -> None:
        """Write what waits to be written."""
        self._closing = True
        self._enough.set()
        if self._writing is not None:
            await self._writing

    def _keep(self, key: Key, tile: bytes) -> None:
        before = self._held.pop(key, b"")
        self._held[key] = tile
        self._size += len(tile) - len(before)
        while self._size > self._memory:
            self._size -= len(self._held.popitem(last=False)[1])

    async def _write(self, packs: TilePacks) -> None:
        while self._pending:
            if not self._closing:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._enough.wait(), LATER)
                self._enough.clear()
            slides: dict[str, list[Key]] = {}
            for key in self._pending:
                slides.setdefault(_slide(key), []).append(key)
            for slide, keys in slides.items():
                try:
                    await packs.add(slide, [(_mark(key), self._pending[key]) for key in keys])
                except OSError as error:
                    log.warning("made tiles could not be kept on the disk: %s", error.strerror)
                finally:
                    for key in keys:
                        self._pending.pop(key, None)


def _slide(key: Key) -> str:
    return key[0].partition("/")[0]


def _mark(key: Key) -> Mark:
    return mark(f"{MADE}\0{key[0]}\0{key[1]}")
