"""Makes the coarse levels that slides lack, one slide after the other, beside all else that a node does."""

import asyncio
import logging
from contextlib import suppress
from datetime import datetime, timedelta
from types import TracebackType
from typing import Final, Self

import msgspec
from sqlalchemy import ColumnElement, delete, select, update

from telepath.actor import SYSTEM
from telepath.background import Background
from telepath.db.database import Database
from telepath.db.schema.slides import pyramid_work, slide
from telepath.db.transaction import Reader, Transaction
from telepath.errors import TelepathError, Unavailable
from telepath.slides import built_levels, missing_levels
from telepath.slides.catalogue import Slide
from telepath.slides.decoder_pool import DecoderPool
from telepath.storage import Storage

LOOK_EVERY: Final = 5.0
"""Seconds."""
LEASE: Final = timedelta(seconds=60)
TOLD_EVERY: Final = 2.0
"""Seconds between two notes of how far it is."""
ATTEMPTS: Final = 3
RETRY: Final = timedelta(minutes=1)

log = logging.getLogger("telepath.slides")


class Progress(msgspec.Struct, frozen=True):
    """``done`` of ``total`` tiles. ``failed``: nobody tries any more."""

    done: int
    total: int
    failed: bool


async def want(tx: Transaction, made: Slide) -> None:
    """Let the levels be made that the slide lacks, if any. In the transaction that registers it. Raises SlideForbidden: too
    many."""
    total = missing_levels.to_build(made.pyramid.levels, made.planes * max(1, len(made.channels)))
    if total:
        await tx.insert(pyramid_work, slide_id=made.id, done=0, total=total, attempts=0, due_at=tx.now)


async def want_anew(tx: Transaction, slide: Slide) -> None:
    """As ``want``, for a slide that is another now than when they were made."""
    await tx.execute(delete(pyramid_work).where(pyramid_work.c.slide_id == slide.id))
    await want(tx, slide)


async def progress(reader: Reader, slide_id: str) -> Progress | None:
    """None: nothing is left to be made."""
    row = await reader.first(select(pyramid_work).where(pyramid_work.c.slide_id == slide_id))
    return Progress(row["done"], row["total"], row["attempts"] >= ATTEMPTS) if row is not None else None


class PyramidBuilder:
    """``async with`` starts and stops it. Every node has one; each slide is taken by one of them."""

    def __init__(
        self, db: Database, storage: Storage, decoders: DecoderPool, *, look_every: float = LOOK_EVERY
    ) -> None:
        self._db = db
        self._storage = storage
        self._decoders = decoders
        self._look_every = look_every
        self._background = Background()

    async def __aenter__(self) -> Self:
        self._background.start(self._repeat(), "make the coarse levels of slides")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._background.stop()

    async def _repeat(self) -> None:
        while True:
            try:
                more = await self.build_one()
            except Unavailable:
                more = False  # the database or the storage; said where it is asked
            except Exception:
                log.exception("coarse levels could not be made")
                more = False
            if not more:
                await asyncio.sleep(self._look_every)

    async def build_one(self) -> bool:
        """Make the levels of a slide that nobody is at; whether there was one. Raises Unavailable."""
        claim = await self._claim()
        if claim is None:
            return False
        slide_id = claim.slide_id
        try:
            if claim.folder:
                await self._build(claim)
        except Exception as error:
            # What does not answer now will answer later; what a slide makes fail is not tried for ever.
            await self._failed(claim, counts=not isinstance(error, Unavailable))
            raise
        async with self._db.write(
            SYSTEM, unaudited="nothing of a slide is changed by showing it from further away"
        ) as tx:
            there = await tx.scalar(select(slide.c.folder).where(slide.c.id == slide_id))
            if there:
                await tx.execute(delete(pyramid_work).where(claim.ours))
        if not there:
            await self._clear(slide_id)
        return True

    async def _build(self, claim: "_Claim") -> None:
        """Until they are there, the slide is erased, or another node is at it."""
        done = 0

        def tell(made: int) -> None:
            nonlocal done
            done = made

        async def still_ours() -> bool:
            async with claim.renewing:
                return await self._note(claim, done)

        work = asyncio.create_task(
            built_levels.build(self._storage, self._decoders, claim.folder, tell, still_ours), name="make coarse levels"
        )
        try:
            while not (await asyncio.wait({work}, timeout=TOLD_EVERY))[0]:
                if not await still_ours():
                    return
            work.result()
        except built_levels.Lost:
            return
        except TelepathError:
            async with self._db.read() as reader:
                if await reader.scalar(select(slide.c.folder).where(slide.c.id == claim.slide_id)):
                    raise  # else it was erased meanwhile
        finally:
            work.cancel()
            with suppress(TelepathError, built_levels.Lost, asyncio.CancelledError):
                await work

    async def _clear(self, slide_id: str) -> None:
        """Of an erased slide nothing stays, whatever was made of it while it was erased. Raises Unavailable: its row stays, and
        it is tried again."""
        await self._storage.delete(slide_id)
        async with self._db.write(SYSTEM, unaudited="the erasure was recorded; this is of it") as tx:
            await tx.execute(delete(pyramid_work).where(pyramid_work.c.slide_id == slide_id))

    async def _claim(self) -> "_Claim | None":
        async with self._db.write(SYSTEM, unaudited="who is at which work is no event") as tx:
            row = await tx.first(
                select(pyramid_work.c.slide_id, pyramid_work.c.due_at, slide.c.folder)
                .join(slide, slide.c.id == pyramid_work.c.slide_id)
                .where(pyramid_work.c.due_at <= tx.now, pyramid_work.c.attempts < ATTEMPTS)
                .order_by(pyramid_work.c.due_at)
                .limit(1)
            )
            if row is None:
                return None
            claim = _Claim(row["slide_id"], row["folder"], row["due_at"])
            until = tx.now + LEASE
            taken = await tx.execute(update(pyramid_work).where(claim.ours).values(due_at=until))
            claim.until = until
            return claim if taken.rowcount == 1 else None

    async def _note(self, claim: "_Claim", done: int) -> bool:
        """Whether there is still something to work for: the slide was not erased, and no other node has taken it."""
        async with self._db.write(SYSTEM, unaudited="how far a work is is no event") as tx:
            until = tx.now + LEASE
            noted = await tx.execute(update(pyramid_work).where(claim.ours).values(done=done, due_at=until))
            there = await tx.scalar(select(slide.c.folder).where(slide.c.id == claim.slide_id))
        if noted.rowcount == 1:
            claim.until = until
        return bool(there) and noted.rowcount == 1

    async def _failed(self, claim: "_Claim", *, counts: bool) -> None:
        with suppress(Unavailable):
            async with self._db.write(SYSTEM, unaudited="a work that failed is tried again") as tx:
                again = {"attempts": pyramid_work.c.attempts + int(counts), "due_at": tx.now + RETRY, "done": 0}
                await tx.execute(update(pyramid_work).where(claim.ours).values(again))


class _Claim:
    """A slide that is ours, until another node finds ``until`` gone by. ``folder`` is empty when the slide was erased."""

    def __init__(self, slide_id: str, folder: str, until: datetime) -> None:
        self.slide_id = slide_id
        self.folder = folder
        self.until = until
        self.renewing = asyncio.Lock()

    @property
    def ours(self) -> ColumnElement[bool]:
        """Of its row, while nobody else has put ``due_at`` ahead."""
        return (pyramid_work.c.slide_id == self.slide_id) & (pyramid_work.c.due_at == self.until)
