"""Mutants of slides on the way that every slide takes: companions, inspection, index, tiles; and what must not come of it.

The process that runs ``Gauntlet`` is the web process. Beside each slide lies a victim, whose every opening the kernel tells
(inotify); what is served is held against the bytes of the original's label; somebody else asks for a tile after each death.
"""

import asyncio
import ctypes
import io
import logging
import os
import resource
import shutil
import signal
import time
import traceback
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any, Final

import msgspec
import numpy as np
import simplejpeg

from realtime.bus_memory import MemoryBus
from telepath.db.database import Database
from telepath.db.migrations import upgrade
from telepath.errors import TelepathError, Unavailable
from telepath.ids import make_id
from telepath.slides import capability, jpeg, tile_index
from telepath.slides.capability import Capability
from telepath.slides.decoder_pool import DecoderPool
from telepath.slides.messages import DecodeTile, PlanCopy
from telepath.slides.pieces import CopiedFile, Kept, Zeros
from telepath.slides.tile_index import TileIndex
from telepath.storage_local import LocalStorage
from tests.builders import MASTER_KEY
from tests.builders_slides import encode, levels, pattern, write_pyramid
from tests.soak.mutants import Mutant, Original, mutate
from web.tile_rights import COOKIE
from web.tiles import TileService

KEY: Final = bytes(range(32))
VIEW: Final = make_id(0, bytes(10))
TILES: Final = 8
"""Asked for of each slide that was let in."""
WINDOW: Final = 48
"""Bytes of a label that are known again."""
KILLED: Final = 50
"""After so many mutants the workers are ended, while they hold slides."""
COPIED: Final = 4
"""Of one in so many the copy is made: all of its bytes are read for that."""
PATIENCE: Final = 150.0
"""Seconds for one mutant, far beyond the limits of a worker."""


class Findings(msgspec.Struct):
    """What came of so many mutants. Seconds; bytes."""

    mutants: int = 0
    outcomes: Counter[str] = msgspec.field(default_factory=Counter)
    tiles: Counter[str] = msgspec.field(default_factory=Counter)
    """Answers of the tile route, by status."""
    wrong_sizes: list[str] = msgspec.field(default_factory=list)
    """Mutants of which a tile was served that is a picture of another size than the index says."""
    deaths: int = 0
    """Of workers, by what they read."""
    killed: int = 0
    """Of workers, by us: a mutant hardly ever ends one."""
    waits: list[float] = msgspec.field(default_factory=list)
    """How long somebody else waited for a tile after each death."""
    copies: Counter[str] = msgspec.field(default_factory=Counter)
    """What became of the wish for a de-identified copy."""
    broken: list[str] = msgspec.field(default_factory=list)
    """Whatever raised in the web process what is no error of telepath/errors.py."""
    labels: list[str] = msgspec.field(default_factory=list)
    """Mutants of whose label something was served."""
    outside: list[str] = msgspec.field(default_factory=list)
    """Mutants that had a file opened beside their folder."""
    slowest: list[tuple[float, str]] = msgspec.field(default_factory=list)
    largest: int = 0
    """Memory of the web process at most."""


class Watch:
    """Tells when a file is opened by anybody, by whatever name: inotify(7)."""

    def __init__(self, path: Path) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._descriptor = self._libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self._libc.inotify_add_watch(self._descriptor, os.fsencode(path), _IN_OPEN | _IN_ACCESS) < 0:
            raise OSError(ctypes.get_errno(), "inotify")

    def seen(self) -> bool:
        """Whether it was opened since the last question."""
        try:
            return bool(os.read(self._descriptor, 65536))
        except BlockingIOError:
            return False

    def close(self) -> None:
        os.close(self._descriptor)


_IN_ACCESS: Final = 0x1
_IN_OPEN: Final = 0x20


class _Deaths(logging.Handler):
    """Counts what the pool says of workers that ended."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.count += record.getMessage().startswith("a decoder worker ended")


class Gauntlet:
    """``folder``: where everything lies, best in memory."""

    def __init__(self, folder: Path, originals: list[Original], weights: list[float]) -> None:
        self._folder = folder
        self._originals, self._weights = originals, weights
        self._labels = {original.name: windows(original) for original in originals}
        self.found = Findings()

    async def run(self, seed: str, count: int) -> Findings:
        """Mutants number 0 to ``count`` of ``seed``, one after another."""
        victim = self._folder / "incoming" / "victim" / "secret.jpg"
        victim.parent.mkdir(parents=True)
        victim.write_bytes(encode(pattern(levels(512, 512, (1,))[0], 0, 0)))
        url = f"sqlite+aiosqlite:///{self._folder / 'soak.db'}"
        await upgrade(url)
        db, storage, bus = Database(url, MASTER_KEY), LocalStorage(self._folder / "storage"), MemoryBus()
        self._deaths = _Deaths()
        logging.getLogger("telepath.slides.worker_process").addHandler(self._deaths)
        self._watch, self._victim = Watch(victim), victim
        try:
            async with DecoderPool(storage, 2) as decoders, TileService(db, storage, decoders, KEY, bus) as tiles:
                self._decoders, self._tiles, self._storage = decoders, tiles, storage
                healthy = self._folder / "storage" / "healthy"
                healthy.mkdir(parents=True)
                write_pyramid(healthy / "slide.tiff", width=1024, height=1024)
                await self._somebody_else(-1)
                self._leave = {one.name: await self._leaving(one) for one in self._originals}
                for number in range(count):
                    chance = Random(f"{seed} {number}")
                    original = chance.choices(self._originals, self._weights)[0]
                    mutant = mutate(original, chance)
                    await self._one(number, f"{seed} {number} {mutant.original} {mutant.kind}", mutant, chance)
                    if number % KILLED == KILLED - 1:
                        await self._kill(number)
        finally:
            logging.getLogger("telepath.slides.worker_process").removeHandler(self._deaths)
            self._watch.close()
            await storage.close()
            await db.close()
        self.found.largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
        return self.found

    async def _one(self, number: int, name: str, mutant: Mutant, chance: Random) -> None:
        slide_id = make_id(number, chance.randbytes(10))
        dead, began = self._deaths.count, time.monotonic()
        try:
            async with asyncio.timeout(PATIENCE):
                outcome = await self._way(slide_id, name, mutant, chance)
        except Exception as error:
            outcome = f"broken: {type(error).__name__}"
            self.found.broken.append(f"{name}\n{traceback.format_exc()}")
        seconds = time.monotonic() - began
        self.found.mutants += 1
        self.found.outcomes[outcome] += 1
        self.found.slowest = sorted([*self.found.slowest, (seconds, f"{name}: {outcome}")], reverse=True)[:5]
        if self._watch.seen():
            self.found.outside.append(name)
        if self._deaths.count > dead:
            self.found.deaths += self._deaths.count - dead
            await self._somebody_else(number)
        for folder in (self._folder / "incoming" / slide_id, self._folder / "storage" / slide_id):
            shutil.rmtree(folder, ignore_errors=True)

    async def _kill(self, number: int) -> None:
        for process in self._decoders.processes():
            os.kill(process, signal.SIGKILL)
            self.found.killed += 1
        await self._somebody_else(number)

    async def _somebody_else(self, number: int) -> None:
        level = levels(1024, 1024, (1,))[0]
        request = DecodeTile(entry="slide.tiff", level=level, number=0, column=number % 4, row=number // 4 % 4)

        async def asked() -> DecodeTile:
            return request

        began = time.monotonic()
        name = f"never asked for before {number} {len(self.found.waits)}"
        await self._decoders.tile("healthy", name, asked, reader="somebody else")
        if number >= 0:
            self.found.waits.append(time.monotonic() - began)

    async def _way(self, slide_id: str, name: str, mutant: Mutant, chance: Random) -> str:
        """What became of it, in a few words."""
        incoming, files = self._folder / "incoming" / slide_id, self._folder / "storage" / slide_id / "files"
        _write(incoming, mutant.files)
        files.mkdir(parents=True)
        try:
            if mutant.reaches:  # as if the first look at it had let it in
                _write(files, mutant.files)
                (files.parent / "victim").mkdir()
                os.link(self._victim, files.parent / "victim" / "secret.jpg")
                entry = mutant.entry
            else:
                companions = await self._decoders.companions(incoming / mutant.entry)
                for source, target in companions.files:
                    place = files / target
                    place.parent.mkdir(exist_ok=True)
                    shutil.copyfile(incoming / source, place, follow_symlinks=False)
                entry = companions.entry
            inspection = await self._decoders.inspect(files, entry)
        except Unavailable:
            raise
        except TelepathError as error:
            return f"refused: {error.code} {error.params.get('what', '')}".strip()
        (files.parent / "tiles.index").write_bytes(inspection.index)
        index = tile_index.load(inspection.index)
        if inspection.thumbnail is not None:
            self._look(name, mutant.original, inspection.thumbnail)
        for number in range(TILES):
            await self._tile(slide_id, name, mutant.original, index, number, chance)
        if chance.randrange(COPIED) == 0:
            await self._copy(files, entry, name, mutant.original)
        return f"let in: {inspection.source.value}"

    async def _tile(
        self, slide_id: str, name: str, original: str, index: TileIndex, number: int, chance: Random
    ) -> None:
        level = number % len(index.pyramid.levels)
        grid = index.pyramid.levels[level]
        column, row = chance.randrange(grid.columns), chance.randrange(grid.rows)
        status, body = await self._get(slide_id, f"{level}/{column}_{row}")
        self.found.tiles[str(status)] += 1
        if status != 200:
            return
        self._look(name, original, body)
        header = jpeg.read_header(body)
        # one whose header is broken further on is no picture to a browser, and marked as unreadable there
        if header is not None and (header.width, header.height) != (grid.tile_width, grid.tile_height):
            self.found.wrong_sizes.append(name)

    async def _copy(self, files: Path, entry: str, name: str, original: str) -> None:
        """What would leave of it. What no copy can be made of leaves nothing."""
        request = PlanCopy(entry=entry, name="copy", lines=("TP-7K3Q-9XPM",), seed=b"seed")
        try:
            planned = await self._decoders.plan_copy(files, request)
        except TelepathError as error:
            self.found.copies[error.code] += 1
            return
        self.found.copies["made"] += 1
        copy = b"".join(written(files, file) for file in planned.files)
        if any(piece in copy for piece in self._labels[original] - self._leave[original]):
            self.found.labels.append(f"{name}: copy")

    async def _leaving(self, original: Original) -> frozenset[bytes]:
        """Pieces of its label, macro and text that the copy of the unharmed slide holds too: its tiles do, by chance."""
        files = self._folder / "unharmed" / original.name.replace(" ", "-")
        _write(files, {name: part.data for name, part in original.parts.items()})
        request = PlanCopy(entry=original.entry, name="copy", lines=("TP-7K3Q-9XPM",), seed=b"seed")
        planned = await self._decoders.plan_copy(files, request)
        copy = b"".join(written(files, file) for file in planned.files)
        return frozenset(piece for piece in self._labels[original.name] if piece in copy)

    async def _get(self, slide_id: str, place: str) -> tuple[int, bytes]:
        cookie = capability.mint(KEY, Capability(slide_id, VIEW, 1, int(time.time()) + 600))
        scope: dict[str, Any] = {
            "type": "http",
            "method": "GET",
            "path": f"/slides/{slide_id}/tiles/{place}",
            "headers": [(b"cookie", f"{COOKIE}={cookie}".encode())],
            "client": ("192.0.2.1", 1),
        }
        answer: dict[str, Any] = {}

        async def receive() -> dict[str, Any]:
            return await asyncio.get_running_loop().create_future()  # type: ignore[no-any-return]

        async def send(message: Any) -> None:
            answer.update(message)

        await self._tiles(scope, receive, send)
        return answer["status"], answer["body"]

    def _look(self, name: str, original: str, served: bytes) -> None:
        known = self._labels[original]
        if any(piece in served for piece in known):
            self.found.labels.append(f"{name}: bytes")
        elif original.startswith("our ") and shows_label(served):
            self.found.labels.append(f"{name}: pixels")


def written(folder: Path, file: CopiedFile) -> bytes:
    """A file of a copy of what lies in ``folder``."""
    data = (folder / file.name).read_bytes()
    pieces = (
        data[piece.offset : piece.offset + piece.length]
        if isinstance(piece, Kept)
        else bytes(piece.length)
        if isinstance(piece, Zeros)
        else piece.data
        for piece in file.pieces
    )
    return b"".join(pieces)


def windows(original: Original) -> frozenset[bytes]:
    """Pieces of its label, macro, preview and text that are nowhere else in it."""
    found = set()
    for part in original.parts.values():
        rest, last = io.BytesIO(), 0
        for start, end in sorted(part.withheld):
            rest.write(part.data[last:start])
            last = max(last, end)
        rest.write(part.data[last:])
        elsewhere = rest.getvalue()
        for start, end in part.withheld:
            step = max(WINDOW, (end - start) // 400)
            pieces = (part.data[at : at + WINDOW] for at in range(start, end - WINDOW + 1, step))
            found |= {piece for piece in pieces if len(set(piece)) > WINDOW // 3 and piece not in elsewhere}
    return frozenset(found)


def shows_label(picture: bytes) -> bool:
    """Whether a picture shows the colours of the label of ours (originals.py), which no tissue has."""
    try:
        pixels = simplejpeg.decode_jpeg(picture).astype(np.int16)
    except ValueError:
        return False
    close = [np.abs(pixels - colour).max(axis=2) < 30 for colour in ((235, 20, 235), (20, 235, 20))]
    return all(one.mean() > 0.02 for one in close)


def _write(folder: Path, files: dict[str, bytes]) -> None:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
