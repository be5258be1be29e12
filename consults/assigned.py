"""Which cases a person reads now: those that their browser may be sent ahead. Reading only."""

from sqlalchemy import select

from consults.lifecycle import ReadingStatus
from consults.worklist_parts import OPEN
from telepath.actor import Actor
from telepath.db.schema.consults import consult, reading
from telepath.db.transaction import Reader


async def cases(reader: Reader, actor: Actor, limit: int) -> list[str]:
    """The ids of the cases whose reading this person took on and has not ended, the most urgent first."""
    rows = await reader.all(
        select(consult.c.case_id)
        .join(reading, reading.c.consult_id == consult.c.id)
        .where(
            reading.c.expert_id == actor.person_id,
            reading.c.status.in_((ReadingStatus.ACCEPTED, ReadingStatus.IN_PROGRESS)),
            consult.c.status.in_(OPEN),
        )
        .order_by(consult.c.due_at, consult.c.id)
        .limit(limit)
    )
    return list(dict.fromkeys(row["case_id"] for row in rows))
