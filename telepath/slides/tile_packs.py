"""Made tiles on the disk of this machine, many in one file: to make a file costs thirty times what it costs to append to one.

Below ``root`` each slide has a folder of its own, under the name that it has in the storage. A process appends to packs of its
own and reads those of all; what others appended it sees within LOOK_AGAIN. A pack is records one behind the other: HEAD, and
then the tile. Nothing is forced to the disk, for it can be made again: what was torn does not match its sum, and its pack goes.

Methods that may wait do so in threads."""

import asyncio
import fcntl
import hashlib
import os
import secrets
import struct
import time
import zlib
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

PACK_BYTES: Final = 4 << 20
"""A pack is not appended to beyond that. It goes as a whole, so the folder has many: SHARE of them at least."""
SHARE: Final = 64
MONTH: Final = 30 * 86_400.0
HOUR: Final = 3600.0
LOOK_AGAIN: Final = 10.0
"""Seconds; all of these."""
ENTRIES: Final = 32_768
"""Places of tiles that are remembered, 300 bytes each; more only of slides that were looked through within LOOK_AGAIN, for that
costs much more than a tile. The packs of other slides are looked through again."""
HEAD: Final = struct.Struct(">16sII")
"""Which tile, the sum of that and its bytes, how many bytes."""
SUFFIX: Final = ".tiles"

Mark = bytes
"""Of 16 bytes: which tile of its slide."""


def mark(name: str) -> Mark:
    """``name`` tells the tiles of a slide apart."""
    return hashlib.blake2b(name.encode(), digest_size=16).digest()


class Place(msgspec.Struct, frozen=True, gc=False):
    """Of a record."""

    pack: str
    offset: int
    length: int
    """Of the tile alone; bytes both."""


class TilePacks:
    """At most ``limit`` bytes; a sixteenth of it more until that is noticed."""

    def __init__(self, root: Path, limit: int) -> None:
        self._root = root
        self._limit = limit
        self._unswept = limit  # a restart looks at once how much is there
        self._slides: OrderedDict[str, _Known] = OrderedDict()
        self._looking: dict[str, asyncio.Task[_Known]] = {}

    async def load(self, slide: str, which: Mark) -> bytes | None:
        """None: it is not there, or not as it was written. Waits for nothing when the slide was looked through of late."""
        known = self._slides.get(slide)
        if known is None or (which not in known.places and time.monotonic() - known.looked_at > LOOK_AGAIN):
            known = await self._look(slide)
        else:
            self._slides.move_to_end(slide)
        place = known.places.get(which)
        if place is None:
            return None
        tile = await asyncio.to_thread(_read, self._root / slide / place.pack, place, which)
        if tile is None:
            known.lose(place.pack)
        return tile

    async def add(self, slide: str, tiles: Sequence[tuple[Mark, bytes]]) -> None:
        """Raises OSError."""
        known = self._slides.get(slide) or await self._look(slide)
        whole = known.size >= min(PACK_BYTES, self._limit // SHARE)
        pack, known.pack = "" if whole else known.pack, ""  # one that could not be written to is left
        try:
            added = await asyncio.to_thread(_append, self._root / slide, pack, tiles)
        except FileNotFoundError:  # it was swept away meanwhile
            added = await asyncio.to_thread(_append, self._root / slide, "", tiles)
        known.pack = added[0].pack
        known.places.update(zip((which for which, _ in tiles), added, strict=True))
        known.size = known.seen[known.pack] = added[-1].offset + HEAD.size + added[-1].length
        self._remember(slide, known)
        self._unswept += sum(HEAD.size + len(tile) for _, tile in tiles)
        if self._unswept > self._limit // 16:
            self._unswept = 0
            await asyncio.to_thread(sweep, self._root, self._limit)

    async def slides(self) -> list[str]:
        """Of which tiles are kept."""
        return await asyncio.to_thread(_folders, self._root)

    async def forget(self, slide: str) -> None:
        self._slides.pop(slide, None)
        await asyncio.to_thread(_remove, self._root / slide)

    async def _look(self, slide: str) -> "_Known":
        """Once, however many ask at the same time."""
        looking = self._looking.get(slide)
        if looking is None:
            looking = asyncio.create_task(self._looked(slide), name="look for made tiles")
            self._looking[slide] = looking
            looking.add_done_callback(lambda _: self._looking.pop(slide, None))
        return await asyncio.shield(looking)

    async def _looked(self, slide: str) -> "_Known":
        known = self._slides.get(slide) or _Known()
        found = await asyncio.to_thread(_find, self._root / slide, dict(known.seen))
        for which, place in found:
            known.places[which] = place
            known.seen[place.pack] = max(known.seen.get(place.pack, 0), place.offset + HEAD.size + place.length)
        known.looked_at = time.monotonic()
        self._remember(slide, known)
        return known

    def _remember(self, slide: str, known: "_Known") -> None:
        self._slides[slide] = known
        self._slides.move_to_end(slide)
        before = time.monotonic() - LOOK_AGAIN
        while sum(len(one.places) for one in self._slides.values()) > ENTRIES:
            oldest, its = next(iter(self._slides.items()))
            if oldest == slide or its.looked_at > before:
                return
            del self._slides[oldest]


class _Known:
    """What is known of the packs of one slide."""

    def __init__(self) -> None:
        self.places: dict[Mark, Place] = {}
        self.seen: dict[str, int] = {}
        """Up to which byte each pack was looked through."""
        self.pack = ""
        """That this process appends to, and its bytes."""
        self.size = 0
        self.looked_at = 0.0

    def lose(self, pack: str) -> None:
        self.seen.pop(pack, None)
        if pack == self.pack:
            self.pack = ""
        for which in [which for which, place in self.places.items() if place.pack == pack]:
            del self.places[which]


def _sum(which: Mark, tile: bytes) -> int:
    return zlib.crc32(tile, zlib.crc32(which))


def _append(folder: Path, pack: str, tiles: Sequence[tuple[Mark, bytes]]) -> list[Place]:
    """To ``pack``, or to a new one. Raises OSError; FileNotFoundError: ``pack`` is gone. Blocks."""
    flags = os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC
    if not pack:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        pack, flags = secrets.token_hex(8) + SUFFIX, flags | os.O_CREAT | os.O_EXCL
    descriptor = os.open(folder / pack, flags, 0o600)
    try:
        offset = os.fstat(descriptor).st_size
        places = []
        pieces: list[bytes] = []
        for which, tile in tiles:
            places.append(Place(pack, offset, len(tile)))
            pieces += HEAD.pack(which, _sum(which, tile), len(tile)), tile
            offset += HEAD.size + len(tile)
        data = b"".join(pieces)
        if os.write(descriptor, data) != len(data):
            raise OSError("no room for made tiles")
    finally:
        os.close(descriptor)
    return places


def _read(path: Path, place: Place, which: Mark) -> bytes | None:
    """Blocks."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        data = os.pread(descriptor, HEAD.size + place.length, place.offset)
        tile = data[HEAD.size :]
        if data[: HEAD.size] != HEAD.pack(which, _sum(which, tile), place.length):
            path.unlink(missing_ok=True)
            return None
        if time.time() - os.fstat(descriptor).st_mtime > HOUR:
            os.utime(path)
    except OSError:
        return None
    finally:
        os.close(descriptor)
    return tile


def _find(folder: Path, seen: dict[str, int]) -> list[tuple[Mark, Place]]:
    """What lies there beyond ``seen``, the oldest pack first. What is cut off at a pack's end may still be written. Blocks."""
    found: list[tuple[Mark, Place]] = []
    for _, size, path in sorted(_files([folder])):
        offset = seen.get(path.name, 0)
        if path.suffix != SUFFIX or offset >= size:
            continue
        with suppress(OSError), path.open("rb", buffering=0) as file:
            while len(head := os.pread(file.fileno(), HEAD.size, offset)) == HEAD.size:
                which, _, length = HEAD.unpack(head)
                if offset + HEAD.size + length > size:
                    break
                found.append((which, Place(path.name, offset, length)))
                offset += HEAD.size + length
    return found


def _remove(folder: Path) -> None:
    """Blocks."""
    for _, _, path in _files([folder]):
        with suppress(OSError):
            path.unlink()
    with suppress(OSError):
        folder.rmdir()


def sweep(root: Path, limit: int) -> None:
    """Remove the packs that nobody wanted for a month, and of the rest the least recently used until a tenth of ``limit`` is
    free. Blocks; one process at a time."""
    with (root / ".sweeping").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        folders = [root / slide for slide in _folders(root)]
        now, found = time.time(), sorted(_files(folders))
        left = sum(size for _, size, _ in found)
        full = left > limit
        for used, size, path in found:
            if now - used > MONTH or (full and left > limit * 9 // 10):
                path.unlink(missing_ok=True)
                left -= size
        for folder in folders:
            with suppress(OSError):  # it holds tiles
                folder.rmdir()


def _folders(root: Path) -> list[str]:
    """Blocks."""
    with suppress(OSError):
        return [path.name for path in root.iterdir() if path.is_dir()]
    return []


def _files(folders: Sequence[Path]) -> Iterator[tuple[float, int, Path]]:
    """When each was used last, its bytes, itself."""
    for folder in folders:
        with suppress(OSError):
            for path in list(folder.iterdir()):
                with suppress(OSError):
                    told = path.stat()
                    yield told.st_mtime, told.st_size, path
