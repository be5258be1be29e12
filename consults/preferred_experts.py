"""Whom somebody likes to ask: it counts among the reasons of their proposals, and nobody else's."""

from typing import Final

from sqlalchemy import delete, func, select

from telepath.actor import Actor
from telepath.db.database import Database
from telepath.db.schema.consults import preferred_expert
from telepath.db.schema.directory import expertise, person
from telepath.db.transaction import Reader
from telepath.errors import Conflict, NotFound

LIMIT: Final = 50
"""Of one person."""
_OWN: Final = "whom one likes to ask oneself"


async def of_person(reader: Reader, person_id: str) -> frozenset[str]:
    """Identifiers of persons."""
    rows = await reader.all(select(preferred_expert.c.expert_id).where(preferred_expert.c.person_id == person_id))
    return frozenset(row["expert_id"] for row in rows)


async def prefer(db: Database, actor: Actor, expert_id: str) -> None:
    """Twice is once. Raises NotFound: no expert; Conflict: there are LIMIT already."""
    async with db.write(actor, unaudited=_OWN) as tx:
        # Two at once follow each other.
        await tx.scalar(select(person.c.id).where(person.c.id == actor.person_id).with_for_update())
        reads = select(func.count()).select_from(expertise).where(expertise.c.person_id == expert_id)
        if not await tx.scalar(reads):
            raise NotFound
        mine = await of_person(tx, actor.person_id)
        if expert_id in mine:
            return
        if len(mine) >= LIMIT:
            raise Conflict("error-preferred-full", limit=LIMIT)
        await tx.insert(preferred_expert, person_id=actor.person_id, expert_id=expert_id, preferred_at=tx.now)


async def forget(db: Database, actor: Actor, expert_id: str) -> None:
    """Whoever is not preferred stays so."""
    async with db.write(actor, unaudited=_OWN) as tx:
        own = (preferred_expert.c.person_id == actor.person_id) & (preferred_expert.c.expert_id == expert_id)
        await tx.execute(delete(preferred_expert).where(own))
