"""What follows a signature: the answer goes out once it is final; until then whoever it waits for is asked or told."""

from collections.abc import Sequence

from consults import clock, further_readers, repository
from consults.completion import Need, Signature, concluded, missing, reading_of
from consults.kinds import ReadingRole
from consults.lifecycle import ConsultStatus
from consults.model import FOLLOW_UP, Consult, Opinion, Reading
from consults.opinion import Kind
from telepath.actor import Actor
from telepath.db.transaction import Transaction

EVENTS = {Kind.OPINION: "opinion.signed", Kind.ADDENDUM: "opinion.amended", Kind.AMENDMENT: "opinion.amended"}


async def save(
    tx: Transaction,
    consult: Consult,
    readings: Sequence[Reading],
    opinions: Sequence[Opinion],
    signatures: Sequence[Signature],
) -> Consult:
    """Write the consult's row, which comes before all others, as it is after this signature; ``consult`` as it was read, but
    for a dispute. Raises Conflict; InvalidTransition: it is on hold, or was revoked."""
    after = concluded(consult, readings, opinions, signatures, tx.now)
    await repository.save_consult(tx, after)
    if after.status is not consult.status:
        await clock.stop_timers(tx, after)
    return after


async def follow(
    tx: Transaction, actor: Actor, before: Consult, after: Consult, opinions: Sequence[Opinion], fresh: Opinion | None
) -> None:
    """Once everything else is written: tell who is to be told. ``fresh``: what was just signed by its author; None: another
    signature came beside it."""
    readings = await repository.readings_of(tx, after.id)
    if after.opinions_released > before.opinions_released:
        first = before.status is not ConsultStatus.COMPLETED
        if first:
            await tx.limit("consult", after.id, tx.now + FOLLOW_UP)
            await further_readers.over(tx, after, readings)
        author = opinions[0].author_id if first else opinions[-1].author_id
        kind = "opinion.signed" if first else EVENTS[opinions[-1].kind]
        await tx.emit(kind, person=after.requester_id, consult=after.id, by=author)
        if first:
            for one in readings:
                if one.signed and one.expert_id != actor.person_id:
                    await tx.emit("opinion.released", person=one.expert_id, consult=after.id)
        return
    if fresh is not None:
        signatures = await repository.signatures_of(tx, after.id)
        for wanting in missing(after, readings, opinions, signatures):
            if wanting.person_id and wanting.need in (Need.CO_READER, Need.COUNTERSIGNER):
                await tx.emit("opinion.awaits", person=wanting.person_id, consult=after.id, by=actor.person_id)
    else:
        lead = reading_of(readings, ReadingRole.EXPERT)
        if lead is not None:
            await tx.emit("opinion.countersigned", person=lead.expert_id, consult=after.id, by=actor.person_id)
    await further_readers.ask_next(tx, actor, after)
