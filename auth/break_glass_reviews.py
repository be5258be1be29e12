"""The review of broken glass: the owner of the case reads who opened it and why, and says whether it was justified.

Coordinators and administrators decide; auditors read. Nobody decides on their own."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec
from sqlalchemy import select

from auth import break_glass as opening_of
from auth.break_glass import Opening
from telepath import grants
from telepath.access import Action, Allowed, ObjectRef, institution_ref
from telepath.actor import Actor, Subject
from telepath.cases.wording import plain
from telepath.db.database import Database
from telepath.db.schema.cases import case
from telepath.db.schema.links import break_glass
from telepath.db.transaction import Reader, Transaction
from telepath.errors import Conflict, Forbidden

DUE: Final = timedelta(hours=72)
"""Within which each is to be reviewed."""
NOTE_LIMIT: Final = 1000
LISTED: Final = 200


class Verdict(StrEnum):
    """Worded as ``break-glass-verdict-<verdict>``."""

    JUSTIFIED = "justified"
    UNJUSTIFIED = "unjustified"


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """One opening as its reviewer reads it."""

    opening: Opening
    number: str
    """Of the case; empty: erased."""
    reason: str
    """Empty: erased."""
    note: str
    may_decide: bool
    may_audit: bool


class Line(msgspec.Struct, frozen=True):
    """One opening in the queue."""

    opening: Opening
    number: str


def overdue(opening: Opening, now: datetime) -> bool:
    return opening.reviewed_at is None and now - opening.opened_at > DUE


async def queue(reader: Reader, actor: Actor) -> list[Line]:
    """The openings of the institution's cases: those to be reviewed, the oldest first; then the others, the latest first.
    Raises Refused."""
    await _readable(reader, actor, institution_ref(actor.institution_id))
    theirs = (
        select(break_glass, case.c.number, case.c.erased_at)
        .join(case, case.c.id == break_glass.c.case_id)
        .where(break_glass.c.institution_id == actor.institution_id)
        .limit(LISTED)
    )
    undecided = break_glass.c.reviewed_at.is_(None)
    rows = await reader.all(theirs.where(undecided).order_by(break_glass.c.opened_at))
    rows += await reader.all(theirs.where(~undecided).order_by(break_glass.c.reviewed_at.desc()))
    return [Line(opening_of.of_row(row), "" if row["erased_at"] is not None else row["number"]) for row in rows]


async def read(db: Database, actor: Actor, opening_id: str) -> Review:
    """One of them, with what was written; recorded as ``audit.read``. Raises NotFound, Refused."""
    async with db.write(actor) as tx:
        found = await opening_of.get(tx, opening_id)
        allowed = await _readable(tx, actor, found.ref)
        row = await tx.one(
            select(break_glass.c.reason, break_glass.c.review_note).where(break_glass.c.id == opening_id)
        )
        of_case = await tx.one(select(case.c.number, case.c.erased_at).where(case.c.id == found.case_id))
        review = Review(
            opening=found,
            number="" if of_case["erased_at"] is not None else of_case["number"],
            reason=await _opened(tx, found, f"{found.id} reason", row["reason"]),
            note=await _opened(tx, found, f"{found.id} note", row["review_note"]),
            may_decide=found.reviewed_at is None
            and found.person_id != actor.person_id
            and bool(await grants.decide(tx, actor, Action.BREAK_GLASS_REVIEW, found.ref)),
            may_audit=bool(await grants.decide(tx, actor, Action.AUDIT_READ, found.ref)),
        )
        await tx.audit("audit.read", found.ref, because=allowed, question="break-glass")
    return review


async def decide(db: Database, actor: Actor, opening_id: str, verdict: Verdict, note: str) -> None:
    """Say whether it was justified, and why. If it was not, whatever the same person still has open of this case ends.

    Raises NotFound, Refused; Forbidden: their own; Conflict: decided already; Invalid, TooLarge: the note."""
    note = plain(note, field="note", limit=NOTE_LIMIT, lines=True, required=True)
    async with db.write(actor) as tx:
        found = await opening_of.get(tx, opening_id, lock=True)
        allowed = await grants.require(tx, actor, Action.BREAK_GLASS_REVIEW, found.ref)
        if found.person_id == actor.person_id:
            raise Forbidden("error-break-glass-self")
        if found.reviewed_at is not None:
            raise Conflict
        await tx.update(
            break_glass,
            opening_id,
            found.version,
            reviewed_at=tx.now,
            reviewed_by=actor.person_id,
            review=str(verdict),
            review_note=await opening_of.closed(tx, found.case_id, f"{found.id} note", note),
        )
        if verdict is Verdict.UNJUSTIFIED:
            await opening_of.finish_standing(tx, found, "review")
        said = {"note": note}
        await tx.audit(
            "break-glass.reviewed", found.ref, because=allowed, private=said, opening=found.id, decision=str(verdict)
        )


async def _readable(reader: Reader, actor: Actor, thing: ObjectRef) -> Allowed:
    """Raises Refused: neither a reviewer nor an auditor there."""
    allowed = await grants.decide(reader, actor, Action.AUDIT_READ, thing)
    return (
        allowed
        if isinstance(allowed, Allowed)
        else await grants.require(reader, actor, Action.BREAK_GLASS_REVIEW, thing)
    )


async def _opened(tx: Transaction, found: Opening, context: str, text: str) -> str:
    kept = await tx.keys.opened(tx.connection, Subject("case", found.case_id), context, text)
    return "" if kept is None else str(kept["text"])
