"""Erases what is held of one patient, for good: the rows, the files, and the key under which the audit keeps the rest.

What stays is what the audit and other people's lists need to stand: rows with identifiers, times and codes, emptied of all that
was typed or recorded about the patient. A test walks the whole schema: each column that can hold a text is named here, or there
with the reason why it holds nothing of a patient.

Nobody but the role that owns the tables may do this in PostgreSQL (telepath/db/roles.py): no node of the service can."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Collection, Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Select, Table, delete, func, or_, select, update

from telepath.access import ObjectRef
from telepath.actor import Actor, Subject
from telepath.cases import patients
from telepath.cases.wording import plain
from telepath.db import remains
from telepath.db.database import Database
from telepath.db.schema.cases import (
    annotation,
    attachment,
    case,
    case_view,
    held_slide,
    key_region,
    patient,
    specimen,
    thread_line,
)
from telepath.db.schema.consults import (
    concordance,
    consult,
    consult_view,
    incident,
    material_request,
    offer,
    opinion,
    opinion_signature,
    outcome,
    reading,
)
from telepath.db.schema.directory import institution
from telepath.db.schema.grants import grants
from telepath.db.schema.links import break_glass
from telepath.db.schema.notices import notice
from telepath.db.schema.outbox import outbox
from telepath.db.schema.rooms import room, room_fact, room_visit
from telepath.db.schema.slides import slide, slide_view
from telepath.db.schema.uploads import upload, upload_file
from telepath.db.transaction import Reader, Transaction
from telepath.errors import Invalid, NotFound, TelepathError
from telepath.slides import leftovers
from telepath.storage import Storage

MOTIVE_LIMIT: Final = 500
ATTEMPTS: Final = 3
PAUSE: Final = 0.5
"""Seconds between two attempts to remove a slide's files."""

EMPTIED: Final[dict[Table, dict[str, Any]]] = {
    case: {
        "title": "",
        "clinical_context": "",
        "organ": "other",
        "patient_id": None,
        "proposed_diagnosis": "",
        "gross_description": "",
        "codings": [],
        "circumstances": [],
    },
    break_glass: {"reason": "", "review_note": ""},
    slide: {
        "specimen_id": None,
        "label": "",
        "stain": "",
        "block": "",
        "folder": "",
        "entry": "",
        "format": "",
        "levels": "[]",
        "channels": "[]",
        "profile": "{}",
        "digest": "",
        "section": "",
        "label_check": "",
    },
    consult: {
        "question": "",
        "clinical_context": "",
        "organ": "other",
        "network": "",
        "trigger": None,
        "first_diagnosis": "",
        "adoption_reason": "",
    },
    offer: {"reasons": [], "decline_reason": ""},
    reading: {"draft": {}, "committed": None},
    opinion: {"content": {}},
    opinion_signature: {"shown": None},
    concordance: {"comment": ""},
    material_request: {"text": "", "answer_text": ""},
    incident: {"text": ""},
    outcome: {"text": ""},
}
"""Rows that stay, and what is written over their columns. The number of a case becomes its identifier; ``folder`` is empty:
there are no files, and nobody finds the slide (telepath/slides/catalogue.py)."""
REMOVED: Final = (
    case_view,
    specimen,
    thread_line,
    annotation,
    attachment,
    held_slide,
    key_region,
    consult_view,
    room_fact,
    room_visit,
    room,
    upload_file,
    upload,
)
"""Rows that go, and the patient's with their last case. Of outbox those that tell of the case; a notice that does forgets of
which."""
TOUCHED: Final = (*EMPTIED, *REMOVED, patient, notice, outbox)


class Reason(StrEnum):
    """Why somebody is erased. Worded as ``audit-reason-<reason>``."""

    RIGHT = "right-to-erasure"
    """GDPR, article 17. 17(3)(c) rules it out for many medical records: a lawyer decides, not the service."""
    COURT = "court-order"
    RETENTION = "retention-over"
    MISTAKE = "entered-by-mistake"


class Erasure(msgspec.Struct, frozen=True):
    """That somebody was erased: what has to be known outside the database, so that no older copy of it brings them back."""

    subject: Subject
    reason: Reason
    at: datetime


class Contents(msgspec.Struct, frozen=True):
    """What there is of a case."""

    slides: int
    specimens: int
    annotations: int
    lines: int
    consults: int
    opinions: int
    """Signed ones: parts of a medical record."""
    rooms: int


class Erased(msgspec.Struct, frozen=True, kw_only=True):
    """What is gone. ``leftovers``: slides whose files could not be removed yet; the next start of a node tries again.
    ``wiped``: nothing remains in the database's own files, as far as we rule over them."""

    contents: Contents
    leftovers: tuple[str, ...]
    wiped: bool


Listed = Callable[[Erasure], Awaitable[None]]
"""Notes the erasure where it survives the database, before it is committed. Raises Unavailable: then nothing is erased."""


async def find(reader: Reader, finess: str, number: str) -> tuple[str, Contents]:
    """The case with this number in this institution. Raises NotFound."""
    found = await reader.scalar(
        select(case.c.id)
        .join(institution, institution.c.id == case.c.institution_id)
        .where(institution.c.finess == finess, case.c.number == number, case.c.erased_at.is_(None))
    )
    if found is None:
        raise NotFound("error-case-unknown", number=number, institution=finess)
    return found, await contents(reader, found)


async def contents(reader: Reader, case_id: str) -> Contents:
    consults = select(consult.c.id).where(consult.c.case_id == case_id)

    async def count(table: Table, which: ColumnElement[bool]) -> int:
        return int(await reader.scalar(select(func.count()).select_from(table).where(which)))

    return Contents(
        slides=await count(slide, (slide.c.case_id == case_id) & (slide.c.folder != "")),
        specimens=await count(specimen, specimen.c.case_id == case_id),
        annotations=await count(annotation, annotation.c.case_id == case_id),
        lines=await count(thread_line, thread_line.c.case_id == case_id),
        consults=await count(consult, consult.c.case_id == case_id),
        opinions=await count(opinion, opinion.c.consult_id.in_(consults)),
        rooms=await count(room, room.c.case_id == case_id),
    )


async def living(reader: Reader, case_ids: Collection[str]) -> set[str]:
    """Those of these cases that are there and not erased."""
    rows = await reader.all(select(case.c.id).where(case.c.id.in_(case_ids), case.c.erased_at.is_(None)))
    return {row["id"] for row in rows}


def motive(text: str, unspoken: Iterable[str] = ()) -> str:
    """``text`` as it may be kept. Raises Invalid: empty, or it says something that is to be erased (``unspoken``); TooLarge."""
    text = plain(text, field="--motive", limit=MOTIVE_LIMIT)
    if not text:
        raise Invalid("error-text-missing", field="--motive")
    if any(word and re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE) for word in unspoken):
        raise Invalid("error-erase-motive")
    return text


async def erase_case(
    db: Database,
    storage: Storage,
    actor: Actor,
    case_id: str,
    reason: Reason,
    why: str,
    listed: Listed,
    *,
    anew: bool = False,
) -> Erased:
    """Erase a case. ``why`` is kept with the record of it, under the key of who erases: the patient must not be named in it.
    ``anew``: an older copy of the database came back, and it was decided before.

    Raises NotFound: no such case, or erased already; Invalid: as ``motive``; Unavailable."""
    async with db.write(actor) as tx:
        known = await tx.one(select(case).where(case.c.id == case_id, case.c.erased_at.is_(None)).with_for_update())
        why = why if anew else motive(why, (known["number"], known["title"]))
        there = await contents(tx, case_id)
        await _end_rights(tx, case_id)
        folders = await _files(tx, case_id)
        for slide_id in folders:
            # From here on the files are leftovers, if this process is killed before they are removed. The mark stays when
            # nothing was committed, or nobody knows: of a slide that is registered nothing is removed.
            await leftovers.mark(storage, slide_id)
        await _empty(tx, case_id, known["number"])
        await tx.keys.destroy(tx.connection, tx.now, Subject("case", case_id))
        # Not among the records of the case: what is said of those is under the key that has just been destroyed.
        await tx.audit(
            "subject.erased",
            ObjectRef("case", case_id, known["institution_id"]),
            private={"motive": why},
            reason=reason,
            slides=there.slides,
            specimens=there.specimens,
            annotations=there.annotations,
            lines=there.lines,
            consults=there.consults,
            opinions=there.opinions,
            rooms=there.rooms,
        )
        await listed(Erasure(Subject("case", case_id), reason, tx.now))
    await remains.readers_done(db, case)
    async with db.write(actor, unaudited="what came in while the case was erased is of that erasure") as tx:
        late = await _files(tx, case_id)
        for slide_id in late:
            await leftovers.mark(storage, slide_id)
        await _empty(tx, case_id, known["number"])
    left = [slide_id for slide_id, folder in (folders | late).items() if not await _removed(storage, slide_id, folder)]
    return Erased(contents=there, leftovers=tuple(left), wiped=await remains.wipe(db, TOUCHED))


async def _end_rights(tx: Transaction, case_id: str) -> None:
    """Withdraw every right on the case and what belongs to it, and close every open view of its slides."""
    held = or_(
        (grants.c.object_kind == "case") & (grants.c.object_id == case_id),
        *(
            (grants.c.object_kind == table.name) & grants.c.object_id.in_(_of(table, case_id))
            for table in (slide, consult, room)
        ),
    )
    standing = select(grants.c.because, grants.c.because_id).where(held, grants.c.revoked_at.is_(None)).distinct()
    for row in await tx.all(standing):
        await tx.revoke(row["because"], row["because_id"])
    views = slide_view.c.slide_id.in_(_of(slide, case_id)) & slide_view.c.revoked_at.is_(None)
    await tx.execute(update(slide_view).where(views).values(revoked_at=tx.now))
    await tx.emit("grant.revoked", because="erased", because_id=case_id)


async def _files(reader: Reader, case_id: str) -> dict[str, str]:
    """Identifier of each slide, held slide and attachment → where its files lie."""
    found: dict[str, str] = {}
    for table in (slide, held_slide, attachment):
        which = (table.c.case_id == case_id) & (table.c.folder != "")
        found |= {row["id"]: row["folder"] for row in await reader.all(select(table.c.id, table.c.folder).where(which))}
    return found


async def _empty(tx: Transaction, case_id: str, number: str) -> None:
    """Take away all that the database holds of the case; twice changes nothing more."""
    await _end_consults(tx, case_id)
    await _forget_news(tx, case_id, number)
    await patients.forget(tx, case_id)
    for table, values in EMPTIED.items():
        await tx.execute(update(table).where(_whose(table, case_id)).values(**values))
    for table in REMOVED:
        await tx.execute(delete(table).where(_whose(table, case_id)))
    await tx.execute(
        update(case)
        .where(case.c.id == case_id)
        .values(number=case_id, erased_at=func.coalesce(case.c.erased_at, tx.now), version=case.c.version + 1)
    )


async def _end_consults(tx: Transaction, case_id: str) -> None:
    """As if each had been revoked (consults/lifecycle.py): nobody waits for an answer, nobody owes one."""
    consults = _of(consult, case_id)
    open_offers = offer.c.consult_id.in_(consults) & (offer.c.status == "proposed")
    await tx.execute(update(offer).where(open_offers).values(status="withdrawn", answered_at=tx.now))
    work = reading.c.consult_id.in_(consults) & reading.c.status.in_(("requested", "accepted", "in-progress"))
    await tx.execute(update(reading).where(work).values(status="cancelled", ended_at=tx.now))
    open_consults = (consult.c.case_id == case_id) & consult.c.status.in_(("draft", "active", "on-hold"))
    await tx.execute(update(consult).where(open_consults).values(status="revoked", ended_at=tx.now))
    for table in (offer, reading, consult):  # whoever has one open finds that it has changed
        await tx.execute(update(table).where(_whose(table, case_id)).values(version=table.c.version + 1))


async def _forget_news(tx: Transaction, case_id: str, number: str) -> None:
    """What people were told stays in their list, and no longer says about what; what they would have been told is not said."""
    ids = {"case": [case_id]}
    for table in (consult, room):
        ids[table.name] = [row["id"] for row in await tx.all(select(table.c.id).where(table.c.case_id == case_id))]
    paths = {f"/{kind}s/{one}" for kind, ones in ids.items() for one in ones}
    asked = select(offer.c.expert_id).where(offer.c.consult_id.in_(ids["consult"]))
    asking = select(consult.c.requester_id).where(consult.c.case_id == case_id)
    # Of a consult that was taken back only the number is told.
    told = (
        (notice.c.params["case"].as_string() == number)
        & (notice.c.path == "/")
        & or_(notice.c.person_id.in_(asked), notice.c.person_id.in_(asking))
    )
    for row in await tx.all(select(notice.c.id, notice.c.params).where(or_(notice.c.path.in_(paths), told))):
        await tx.execute(
            update(notice)
            .where(notice.c.id == row["id"])
            .values(
                params={"by": row["params"].get("by", ""), "erased": "yes"},
                path="/",
                mail_due_at=None,
                read_at=func.coalesce(notice.c.read_at, tx.now),
            )
        )
    about = or_(*(outbox.c.body[kind].as_string().in_(ones) for kind, ones in ids.items() if ones))
    await tx.execute(delete(outbox).where(about))


def _of(table: Table, case_id: str) -> Select[Any]:
    return select(table.c.id).where(table.c.case_id == case_id)


def _whose(table: Table, case_id: str) -> ColumnElement[bool]:
    """Which rows of ``table`` are of the case."""
    if table is case:
        return table.c.id == case_id
    for column, owner in (("case_id", None), ("consult_id", consult), ("room_id", room)):
        if column in table.c:
            return table.c[column] == case_id if owner is None else table.c[column].in_(_of(owner, case_id))
    if table is opinion_signature:
        return table.c.opinion_id.in_(select(opinion.c.id).where(_whose(opinion, case_id)))
    raise LookupError(table.name)


async def _removed(storage: Storage, slide_id: str, folder: str) -> bool:
    for attempt in range(ATTEMPTS):
        if attempt:
            await asyncio.sleep(PAUSE)
        try:
            await storage.delete(folder)
            await leftovers.unmark(storage, slide_id)
        except TelepathError:
            continue
        return True
    return False
