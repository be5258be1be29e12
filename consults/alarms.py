"""Who is told before a deadline breaks, when it does, and when nobody is left to be asked. Each alarm is recorded."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from consults import repository
from consults.kinds import ReadingRole
from consults.lifecycle import ConsultStatus, ReadingStatus
from consults.model import Consult
from telepath import directory
from telepath.actor import Role
from telepath.db.timers import Timer
from telepath.db.transaction import Reader, Transaction
from telepath.errors import NotFound


class Cause(StrEnum):
    """Why an alarm is given."""

    DEADLINE = "deadline"
    """A quarter of the time is left."""
    LATE = "late"
    UNANSWERED = "unanswered"
    """Nobody is left who could be asked."""
    RING = "ring"
    """Everyone was rung for minutes, and nobody has accepted."""


EVENTS: Final = {
    Cause.DEADLINE: "consult.alarm",
    Cause.LATE: "consult.late",
    Cause.UNANSWERED: "consult.unanswered",
    Cause.RING: "consult.unheard",
}


async def give(tx: Transaction, consult: Consult, cause: Cause, besides: Iterable[str] = ()) -> None:
    """Tell the coordinators of the asking institution, and these persons; its requester where it has no coordinator."""
    coordinators = await directory.holding(tx, consult.institution_id, {Role.COORDINATOR})
    told = sorted({*(coordinators or [consult.requester_id]), *besides})
    for person_id in told:
        await tx.emit(EVENTS[cause], person=person_id, consult=consult.id)
    await tx.audit("consult.alarmed", consult.ref, alarm=cause, told=told)


async def deadline(tx: Transaction, timer: Timer) -> None:
    """Of ``consult.alarm``: the answer is due soon, and is not there."""
    consult = await under_way(tx, timer.subject_id)
    if consult is not None:
        await give(tx, consult, Cause.DEADLINE, await _expected_of(tx, consult))


async def late(tx: Transaction, timer: Timer) -> None:
    """Of ``consult.late``: the deadline is over. Its requester is told too."""
    consult = await under_way(tx, timer.subject_id)
    if consult is not None:
        await give(tx, consult, Cause.LATE, [consult.requester_id, *await _expected_of(tx, consult)])


async def under_way(reader: Reader, consult_id: str) -> Consult | None:
    """The consult whose clock runs; None: it has ended, waits for its requester, or its case was erased."""
    found = await standing(reader, consult_id)
    return found if found is not None and found.status is ConsultStatus.ACTIVE else None


async def standing(reader: Reader, consult_id: str) -> Consult | None:
    """The consult that goes on or waits for its requester; None: it has ended, or its case was erased."""
    try:
        found = await repository.get(reader, consult_id)
    except NotFound:
        return None
    return found if found.status in (ConsultStatus.ACTIVE, ConsultStatus.ON_HOLD) else None


async def read(reader: Reader, consult: Consult) -> bool:
    """Whether somebody reads it as its expert, or has answered."""
    readings = await repository.readings_of(reader, consult.id)
    return any(one.role is ReadingRole.EXPERT and one.status is not ReadingStatus.CANCELLED for one in readings)


async def _expected_of(reader: Reader, consult: Consult) -> list[str]:
    """For whom it waits: who reads or is to sign; before anybody does, who was asked."""
    working = [one for one in await repository.readings_of(reader, consult.id) if one.status in repository.WORKING]
    if working:
        return [one.expert_id for one in working]
    return [one.expert_id for one in await repository.offers_of(reader, consult.id) if one.open]
