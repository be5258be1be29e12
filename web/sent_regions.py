"""Has recorded which regions of slides were sent to whom: one transaction, with one record for each view, every half minute.

Between two of them the counts are in memory: a node that is killed loses at most those of EVERY seconds. That the slide was
opened was recorded before its first byte (telepath/slides/views.py)."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from types import TracebackType
from typing import Any, Final, Self

import msgspec
from sqlalchemy import select
from starlette.types import Scope

from auth import repository as sessions
from telepath.access import Action, Allowed, ObjectRef
from telepath.actor import Actor, Origin
from telepath.background import Background
from telepath.db.database import Database
from telepath.db.schema.slides import slide_view
from telepath.db.transaction import Reader, Transaction
from telepath.slides import catalogue
from telepath.slides.catalogue import Slide
from telepath.slides.regions import Book, Key, Sent
from telepath.slides.views import View

EVERY: Final = 30.0
"""Seconds between two records of a view that goes on."""
RETRY: Final = 5.0
LATE: Final = 60.0
"""Seconds that a count may wait for its record: no tile is sent while one has waited longer."""
VIEWS: Final = 10_000
"""Views, and places that they are seen from, counted at once."""
AT_ONCE: Final = 500

AskedFrom = tuple[str, bytes, bytes]
"""What a request says of where it comes from: who is connected, X-Forwarded-For, User-Agent."""

log = logging.getLogger("telepath.audit")


class Known(msgspec.Struct, frozen=True):
    """What the records say of the views: the rows themselves, who looked, and at what."""

    views: dict[str, View]
    actors: dict[str, Actor]
    """By view."""
    slides: dict[str, Slide]


class SentRegions:
    """``async with`` has what was counted recorded, and the rest at the end. ``of`` is called for each tile."""

    def __init__(
        self,
        db: Database,
        origin_of: Callable[[Scope], Origin],
        clock: Callable[[], float],
        monotonic: Callable[[], float],
    ) -> None:
        self._db = db
        self._origin_of = origin_of
        self._clock = clock
        self._monotonic = monotonic
        self._book = Book(VIEWS)
        self._found: dict[tuple[str, AskedFrom], Sent] = {}
        """The book by what a request says, so that a tile costs one look."""
        self._since: float | None = None
        """When the oldest count was made that nobody has begun to record; None: there is none."""
        self._writing_since: float | None = None
        """The same of those that are being recorded."""
        self._wake = asyncio.Event()
        self._turn = asyncio.Lock()
        self._background = Background()

    async def __aenter__(self) -> Self:
        self._background.start(self._run(), "record which regions were sent")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._background.stop()
        if not await self.write():
            log.error("which regions were sent to %d views is not recorded", len(self._book))

    def overdue(self, now: float) -> bool:
        """Whether a count has waited too long for its record: then nothing more may be sent. ``now``: monotonic s."""
        waits = self._writing_since if self._writing_since is not None else self._since
        return waits is not None and now - waits > LATE

    def of(self, view_id: str, asked_from: AskedFrom, scope: Scope, slide_id: str) -> Sent | None:
        """Where to count, at once, a tile that is about to be sent or was refused. None: there is no room; send nothing."""
        found = self._found.get((view_id, asked_from))
        return found if found is not None else self._find(view_id, asked_from, scope, slide_id)

    def _find(self, view_id: str, asked_from: AskedFrom, scope: Scope, slide_id: str) -> Sent | None:
        entry = self._book.entry(view_id, self._origin_of(scope), slide_id, self._clock())
        if entry is None:
            self._wake.set()
            return None
        if self._since is None:
            self._since = self._monotonic()
        if len(self._found) >= VIEWS:
            self._found.clear()
        self._found[view_id, asked_from] = entry
        return entry

    def revoked(self, views: Iterable[str]) -> None:
        """Record now what these were sent."""
        if not self._book.views.isdisjoint(views):
            self._wake.set()

    async def write(self) -> bool:
        """Record what was counted. False: the database does not take it; it is kept, and tried again."""
        async with self._turn:
            book, self._book = self._book, Book(VIEWS)
            self._found.clear()
            self._writing_since, self._since = self._since, None
            try:
                if len(book):
                    await self._record(book)
            except BaseException as error:
                self._book.take_back(book)
                self._found.clear()
                self._since = self._writing_since
                if not isinstance(error, Exception):
                    raise
                log.exception("which regions were sent cannot be recorded; no tile is sent when this lasts")
                return False
            finally:
                self._writing_since = None
            return True

    async def _run(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(EVERY):
                    await self._wake.wait()
            self._wake.clear()
            if not await self.write():
                await asyncio.sleep(RETRY)
                self._wake.set()

    async def _record(self, book: Book) -> None:
        async with self._db.read() as reader:
            known = await _known(reader, book)
        async with self._db.write(_unknown("", "")) as tx:
            for key, sent in book:
                await _recorded(tx, key, sent, known)


async def _known(reader: Reader, book: Book) -> Known:
    wanted = sorted(book.views)
    views: dict[str, View] = {}
    for start in range(0, len(wanted), AT_ONCE):
        for row in await reader.all(select(slide_view).where(slide_view.c.id.in_(wanted[start : start + AT_ONCE]))):
            views[row["id"]] = View(**dict(row))
    owners: dict[str, Actor] = {}
    for session_id in sorted({view.session_id for view in views.values()}):
        found = await sessions.owner(reader, session_id)
        if found is not None:
            owners[session_id] = found[1]
    actors = {
        key: owners.get(view.session_id) or _unknown(view.person_id, view.session_id) for key, view in views.items()
    }
    return Known(views, actors, await catalogue.by_id(reader, {sent.slide_id for _, sent in book}))


async def _recorded(tx: Transaction, key: Key, sent: Sent, known: Known) -> None:
    view_id, origin = key
    view, slide = known.views.get(view_id), known.slides.get(sent.slide_id)
    actor = known.actors.get(view_id) or _unknown("", "")
    tx.actor = msgspec.structs.replace(actor, address=origin.address, device=origin.device)
    thing = slide.ref if slide is not None else ObjectRef("slide", sent.slide_id, "")
    why = Allowed(view.because, view.because_id) if view is not None else None
    if sent.tiles or sent.kept:
        kind = "slide.warmed-regions" if view is not None and view.warming else "slide.regions"
        told = sent.told(slide.pyramid.levels if slide is not None else ())
        await tx.audit(kind, thing, because=why, view=view_id, **told)
    if sent.refused:
        asked: dict[str, Any] = {
            "action": Action.SLIDE_VIEW.value,
            "reason": "withdrawn",
            "times": sent.refused,
        } | sent.times()
        await tx.audit("access.refused", thing, outcome="refused", view=view_id, **asked)


def _unknown(person_id: str, session_id: str) -> Actor:
    """Somebody of whom no session is kept."""
    return Actor(person_id=person_id, name="", institution_id="", session_id=session_id)
