"""The worker processes, seen from the web process: ask for a tile, get a JPEG or TileUnreadable.

A worker serves one slide in its life: its sandbox holds that slide's folder and no other, so nothing of one patient can
reach another. A few workers stay alive beside the busy ones, so that going back and forth between slides starts no process; a
new one is a copy of a process that has everything loaded (worker_process.py). Where the system gives no sandbox nothing is
opened, unless the operator allows it.

A worker that dies costs at most the tile that it died of: that tile is not tried again for a while (deaths.py), and a slide
that goes on killing workers rests as a whole.

A decode waits for its turn (turns.py). Once nobody waits for it any more it is dropped, unless it has begun: then it is
finished and kept.
"""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeVar

import msgspec

from telepath.background import Background
from telepath.errors import (
    AttachmentUnreadable,
    NotFound,
    SlideUnreadable,
    TileUnreadable,
    Unavailable,
)
from telepath.geometry import View
from telepath.slides.deaths import Deaths
from telepath.slides.messages import (
    WITHOUT_FILES,
    Companions,
    DrawField,
    DrawPages,
    DrawPicture,
    FindCompanions,
    Inspect,
    Inspection,
    ListArchive,
    Member,
    Pages,
    PlanCopy,
    Request,
    ShowCompanion,
    TileRequest,
)
from telepath.slides.pieces import Copy
from telepath.slides.sandbox import Protections
from telepath.slides.tile_cache import TileCache
from telepath.slides.turns import WAITING, Turns
from telepath.slides.worker_process import WorkerDied, WorkerProcess, Workers
from telepath.storage import Storage

TILE_SECONDS: Final = 20.0
INSPECTION_SECONDS: Final = 120.0
ATTACHMENT_SECONDS: Final = 90.0
IDLE_PER_SLOT: Final = 4
"""Workers kept alive for each that may work at once; one takes about 60 MB."""
LOOK_SECONDS: Final = 600.0
"""How often is looked which made tiles are of slides that have gone."""
LARGEST: Final = 512 << 20
"""Bytes that a worker may have used and still be asked again: libraries leak, and never give everything back."""

logger = logging.getLogger(__name__)
_Answer = TypeVar("_Answer")
Making = Callable[[], Awaitable[TileRequest | DrawPicture]]
_Key = tuple[str, str]
"""The tile's slide folder, and its name there."""


class DecoderPool:
    """Use as ``async with``. ``workers`` decode at the same time; whoever asks for the same tile waits for the same work.
    At most ``waiting`` wait for their turn."""

    def __init__(
        self,
        storage: Storage,
        workers: int = 2,
        *,
        tile_seconds: float = TILE_SECONDS,
        waiting: int = WAITING,
        largest: int = LARGEST,
        sandbox_required: bool = True,
        cache: TileCache | None = None,
    ) -> None:
        """``largest``: bytes; a worker that has used more is not asked again. ``sandbox_required``: nothing is opened where a
        worker cannot be shut in."""
        self._storage = storage
        self._tile_seconds = tile_seconds
        self._turns = Turns(workers, waiting)
        self._kept = workers * IDLE_PER_SLOT
        self._idle: OrderedDict[int, WorkerProcess] = OrderedDict()
        self._busy: set[WorkerProcess] = set()
        self._largest = largest
        self._workers = Workers()
        self._deaths = Deaths()
        self._sandbox_required = sandbox_required
        self._flights: dict[_Key, _Flight] = {}
        self._cache = cache or TileCache()
        self._told: Protections | None = None
        self._background = Background()

    async def __aenter__(self) -> Self:
        self._workers.prepare()
        self._background.start(self._look_after_gone(), "forget tiles of slides that have gone")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """End every worker; whoever waits for a tile gets TileUnreadable."""
        await self._background.stop()
        under_way = [flight.task for flight in self._flights.values()]
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
        for worker in [*self._busy, *self._idle.values()]:
            await worker.end()
        self._idle.clear()
        await self._workers.close()
        await self._cache.close()

    async def _look_after_gone(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self._cache.forget_gone(self._storage)

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

    async def tile(self, folder: str, name: str, request: Making, *, reader: str = "") -> bytes:
        """A tile that is made. ``folder`` is the storage key of the slide's files, ``name`` tells its tiles apart; ``request``
        is asked, once, what to make; ``reader`` is who asks, because readers take turns. Cancel it when nobody wants the tile
        any more.

        Raises TileUnreadable: this tile cannot be had; others of the slide may. Unavailable: too many wait already. What
        ``request`` raises."""
        key = folder, name
        held = self._cache.get(key)
        if held is not None:
            return held
        if self._deaths.refused(folder, name, time.monotonic()):
            raise TileUnreadable
        flight = self._flights.get(key)
        if flight is None:
            flight = self._flights[key] = _Flight()
            flight.task = asyncio.create_task(self._make(flight, folder, name, request, reader), name="make a tile")
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
        if not flight.task.cancelled():
            flight.task.exception()  # whoever waited was told

    async def field(self, folder: str, entry: str, view: View, *, reader: str = "") -> bytes:
        """The JPEG of what ``view`` shows of a slide; the rest as for ``tile``. Raises TileUnreadable; Unavailable."""

        async def request() -> DrawField:
            return DrawField(entry, view)

        return await self._in_turn(folder, "field", request, reader)

    async def make(self, folder: str, name: str, request: TileRequest | DrawPicture, *, reader: str = "") -> bytes:
        """A tile that is kept elsewhere or not at all: nobody else waits for it, and the cache does not hold it. ``name`` and
        ``reader`` as for ``tile``.

        Raises TileUnreadable: this one cannot be had; SlideUnreadable: the slide rests, for it has cost many workers, and
        nothing is known of this tile; Unavailable."""
        async with self._turns.turn(reader):
            if self._deaths.rests(folder, time.monotonic()):
                raise SlideUnreadable
            return await self._asked(folder, name, request)

    async def _make(self, flight: "_Flight", folder: str, name: str, request: Making, reader: str) -> bytes:
        kept = await self._cache.load((folder, name))
        if kept is not None:
            return kept
        made = await self._in_turn(folder, name, request, reader, flight)
        self._cache.put((folder, name), made)
        return made

    async def _in_turn(
        self,
        folder: str,
        name: str,
        request: Callable[[], Awaitable[TileRequest | DrawField | DrawPicture]],
        reader: str,
        flight: "_Flight | None" = None,
    ) -> bytes:
        """What a worker answers, when the turn has come. Files that must be copied from elsewhere first are waited for outside
        the turn: a large slide keeps no worker from the others. Raises TileUnreadable; Unavailable; what ``request`` raises."""
        await self._turns.begin(reader)
        try:
            if flight is not None:
                flight.begun = True
            asked = await request()
            if not self._far(folder, asked):
                return await self._asked(folder, name, asked)
        finally:
            self._turns.end()
        try:
            async with self._storage.fetch(folder), self._turns.turn(reader):
                return await self._asked(folder, name, asked)
        except NotFound:
            raise TileUnreadable from None

    def _far(self, folder: str, request: TileRequest | DrawField | DrawPicture) -> bool:
        """Whether the slide's files must perhaps be copied before this is answered: none of the workers has them."""
        if isinstance(request, WITHOUT_FILES) or not self._storage.copied_apart:
            return False
        return not any(one.folder == folder and one.with_files for one in (*self._busy, *self._idle.values()))

    async def _asked(self, folder: str, name: str, request: TileRequest | DrawField | DrawPicture) -> bytes:
        """What a worker of this slide answers; the caller has its turn. Raises TileUnreadable; Unavailable."""
        if self._deaths.refused(folder, name, time.monotonic()):
            raise TileUnreadable
        try:
            while True:
                with_files = not isinstance(request, WITHOUT_FILES)
                worker = self._idle_for(folder, with_files=with_files) or await self._fresh(folder, with_files)
                used, began = worker.answered > 0, time.monotonic()
                self._busy.add(worker)
                try:
                    return await worker.ask(request, self._tile_seconds)
                except WorkerDied as died:
                    if not used or died.late:  # else it may have died of what it did before: once more, in a new one
                        self._count(folder, name, time.monotonic() - began)
                        raise TileUnreadable from None
                finally:
                    self._busy.discard(worker)
                    if worker.alive and worker.memory <= self._largest:
                        self._idle[id(worker)] = worker
                    else:
                        await worker.end()
        except WorkerDied:  # before it was asked
            raise Unavailable(what="decoder") from None
        except (NotFound, SlideUnreadable):
            raise TileUnreadable from None

    def _count(self, folder: str, name: str, seconds: float) -> None:
        if self._deaths.count(folder, name, seconds, time.monotonic()):
            logger.warning("a slide has cost many workers: it rests (%s)", folder.partition("/")[0])

    async def _fresh(self, folder: str, with_files: bool) -> WorkerProcess:
        """``with_files``: one that sees the slide's files; else one that works for this slide alone on what it is sent."""
        while (retired := self._retired()) is not None:
            await retired.end()
        async with AsyncExitStack() as life:
            path = await life.enter_async_context(self._storage.fetch(folder)) if with_files else None
            worker = await self._shut_in(path, self._tile_seconds)
            worker.life.push_async_callback(life.pop_all().aclose)
        worker.folder, worker.with_files = folder, with_files
        return worker

    def _idle_for(self, folder: str, *, with_files: bool) -> WorkerProcess | None:
        """Take out the idle worker of this slide that was asked last, for its caches are warm. One that sees the files does the
        other work too."""
        for key, worker in reversed(self._idle.items()):
            if worker.folder == folder and worker.with_files >= with_files and worker.alive:
                return self._idle.pop(key)
        return None

    def _retired(self) -> WorkerProcess | None:
        """Take out an idle worker that has died, or the longest idle one when as many are kept as may be."""
        for key, worker in self._idle.items():
            if not worker.alive:
                return self._idle.pop(key)
        return self._idle.popitem(last=False)[1] if len(self._idle) >= self._kept else None

    async def _shut_in(self, folder: Path | None, seconds: float) -> WorkerProcess:
        """A new worker that may open strangers' files in ``folder``. Raises WorkerDied. Unavailable: its sandbox is not had."""
        worker, protections = await self._workers.fresh(folder, seconds)
        lacking = protections.too_few()
        if lacking and self._sandbox_required:
            await worker.end()
            if self._told is None:
                logger.error("no slide is opened: the decoder's sandbox lacks %s (telepath check)", ", ".join(lacking))
        elif self._told is None and protections.missing():
            logger.warning("the decoder's sandbox lacks: %s", ", ".join(protections.missing()))
        self._told = protections
        if lacking and self._sandbox_required:
            raise Unavailable(what="sandbox")
        return worker

    async def protections(self, folder: Path) -> Protections:
        """What a worker shut in with ``folder`` says of its sandbox."""
        try:
            worker, found = await self._workers.fresh(folder, self._tile_seconds)
        except WorkerDied:
            return Protections(limits=False, files=False, network=False, identity=False)
        await worker.end()
        return found

    async def companions(self, path: Path) -> Companions:
        """Which files make the slide that ``path`` names, a file or a folder. Raises SlideUnreadable."""
        is_folder = await asyncio.to_thread(path.is_dir)
        folder, name = (path, "") if is_folder else (path.parent, path.name)
        return await self._about(folder, FindCompanions(name), Companions)

    async def archive(self, path: Path) -> tuple[Member, ...]:
        """The files of a ZIP that holds a slide (archive.py). Raises SlideUnreadable."""
        return await self._about(path.parent, ListArchive(path.name), tuple[Member, ...])

    async def inspect(self, folder: Path, entry: str) -> Inspection:
        """What slide ``entry`` opens, read by a process that sees ``folder`` only. Raises SlideUnreadable."""
        return await self._about(folder, Inspect(entry), Inspection)

    async def plan_copy(self, folder: Path, request: PlanCopy, *, reader: str = "") -> Copy:
        """What may leave of a slide. Raises SlideUnreadable: nothing may, for its files are not understood; Unavailable."""
        return await self._about(folder, request, Copy, reader)

    async def withheld(self, folder: Path, entry: str, name: str, *, reader: str = "") -> bytes:
        """A WebP of a picture that is shown to nobody but those who may see who the patient is. Raises NotFound: there is none;
        SlideUnreadable; Unavailable."""
        async with self._turns.turn(reader), self._alone(folder, INSPECTION_SECONDS) as worker:
            try:
                picture = await worker.ask(ShowCompanion(entry, name), INSPECTION_SECONDS)
            except WorkerDied:
                raise SlideUnreadable from None
        if not picture:
            raise NotFound
        return picture

    async def pages(self, data: bytes, *, reader: str = "") -> Pages:
        """The pictures of an attachment, drawn by a process that sees no folder at all. Raises AttachmentUnreadable;
        Unavailable: too many wait already."""
        async with self._turns.turn(reader), self._alone(None, ATTACHMENT_SECONDS) as worker:
            try:
                return msgspec.msgpack.decode(await worker.ask(DrawPages(data), ATTACHMENT_SECONDS), type=Pages)
            except WorkerDied:  # out of time or memory
                raise AttachmentUnreadable("error-attachment-too-heavy", field="file") from None
            except (msgspec.DecodeError, UnicodeDecodeError):
                raise AttachmentUnreadable(field="file") from None
            except SlideUnreadable as error:
                raise AttachmentUnreadable(field="file") from error

    async def _about(self, folder: Path, request: Request, kind: type[_Answer], reader: str = "") -> _Answer:
        async with self._turns.turn(reader), self._alone(folder, INSPECTION_SECONDS) as worker:
            try:
                return msgspec.msgpack.decode(await worker.ask(request, INSPECTION_SECONDS), type=kind)
            except (WorkerDied, msgspec.DecodeError, UnicodeDecodeError):
                raise SlideUnreadable from None
            except TileUnreadable as error:
                raise SlideUnreadable from error

    @asynccontextmanager
    async def _alone(self, folder: Path | None, seconds: float) -> AsyncIterator[WorkerProcess]:
        """Raises Unavailable."""
        try:
            worker = await self._shut_in(folder, seconds)
        except WorkerDied:
            raise Unavailable(what="decoder") from None
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
