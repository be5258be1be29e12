"""The worker processes, seen from the web process: ask for a tile, get a JPEG or TileUnreadable.

A worker serves one slide in its life: its sandbox holds that slide's folder and no other, so nothing of one patient can
reach another. A few workers stay alive beside the busy ones, so that going back and forth between slides starts no process;
one spare has everything loaded and waits for its slide.

A decode waits for its turn (turns.py). Once nobody waits for it any more it is dropped, unless it has begun: then it is
finished and kept.
"""

import asyncio
import logging
import os
import sys
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeVar

import msgspec

from telepath.errors import AttachmentUnreadable, NotFound, SlideForbidden, SlideUnreadable, TileUnreadable
from telepath.geometry import View
from telepath.slides.messages import (
    LENGTH,
    Companions,
    ComposeTile,
    DrawField,
    DrawPages,
    Failed,
    FindCompanions,
    Inspect,
    Inspection,
    Open,
    Pages,
    Reply,
    Request,
    TileRequest,
)
from telepath.slides.sandbox import Protections
from telepath.slides.turns import WAITING, Turns
from telepath.storage import Storage

TILE_SECONDS: Final = 20.0
INSPECTION_SECONDS: Final = 120.0
ATTACHMENT_SECONDS: Final = 90.0
IDLE_PER_SLOT: Final = 4
"""Workers kept alive for each that may work at once; one takes about 60 MB."""
CACHE_BYTES: Final = 128 << 20
MAX_ANSWER: Final = 256 << 20

logger = logging.getLogger(__name__)
_Answer = TypeVar("_Answer")
_Key = tuple[str, str]
"""The tile's slide folder, and its name there."""
_replies: msgspec.msgpack.Decoder[Reply] = msgspec.msgpack.Decoder(Reply)


class WorkerDied(Exception):
    """The worker ended, or did not answer in time, during this request."""


class DecoderPool:
    """Use as ``async with``. ``workers`` decode at the same time; whoever asks for the same tile waits for the same work.
    At most ``waiting`` wait for their turn."""

    def __init__(
        self, storage: Storage, workers: int = 2, *, tile_seconds: float = TILE_SECONDS, waiting: int = WAITING
    ) -> None:
        self._storage = storage
        self._tile_seconds = tile_seconds
        self._turns = Turns(workers, waiting)
        self._kept = workers * IDLE_PER_SLOT
        self._idle: OrderedDict[int, _Worker] = OrderedDict()
        self._busy: set[_Worker] = set()
        self._spare: asyncio.Task[_Worker] | None = None
        self._flights: dict[_Key, _Flight] = {}
        self._cache = _Cache(CACHE_BYTES)
        self._told: Protections | None = None

    async def __aenter__(self) -> Self:
        self._prepare_spare()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """End every worker; whoever waits for a tile gets TileUnreadable."""
        under_way = [flight.task for flight in self._flights.values()]
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
        if self._spare is not None:
            with suppress(OSError):
                await (await self._spare).end()
            self._spare = None
        for worker in [*self._busy, *self._idle.values()]:
            await worker.end()
        self._idle.clear()

    def processes(self) -> list[int]:
        """The process ids of the living workers that have a slide."""
        return [worker.pid for worker in (*self._busy, *self._idle.values()) if worker.alive]

    @property
    def waiting(self) -> int:
        """How many wait for their turn at a worker."""
        return self._turns.waiting

    def held(self, folder: str, name: str) -> bytes | None:
        """A tile that was made and is in memory."""
        return self._cache.get((folder, name))

    async def tile(
        self, folder: str, name: str, request: Callable[[], Awaitable[TileRequest]], *, reader: str = ""
    ) -> bytes:
        """A tile that is made. ``folder`` is the storage key of the slide's files, ``name`` tells its tiles apart; ``request``
        is asked, once, what to make; ``reader`` is who asks, because readers take turns. Cancel it when nobody wants the tile
        any more.

        Raises TileUnreadable: this tile cannot be had; others of the slide may. Unavailable: too many wait already. What
        ``request`` raises."""
        key = folder, name
        held = self._cache.get(key)
        if held is not None:
            return held
        flight = self._flights.get(key)
        if flight is None:
            flight = self._flights[key] = _Flight()
            flight.task = asyncio.create_task(self._make(flight, folder, request, reader), name="make a tile")
            flight.task.add_done_callback(lambda _: self._landed(key, flight))
        flight.readers += 1
        try:
            return await asyncio.shield(flight.task)  # one person leaving does not end the work of the others
        except asyncio.CancelledError:
            if flight.task.cancelled():  # the pool is closing
                raise TileUnreadable from None
            raise
        finally:
            flight.readers -= 1
            if not flight.readers and not flight.begun and not flight.task.done():
                del self._flights[key]  # who asks from now on starts anew
                flight.task.cancel()

    def _landed(self, key: _Key, flight: "_Flight") -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]
        if not flight.task.cancelled() and flight.task.exception() is None:
            self._cache.put(key, flight.task.result())

    async def field(self, folder: str, entry: str, view: View, *, reader: str = "") -> bytes:
        """The JPEG of what ``view`` shows of a slide; the rest as for ``tile``. Raises TileUnreadable; Unavailable."""
        async with self._turns.turn(reader):
            return await self._asked(folder, DrawField(entry, view))

    async def _make(
        self, flight: "_Flight", folder: str, request: Callable[[], Awaitable[TileRequest]], reader: str
    ) -> bytes:
        async with self._turns.turn(reader):
            flight.begun = True
            return await self._asked(folder, await request())

    async def _asked(self, folder: str, request: TileRequest | DrawField) -> bytes:
        """What a worker of this slide answers; the caller has its turn. Raises TileUnreadable."""
        try:
            worker = await self._worker_for(folder, with_files=not isinstance(request, ComposeTile))
            self._busy.add(worker)
            try:
                return await worker.ask(request, self._tile_seconds)
            finally:
                self._busy.discard(worker)
                await self._keep(worker)
        except (WorkerDied, NotFound, SlideUnreadable):
            raise TileUnreadable from None

    async def _worker_for(self, folder: str, *, with_files: bool) -> "_Worker":
        """``with_files``: one that sees the slide's files; else one that works for this slide alone on what it is sent."""
        ready = self._idle_for(folder, with_files=with_files)
        if ready is not None:
            return ready
        while (retired := self._retired()) is not None:
            await retired.end()
        worker = await self._fresh()
        try:
            path = await worker.life.enter_async_context(self._storage.fetch(folder)) if with_files else None
            self._tell(await worker.open(path, self._tile_seconds))
        except BaseException:
            await worker.end()
            raise
        worker.folder, worker.with_files = folder, with_files
        return worker

    def _idle_for(self, folder: str, *, with_files: bool) -> "_Worker | None":
        """Take out an idle worker of this slide. One that sees the files does the other work too."""
        for key, worker in self._idle.items():
            if worker.alive and worker.folder == folder and worker.with_files >= with_files:
                return self._idle.pop(key)
        return None

    def _retired(self) -> "_Worker | None":
        """Take out an idle worker that has died, or the longest idle one when as many are kept as may be."""
        for key, worker in self._idle.items():
            if not worker.alive:
                return self._idle.pop(key)
        return self._idle.popitem(last=False)[1] if len(self._idle) >= self._kept else None

    async def _keep(self, worker: "_Worker") -> None:
        if worker.alive:
            self._idle[id(worker)] = worker
        else:
            await worker.end()

    async def _fresh(self) -> "_Worker":
        spare, self._spare = self._spare, None
        worker = await spare if spare is not None else await _Worker.start()
        self._prepare_spare()
        return worker if worker.alive else await _Worker.start()

    def _prepare_spare(self) -> None:
        if self._spare is None:
            self._spare = asyncio.create_task(_Worker.start(), name="start a spare worker")

    def _tell(self, protections: Protections) -> None:
        """Say once which protections could not be had."""
        if self._told is None and protections.missing():
            logger.warning("the decoder's sandbox lacks: %s", ", ".join(protections.missing()))
        self._told = protections

    async def protections(self, folder: Path) -> Protections:
        """What a worker shut in with ``folder`` says of its sandbox."""
        async with self._alone() as worker:
            return await worker.open(folder, self._tile_seconds)

    async def companions(self, path: Path) -> Companions:
        """Which files make the slide that ``path`` names, a file or a folder. Raises SlideUnreadable."""
        is_folder = await asyncio.to_thread(path.is_dir)
        folder, name = (path, "") if is_folder else (path.parent, path.name)
        return await self._about(folder, FindCompanions(name), Companions)

    async def inspect(self, folder: Path, entry: str) -> Inspection:
        """What slide ``entry`` opens, read by a process that sees ``folder`` only. Raises SlideUnreadable."""
        return await self._about(folder, Inspect(entry), Inspection)

    async def pages(self, data: bytes, *, reader: str = "") -> Pages:
        """The pictures of an attachment, drawn by a process that sees no folder at all. Raises AttachmentUnreadable;
        Unavailable: too many wait already."""
        async with self._turns.turn(reader), self._alone() as worker:
            try:
                self._tell(await worker.open(None, ATTACHMENT_SECONDS))
                return msgspec.msgpack.decode(await worker.ask(DrawPages(data), ATTACHMENT_SECONDS), type=Pages)
            except WorkerDied:  # out of time or memory
                raise AttachmentUnreadable("error-attachment-too-heavy", field="file") from None
            except (msgspec.DecodeError, UnicodeDecodeError):
                raise AttachmentUnreadable(field="file") from None
            except SlideUnreadable as error:
                raise AttachmentUnreadable(field="file") from error

    async def _about(self, folder: Path, request: Request, kind: type[_Answer]) -> _Answer:
        async with self._turns.turn(""), self._alone() as worker:
            try:
                self._tell(await worker.open(folder, INSPECTION_SECONDS))
                return msgspec.msgpack.decode(await worker.ask(request, INSPECTION_SECONDS), type=kind)
            except (WorkerDied, msgspec.DecodeError, UnicodeDecodeError):
                raise SlideUnreadable from None
            except TileUnreadable as error:
                raise SlideUnreadable from error

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator["_Worker"]:
        worker = await self._fresh()
        self._busy.add(worker)
        try:
            yield worker
        finally:
            self._busy.discard(worker)
            await worker.end()


class _Flight:
    """A decode that waits for its turn or goes on, and how many wait for what it gives."""

    def __init__(self) -> None:
        self.task: asyncio.Task[bytes]
        self.readers = 0
        self.begun = False


class _Worker:
    """One process. Not to be asked twice at the same time."""

    def __init__(
        self, process: asyncio.subprocess.Process, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._process, self._reader, self._writer = process, reader, writer
        self.folder = ""
        self.with_files = False
        self.life = AsyncExitStack()
        """Holds what its slide needs while it lives."""

    @classmethod
    async def start(cls) -> "_Worker":
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            "-m",
            "telepath.slides.worker",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=_environment(),
            cwd="/",
        )
        if process.stdout is None or process.stdin is None:
            raise RuntimeError("a worker without its pipes")
        return cls(process, process.stdout, process.stdin)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.returncode is None

    async def open(self, folder: Path | None, seconds: float) -> Protections:
        return msgspec.msgpack.decode(await self.ask(Open(str(folder or "")), seconds), type=Protections)

    async def ask(self, request: Request, seconds: float) -> bytes:
        """Raises what the work raised; WorkerDied."""
        body = msgspec.msgpack.encode(request)
        answered = False
        try:
            async with asyncio.timeout(seconds):
                self._writer.write(LENGTH.pack(len(body)) + body)
                await self._writer.drain()
                (length,) = LENGTH.unpack(await self._reader.readexactly(LENGTH.size))
                if length > MAX_ANSWER:
                    raise SlideForbidden("error-slide-limit", what="tile")
                reply: Reply = _replies.decode(await self._reader.readexactly(length))
                answered = True
        except (TimeoutError, OSError, EOFError, msgspec.DecodeError, UnicodeDecodeError) as error:
            # "ended": what it was reading may have killed it; the text of the reason could hold a path
            logger.warning("a decoder worker ended: %s", type(error).__name__)
            raise WorkerDied from None
        finally:
            if not answered:  # half an answer may still come: never use it again
                await self.end()
        if isinstance(reply, Failed):
            raise reply.error()
        return reply.answer

    async def end(self) -> None:
        """Kill it, wait for it, give back what it held."""
        with suppress(ProcessLookupError):
            self._process.kill()
        self._writer.close()
        await self._process.wait()
        await self.life.aclose()


def _environment() -> dict[str, str]:
    """Nothing of the service's own: it holds secrets. One thread: the sandbox counts address space."""
    package_root = str(Path(__file__).parent.parent.parent)
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return {
        **kept,
        "PYTHONPATH": package_root,
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "LC_ALL": "C.UTF-8",
    }


class _Cache:
    """The most recently used tiles, up to so many bytes."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._held: OrderedDict[_Key, bytes] = OrderedDict()

    def get(self, key: _Key) -> bytes | None:
        held = self._held.get(key)
        if held is not None:
            self._held.move_to_end(key)
        return held

    def put(self, key: _Key, tile: bytes) -> None:
        self._held[key] = tile
        self._size += len(tile)
        while self._size > self._limit:
            self._size -= len(self._held.popitem(last=False)[1])
