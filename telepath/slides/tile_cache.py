"""Tiles that were made and may be wanted again: the latest in memory, more of them in a folder of bounded size.

The folder survives a restart and is shared by the processes of one machine. In it each slide has one of its own, under the name
that it has in the storage, so that all of it goes when the slide has gone. What was not wanted for a month goes too. A file
that does not hold what was written is dropped."""

import asyncio
import fcntl
import hashlib
import logging
import os
import secrets
import shutil
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from telepath.errors import TelepathError
from telepath.storage import Storage

MEMORY: Final = 16 << 20
PENDING: Final = 64
"""Tiles that wait to be written; one more is not kept on the disk."""
MONTH: Final = 30 * 86_400.0
HOUR: Final = 3600.0
MADE: Final = 1
"""Goes up when tiles are made otherwise than before: neither browsers nor this folder give the old ones then."""
_DIGEST: Final = 16
_PARTIAL: Final = ".partial-"

Key = tuple[str, str]
"""The tile's slide folder, and its name there."""

log = logging.getLogger(__name__)


class TileCache:
    """``get`` and ``put`` never wait; the disk is read and written in threads."""

    def __init__(self, folder: Path | None = None, disk: int = 0, memory: int = MEMORY) -> None:
        """``disk`` and ``memory``: bytes. Without a folder, or without bytes of it, memory alone."""
        self._folder = folder if disk > 0 else None
        self._disk = disk
        self._memory = memory
        self._size = 0
        self._held: OrderedDict[Key, bytes] = OrderedDict()
        self._pending: dict[Key, bytes] = {}
        self._writing: asyncio.Task[None] | None = None
        self._unswept = disk  # a restart looks at once how much is there

    def get(self, key: Key) -> bytes | None:
        """From memory."""
        held = self._held.get(key)
        if held is not None:
            self._held.move_to_end(key)
        return held

    async def load(self, key: Key) -> bytes | None:
        """From memory or the disk; None: it must be made."""
        held = self.get(key) or self._pending.get(key)
        if held is None and self._folder is not None:
            held = await asyncio.to_thread(_read, self._path(self._folder, key))
            if held is not None:
                self._keep(key, held)
        return held

    def put(self, key: Key, tile: bytes) -> None:
        self._keep(key, tile)
        if self._folder is not None and len(self._pending) < PENDING:
            self._pending[key] = tile
            if self._writing is None or self._writing.done():
                self._writing = asyncio.create_task(self._write(self._folder), name="keep made tiles on the disk")

    async def slides(self) -> list[str]:
        """The storage folders of the slides of which tiles are kept."""
        folder = self._folder
        on_disk = await asyncio.to_thread(_slides, folder) if folder is not None else []
        return sorted({*on_disk, *(_slide(key) for key in self._held)})

    async def forget_gone(self, storage: Storage) -> None:
        """Drop the tiles of slides that the storage has no more: they were erased, perhaps on another node."""
        try:
            for slide in await self.slides():
                if not await storage.names(slide):
                    await self._forget(slide)
        except TelepathError as error:
            log.warning("made tiles could not be looked after: %s", error.code)

    async def _forget(self, slide: str) -> None:
        for key in [key for key in self._held if _slide(key) == slide]:
            self._size -= len(self._held.pop(key))
        if self._folder is not None:
            await asyncio.to_thread(shutil.rmtree, self._folder / slide, ignore_errors=True)

    async def close(self) -> None:
        """Write what waits to be written."""
        if self._writing is not None:
            await self._writing

    def _keep(self, key: Key, tile: bytes) -> None:
        before = self._held.pop(key, b"")
        self._held[key] = tile
        self._size += len(tile) - len(before)
        while self._size > self._memory:
            self._size -= len(self._held.popitem(last=False)[1])

    async def _write(self, folder: Path) -> None:
        while self._pending:
            key, tile = next(iter(self._pending.items()))
            try:
                await asyncio.to_thread(_put, self._path(folder, key), tile)
                self._unswept += len(tile)
                if self._unswept > self._disk // 16:
                    self._unswept = 0
                    await asyncio.to_thread(sweep, folder, self._disk)
            except OSError as error:
                log.warning("a made tile could not be kept on the disk: %s", error.strerror)
            finally:
                del self._pending[key]

    @staticmethod
    def _path(folder: Path, key: Key) -> Path:
        name = hashlib.sha256(f"{MADE}\0{key[0]}\0{key[1]}".encode()).hexdigest()
        return folder / _slide(key) / name


def _slide(key: Key) -> str:
    return key[0].partition("/")[0]


def _slides(folder: Path) -> list[str]:
    """Blocks."""
    with suppress(OSError):
        return [path.name for path in folder.iterdir() if path.is_dir()]
    return []


def _read(path: Path) -> bytes | None:
    """Blocks."""
    try:
        data = path.read_bytes()
    except OSError:
        return None
    tile = data[_DIGEST:]
    with suppress(OSError):
        if data[:_DIGEST] != hashlib.blake2b(tile, digest_size=_DIGEST).digest():
            path.unlink()
            return None
        if time.time() - path.stat().st_mtime > HOUR:
            os.utime(path)
    return tile


def _put(path: Path, tile: bytes) -> None:
    """Whole or not at all; not forced to the disk, for it can be made again. Blocks."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = path.with_name(_PARTIAL + secrets.token_hex(8))
    try:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(hashlib.blake2b(tile, digest_size=_DIGEST).digest() + tile)
        partial.rename(path)
    finally:
        partial.unlink(missing_ok=True)


def sweep(folder: Path, limit: int) -> None:
    """Remove what was not wanted for a month, and of the rest the least recently used until a tenth of ``limit`` is free.
    Blocks; one process at a time."""
    with (folder / ".sweeping").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        now, found = time.time(), sorted(_files(folder))
        left = sum(size for _, size, _ in found)
        full = left > limit
        for used, size, path in found:
            lost = path.name.startswith(_PARTIAL) and now - used > HOUR
            if lost or now - used > MONTH or (full and left > limit * 9 // 10):
                path.unlink(missing_ok=True)
                left -= size
        for slide in _slides(folder):
            with suppress(OSError):  # it holds tiles
                (folder / slide).rmdir()


def _files(folder: Path) -> Iterator[tuple[float, int, Path]]:
    for path in folder.glob("*/*"):
        with suppress(OSError):
            told = path.stat()
            yield told.st_mtime, told.st_size, path
