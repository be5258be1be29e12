"""The expert's work until the signature: looking at the consult, and keeping the draft."""

from datetime import datetime, timedelta
from typing import Final

import msgspec
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from consults import repository
from consults.completion import led_by
from consults.kinds import ReadingRole
from consults.model import Consult, Reading
from consults.opinion import Draft, changed, fingerprint
from telepath import grants
from telepath.access import Action, Allowed
from telepath.actor import Actor
from telepath.db.database import Database
from telepath.db.schema.consults import consult as rows
from telepath.db.schema.consults import consult_view
from telepath.db.transaction import Reader
from telepath.errors import Conflict, Forbidden

SEEN_FOR: Final = timedelta(hours=1)
"""A session whose page of a consult refreshes itself is recorded once within this time."""


class Saved(msgspec.Struct, frozen=True):
    version: int
    saved_at: datetime


async def save_draft(db: Database, actor: Actor, consult_id: str, seen: int, draft: Draft) -> Saved:
    """Keep what stands in the editor of the expert, or of a co-reader who writes with them. ``seen``: version of the reading
    that the editor started from.

    Raises Refused; Conflict: another window or co-reader saved meanwhile, nothing was kept; InvalidTransition; TooLarge;
    Forbidden: who countersigns writes nothing."""
    async with db.write(actor) as tx:
        consult = await repository.get(tx, consult_id)
        allowed = await grants.require(tx, actor, Action.CONSULT_ANSWER, consult.ref)
        reading = await writes(tx, consult_id, actor.person_id)
        if reading.version != seen:
            raise Conflict("error-draft-conflict")
        await repository.save_reading(tx, reading.write(draft, tx.now))
        await tx.audit(
            "opinion.drafted",
            consult.ref,
            because=allowed,
            private={"digest_before": fingerprint(reading.draft), "digest": fingerprint(draft)},
            reading=reading.id,
            version=seen + 1,
            changed=changed(reading.draft, draft),
        )
    return Saved(seen + 1, tx.now)


async def writes(reader: Reader, consult_id: str, person_id: str) -> Reading:
    """The reading whose draft this person writes: their own, or that of the expert with whom they read.

    Raises NotFound: they do not read; Forbidden: they countersign, or the text that they wrote with is signed."""
    mine = await repository.reading_by(reader, consult_id, person_id)
    if mine.role is ReadingRole.CO_READER:
        lead = led_by(await repository.readings_of(reader, consult_id), mine)
        if lead is not None and not lead.signed:
            return lead
    elif mine.role is not ReadingRole.COUNTERSIGNER:
        return mine
    raise Forbidden("error-not-the-expert")


async def record_view(db: Database, actor: Actor, consult: Consult, allowed: Allowed, *, opened: bool = True) -> None:
    """Record that this session sees the consult, before anything of it is shown; at most once in SEEN_FOR, and once for each
    opinion or addendum that its requester opens. ``opened``: not only a page that refreshes itself, with nobody before it."""
    asked = opened and actor.person_id == consult.requester_id
    seen = (consult_view.c.consult_id == consult.id) & (consult_view.c.session_id == actor.session_id)
    async with db.read() as reader:
        news = asked and await repository.unread(reader, consult.id) > 0
        if not news and await reader.scalar(
            select(consult_view.c.seen_at).where(seen, consult_view.c.seen_at > reader.now - SEEN_FOR)
        ):
            return
    try:
        async with db.write(actor) as tx:
            await tx.execute(delete(consult_view).where((consult_view.c.seen_at <= tx.now - SEEN_FOR) | seen))
            await tx.execute(
                insert(consult_view).values(consult_id=consult.id, session_id=actor.session_id, seen_at=tx.now)
            )
            if asked and (last := await repository.unread(tx, consult.id)):
                await tx.execute(update(rows).where(rows.c.id == consult.id).values(opinions_read=last))
            await tx.audit("consult.viewed", consult.ref, because=allowed)
    except IntegrityError:
        return  # two pages opened at the same instant are one view
