"""What was sent whole is taken in, beside the service's other work: each upload once, on whichever node is there.

A node holds the lock of what it is at (parts.py). When it is killed the lock is gone with it, and the next look, here or on
another node, takes the upload up again: what had not been registered had left nothing, and what had been registered was written
down in the same transaction."""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from telepath import directory, grants, standing
from telepath.access import Action, ObjectRef
from telepath.actor import SYSTEM, Actor
from telepath.background import Background
from telepath.db.database import Database
from telepath.db.transaction import Reader, Transaction
from telepath.errors import (
    Conflict,
    Invalid,
    NotFound,
    Refused,
    SlideHeld,
    SlideUnreadable,
    TelepathError,
    UploadRefused,
)
from telepath.slides import ingest
from telepath.slides.catalogue import Slide
from telepath.slides.decoder_pool import DecoderPool
from telepath.slides.held import Share
from telepath.slides.label_check import Checked
from telepath.storage import Storage
from telepath.uploads import decisions, unpacking
from telepath.uploads.manifest import Act
from telepath.uploads.parts import Parts
from telepath.uploads.rows import Upload

LOOK: Final = 5.0
"""Seconds between two looks for what other nodes left; what is committed here is taken up at once."""
SWEEP: Final = 720
"""Looks between two removals of what nobody goes on with: an hour."""
RETRY: Final = 60.0
"""Seconds until what could not be taken in is tried again: each time all of its bytes are copied, perhaps to a full disk."""
LAST: Final = (SlideUnreadable, Invalid, NotFound, Conflict)
"""After these the same files would be refused again."""

log = logging.getLogger("telepath.uploads")


class Intake:
    """``async with``: works until its end; what it is at then is taken up again by the next."""

    def __init__(
        self,
        db: Database,
        storage: Storage,
        decoders: DecoderPool,
        parts: Parts,
        share: Share,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.db, self.storage, self.decoders, self.parts, self.share = db, storage, decoders, parts, share
        self._monotonic = monotonic
        self._rests: dict[str, float] = {}
        """Until when those rest that could not be taken in."""
        self._committed = asyncio.Event()
        self._background = Background()

    async def __aenter__(self) -> Self:
        self._background.start(self._run(), "uploads are taken in")
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        await self._background.stop()

    def wake(self) -> None:
        """Something was committed."""
        self._committed.set()

    async def _run(self) -> None:
        looks = 0
        while True:
            self._committed.clear()
            try:
                if looks % SWEEP == 0:
                    await decisions.sweep(self.db, self.parts)
                looks += 1
                await self.look()
            except TelepathError as error:
                log.warning("uploads wait: %s", error.code)
            except Exception:
                log.exception("uploads wait")
            with suppress(TimeoutError):
                await asyncio.wait_for(self._committed.wait(), LOOK)

    async def look(self) -> int:
        """Take in what waits and nobody is at; returns how many were decided. Raises Unavailable."""
        async with self.db.read() as reader:
            found = await decisions.waiting(reader)
        now = self._monotonic()
        self._rests = {key: until for key, until in self._rests.items() if until > now}
        return sum([await self._one(upload.id) for upload in found if upload.id not in self._rests])

    async def _one(self, upload_id: str) -> bool:
        try:
            async with self.parts.alone(upload_id):
                taken = await decisions.taken(self.db, upload_id)
                if taken is None:
                    return False
                decided = await self._take_in(taken)
        except UploadRefused as error:
            if error.status == 410:
                await self._lost(upload_id)
                return True
            return False  # another node is at it
        if decided:
            await self.parts.remove(upload_id)
        return decided

    async def _take_in(self, taken: Upload) -> bool:
        """Whether it is decided now."""
        case = ObjectRef("case", taken.case_id, taken.institution_id)
        actor = await self._sender(taken)

        async def noted(tx: Transaction, slide: Slide, checked: Checked) -> None:
            await self._still_may(tx, actor, case)
            if checked.problems:
                first = checked.problems[0]
                params = {"kind": first.kind, "expected": first.expected, "found": first.found}
                await decisions.decide(tx, taken, Act.HOLD, reason=SlideHeld.code, params=params, slide_id=slide.id)
                return
            others = await decisions.twins(tx, slide.institution_id, slide.case_id, slide.digest)
            known = {"number": others[0], "count": len(others)} if others else {}
            reason = "uploads-twin" if others else ""
            await decisions.decide(tx, taken, Act.REGISTER, reason=reason, params=known, slide_id=slide.id)

        try:
            async with self.db.read() as reader:
                await self._still_may(reader, actor, case)
            path, digests = await self._opened(taken, actor, case)
            await ingest.add(
                self.db,
                self.storage,
                self.decoders,
                actor,
                path,
                case_id=taken.case_id,
                institution_id=taken.institution_id,
                specimen_id=taken.specimen_id,
                label=taken.label,
                stain=taken.stain,
                block=taken.block,
                section=taken.section,
                share=self.share,
                noted=noted,
                once=True,
                digests=digests,
            )
        except SlideHeld:
            return True  # and written down
        except Refused as error:
            await self.db.refusals.record(actor, "access.refused", case, action=error.action, reason=error.reason)
            return await self._refused(taken, NotFound("error-upload-right"))
        except LAST as error:
            return await self._refused(taken, error)
        except TelepathError as error:
            log.warning("an upload waits: %s", error.code)
            self._rests[taken.id] = self._monotonic() + RETRY
            await self._decided(taken, Act.RETURN)
            return False
        except Exception:
            log.exception("an upload could not be taken in")
            return await self._refused(taken, TelepathError())
        return True

    async def _opened(self, taken: Upload, actor: Actor, case: ObjectRef) -> tuple[Path, dict[str, str]]:
        """What ingest.add takes: the slide, unpacked when it came in a ZIP, and the SHA-256 of its files. Raises as
        unpacking.unpack; audited as ``slide.refused``."""
        folder = self.parts.folder(taken.id)
        path = folder / taken.entry if taken.entry else folder
        if path.suffix != unpacking.SUFFIX:
            return path, {file.stored: file.digest for file in taken.files}
        try:
            return await unpacking.unpack(self.decoders, path, folder.parent / "unpacked"), {}
        except (SlideUnreadable, Invalid) as error:
            async with self.db.write(actor) as tx:
                await tx.audit("slide.refused", case, case_id=case.id, outcome="failure", reason=error.code)
            raise

    async def _sender(self, taken: Upload) -> Actor:
        async with self.db.read() as reader:
            people = await directory.people(reader, [taken.sent_by])
        name = people[taken.sent_by].name if taken.sent_by in people else ""
        return Actor(person_id=taken.sent_by, name=name, institution_id=taken.sent_from)

    async def _still_may(self, reader: Reader, actor: Actor, case: ObjectRef) -> None:
        """What was sent may wait for hours. Raises Refused: its sender may add nothing to the case any more."""
        now = await standing.without_session(reader, actor)
        if now is None:
            raise Refused(Action.CASE_EDIT, case.kind, case.id, "suspended", case.institution_id)
        await grants.require(reader, now, Action.CASE_EDIT, case)

    async def _refused(self, taken: Upload, error: TelepathError) -> bool:
        return await self._decided(taken, Act.REFUSE, error.code, error.params)

    async def _decided(
        self, taken: Upload, act: Act, reason: str = "", params: "dict[str, str | int | float] | None" = None
    ) -> bool:
        why = "the ingest recorded why it is refused; what waits is of no case yet"
        with suppress(Conflict):  # it was erased meanwhile
            async with self.db.write(SYSTEM, unaudited=why) as tx:
                await decisions.decide(tx, taken, act, reason=reason, params=params or {})
        return True

    async def _lost(self, upload_id: str) -> None:
        taken = await decisions.taken(self.db, upload_id)
        if taken is not None:
            await self._decided(taken, Act.REFUSE, "error-upload-lost")
