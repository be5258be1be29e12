"""What a killed ingest leaves in storage, and its removal.

An ingest keeps a mark in storage from before its first byte until the database has answered. When it is killed, mark and
files stay. An erasure marks in the same way what it is about to remove. Only what bears a mark is ever removed: with another
database in front of the storage, or one that was brought back from an older copy, slides that no row names are still slides.
"""

import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Final

from sqlalchemy import select, union_all

from telepath.db.database import Database
from telepath.db.schema.cases import attachment, held_slide
from telepath.db.schema.slides import slide
from telepath.errors import NotFound, TelepathError, Unavailable
from telepath.ids import LENGTH, is_id, made_at
from telepath.storage import Storage

MARKS: Final = "adding"
"""The folder of the marks, each named after its slide or attachment; no identifier, so no slide's folder."""
LEFT_ALONE: Final = timedelta(days=1)
"""Another node may still be adding what is younger."""
LONGEST: Final = LEFT_ALONE / 2
"""An ingest that takes longer registers nothing: a node whose clock is ahead might take its files for leftovers."""

logger = logging.getLogger(__name__)


async def mark(storage: Storage, slide_id: str, by: str = "") -> None:
    """Say that this slide is being added, before its first byte. ``by``: an identifier that was made for this, where the slide
    has its own since long. Raises Unavailable."""

    async def once() -> AsyncIterator[bytes]:
        yield by.encode()

    await storage.put_stream(_mark(slide_id), once())


async def marked_by(storage: Storage, slide_id: str) -> str | None:
    """What ``mark`` was given last; None: it is not being added. Raises Unavailable."""
    try:
        return (await storage.read(_mark(slide_id), 0, LENGTH)).decode("ascii", "replace")
    except NotFound:
        return None


async def unmark(storage: Storage, slide_id: str) -> None:
    """Say that the slide is registered, or that nothing of it is left. Raises Unavailable."""
    await storage.delete(_mark(slide_id))


async def remove(db: Database, storage: Storage) -> int:
    """Remove what ingests left that were killed over a day ago; returns of how many. What cannot be removed waits for the
    next time: only the log tells."""
    removed = 0
    try:
        for slide_id in await storage.names(MARKS):
            if not is_id(slide_id):
                continue
            by = await marked_by(storage, slide_id) or ""
            if made_at(by if is_id(by) else slide_id) > (db.clock() - LEFT_ALONE).timestamp() * 1000:
                continue
            async with db.read() as reader:
                registered = await reader.scalar(
                    union_all(
                        *(
                            select(table.c.id).where(table.c.id == slide_id, table.c.folder != "")
                            for table in (slide, held_slide, attachment)
                        )
                    )
                )
            if registered is None:
                await storage.delete(slide_id)
                removed += 1
            await unmark(storage, slide_id)
    except TelepathError as error:
        logger.warning("what killed ingests left could not be removed: %s", error.code)
    if removed:
        logger.info("removed what %s killed ingests had left", removed)
    return removed


def check_time(taken: timedelta) -> None:
    """Raises Unavailable: the ingest took too long to be registered safely."""
    if taken > LONGEST:
        raise Unavailable(what="storage")


def _mark(slide_id: str) -> str:
    return f"{MARKS}/{slide_id}"
