"""Slides that another instance had registered: copied under the identifiers that they have, and read anew in the sandbox.

Nothing that an archive says of how a slide is read is believed: index, thumbnail and sizes are made here, as for any slide."""

from collections.abc import AsyncIterable, AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

import msgspec
from sqlalchemy import select

from telepath.db.database import Database
from telepath.db.schema.cases import attachment, held_slide
from telepath.db.schema.slides import slide
from telepath.errors import Conflict, SlideForbidden, SlideUnsupported, TelepathError
from telepath.ids import make_id
from telepath.slides import catalogue, deidentified, label_check, leftovers
from telepath.slides.decoder_pool import DecoderPool
from telepath.slides.label_check import Expected, Known
from telepath.slides.messages import Inspection
from telepath.storage import Storage

NOBODY: Final = Known((), {})


class Coming:
    """Folders that are being filled, each under the identifier of its slide or attachment."""

    def __init__(self, db: Database, storage: Storage) -> None:
        self.storage = storage
        self._db = db
        self._began = db.clock()
        self._by = make_id(int(self._began.timestamp() * 1000), db.random(10))
        self._folders: list[str] = []

    async def begin(self, folder: str) -> None:
        """Before its first byte. Raises Conflict: somebody else fills it now, or was killed while they did; Unavailable."""
        if await leftovers.marked_by(self.storage, folder) is not None:
            raise Conflict("error-archive-under-way")
        self._folders.append(folder)
        await leftovers.mark(self.storage, folder, self._by)

    async def check(self) -> None:
        """Right before the commit. Raises Conflict, as ``begin``; Unavailable: it took too long to be registered safely."""
        leftovers.check_time(self._db.clock() - self._began)
        if not all([await self._ours(folder) for folder in self._folders]):
            raise Conflict("error-archive-under-way")

    async def over(self) -> None:
        """Keep what is registered; of the rest nothing is left, unless somebody else fills it. Raises Unavailable."""
        for folder in self._folders:
            if await self._ours(folder):
                if not await self._registered(folder):
                    await self.storage.delete(folder)
                await leftovers.unmark(self.storage, folder)

    async def _ours(self, folder: str) -> bool:
        return await leftovers.marked_by(self.storage, folder) == self._by

    async def _registered(self, folder: str) -> bool:
        async with self._db.read() as reader:
            found = [
                await reader.scalar(select(table.c.id).where(table.c.id == folder))
                for table in (slide, held_slide, attachment)
            ]
        return any(found)


@asynccontextmanager
async def coming(db: Database, storage: Storage) -> AsyncIterator[Coming]:
    """Nothing is left behind of what was not registered when the block ends."""
    made = Coming(db, storage)
    try:
        yield made
    finally:
        with suppress(TelepathError):  # the first error is the one to tell
            await made.over()


async def bring(
    came: Coming, decoders: DecoderPool, slide_id: str, entry: str, files: Mapping[str, AsyncIterable[bytes]]
) -> Inspection:
    """Copy a slide's files, by their names in its folder, and read it. Raises SlideUnreadable: it is no slide that we can show;
    Conflict, Unavailable."""
    if entry not in files:
        raise SlideUnsupported
    await came.begin(slide_id)
    storage, folder = came.storage, catalogue.files_key(slide_id)
    async with storage.arriving(folder, 0) as coming:
        for name, chunks in files.items():
            await coming.put(name, chunks)
        needed = await decoders.companions(coming.path / entry)
        if needed.entry != entry or {name for pair in needed.files for name in pair} != set(files):
            raise SlideForbidden("error-slide-file-name")
        found = await decoders.inspect(coming.path, entry)
        await coming.keep()
    await storage.put_stream(catalogue.index_key(slide_id), once(found.index))
    await storage.put_stream(deidentified.key(slide_id), once(deidentified.written(found.identifying)))
    if found.thumbnail is not None:
        await storage.put_stream(catalogue.thumbnail_key(slide_id), once(found.thumbnail))
    if found.lut:
        await storage.put_stream(catalogue.lut_key(slide_id), once(found.lut))
    return found


def facts(found: Inspection) -> dict[str, Any]:
    """What was read of a slide, as columns."""
    return {
        "format": found.vendor,
        "source": found.source.value,
        "mpp": found.mpp,
        "mpp_read": found.mpp,
        "mpp_offered": found.mpp_offered,
        "objective": found.objective,
        "levels": msgspec.json.encode(found.pyramid.levels).decode(),
        "channels": msgspec.json.encode(found.channels).decode(),
        "planes": found.planes,
        "plane_spacing": found.plane_spacing,
        "background": found.background,
        "profile": msgspec.json.encode(found.profile).decode(),
    }


def check_label(found: Inspection, expected: Expected) -> None:
    """Raises SlideForbidden: the slide's own label names another case; it may be another patient's."""
    if label_check.check(found.marks, expected, NOBODY).problems:
        raise SlideForbidden("error-archive-label")


async def once(data: bytes) -> AsyncIterator[bytes]:
    yield data
