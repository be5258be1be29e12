"""Reading blind: an opinion is committed before the first diagnosis is shown, or it is shown without, and that is known too."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from consults import repository
from consults.completion import led_by
from consults.kinds import ReadingRole
from consults.lifecycle import OfferStatus
from consults.model import Consult, Reading
from consults.versions import sealed
from telepath import grants
from telepath.access import Action
from telepath.actor import Actor
from telepath.db.database import Database
from telepath.db.schema.consults import consult as consults
from telepath.db.schema.consults import offer, reading
from telepath.db.transaction import Reader, Transaction
from telepath.errors import Conflict, Forbidden, Invalid


async def commit(db: Database, actor: Actor, consult_id: str, seen: int) -> None:
    """Keep the draft, if it is still version ``seen``, as it stands before the first diagnosis is shown; then show it.

    Raises Refused; Forbidden: not who writes; Conflict: another window saved meanwhile; Invalid: no conclusion yet, or there is
    nothing to reveal; InvalidTransition."""
    await _open(db, actor, consult_id, seen)


async def reveal(db: Database, actor: Actor, consult_id: str) -> None:
    """Show the first diagnosis without committing anything: the reading is recorded as not blind. Raises as ``commit``."""
    await _open(db, actor, consult_id, None)


async def hides(reader: Reader, actor: Actor, case_id: str) -> bool:
    """Whether what tells the first diagnosis of this case is hidden from this person: they read it blind, were asked to, or
    stand in for who does; not from the staff of its institution, who wrote it."""
    people = {actor.person_id, *actor.stands_for}
    of_case = (consults.c.case_id == case_id) & consults.c.blind & (consults.c.institution_id != actor.institution_id)
    blind = (
        (reading.c.expert_id.in_(people))
        & (reading.c.role != ReadingRole.COUNTERSIGNER)
        & reading.c.revealed_at.is_(None)
        & reading.c.status.in_(repository.WORKING)
    )
    found = select(reading.c.id).join(consults, consults.c.id == reading.c.consult_id).where(of_case, blind).limit(1)
    if await reader.first(found) is not None:
        return True
    asked = (
        offer.c.expert_id.in_(people)
        & (offer.c.status == OfferStatus.PROPOSED)
        & (offer.c.role != ReadingRole.COUNTERSIGNER)
    )
    waiting = select(offer.c.id).join(consults, consults.c.id == offer.c.consult_id).where(of_case, asked).limit(1)
    return await reader.first(waiting) is not None


def begun(consult: Consult, readings: Sequence[Reading], mine: Reading, now: datetime) -> Reading:
    """A reading that begins: a co-reader knows what the expert knows, and who has seen the first diagnosis before knows it."""
    lead = led_by(readings, mine)
    told = mine.role is ReadingRole.CO_READER and lead is not None and not sealed(consult, lead)
    knew = any(one.expert_id == mine.expert_id and one.revealed_at is not None for one in readings)
    return mine.reveal(now) if consult.blind and (told or knew) else mine


async def with_co_readers(tx: Transaction, opened: Reading) -> None:
    """Who reads with the expert learns the first diagnosis when the expert does."""
    if opened.role is ReadingRole.EXPERT:
        for one in await repository.readings_of(tx, opened.consult_id):
            if one.role is ReadingRole.CO_READER and one.revealed_at is None and one.status in repository.WORKING:
                await repository.save_reading(tx, one.reveal(tx.now))


async def _open(db: Database, actor: Actor, consult_id: str, seen: int | None) -> None:
    async with db.write(actor) as tx:
        consult = await repository.get(tx, consult_id)
        allowed = await grants.require(tx, actor, Action.CONSULT_ANSWER, consult.ref)
        mine = await repository.reading_by(tx, consult_id, actor.person_id)
        if mine.role not in (ReadingRole.EXPERT, ReadingRole.THIRD):
            raise Forbidden("error-not-the-expert")
        if seen is not None and mine.version != seen:
            raise Conflict("error-draft-conflict")
        if not sealed(consult, mine):
            raise Invalid("error-revealed-already")
        opened = (mine if seen is None else mine.commit(tx.now)).reveal(tx.now)
        await repository.save_consult(tx, consult)
        await repository.save_reading(tx, opened)
        await with_co_readers(tx, mine)
        if seen is not None:
            digest = opened.committed_digest
            await tx.audit("opinion.committed", consult.ref, because=allowed, reading=mine.id, digest=digest)
        await tx.audit(
            "opinion.revealed", consult.ref, because=allowed, reading=mine.id, committed=opened.committed is not None
        )
