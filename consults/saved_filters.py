"""What somebody often looks for on their worklist, under a name of their own."""

from typing import Final

import msgspec
from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError

from consults.wish import WORDS_LIMIT, Wish
from telepath.actor import Actor
from telepath.cases.wording import plain
from telepath.db.database import Database
from telepath.db.schema.consults import saved_filter
from telepath.db.transaction import Reader
from telepath.errors import Conflict, NotFound, TooLarge

NAME_LIMIT: Final = 60
QUERY_LIMIT: Final = 400
LIMIT: Final = 20
"""Of one person."""
_OWN: Final = "how one looks at one's own list"


class Saved(msgspec.Struct, frozen=True):
    id: str
    name: str
    query: str
    """Of the worklist's address (consults/wish.py)."""


async def of_person(reader: Reader, actor: Actor) -> list[Saved]:
    """By name."""
    rows = await reader.all(
        select(saved_filter.c.id, saved_filter.c.name, saved_filter.c.query)
        .where(saved_filter.c.person_id == actor.person_id)
        .order_by(saved_filter.c.name)
    )
    return [Saved(**row) for row in rows]


async def save(db: Database, actor: Actor, name: str, wish: Wish) -> str:
    """Return its id. Raises Invalid: no name, a patient's number; TooLarge; Conflict: the name is taken, or there are
    LIMIT already."""
    given = " ".join(plain(name, field="filter-name", limit=NAME_LIMIT, required=True).split())
    plain(wish.words, field="q", limit=WORDS_LIMIT)
    if len(wish.query) > QUERY_LIMIT:
        raise TooLarge("error-text-too-long", field="q", limit=WORDS_LIMIT // 2)
    try:
        async with db.write(actor, unaudited=_OWN) as tx:
            mine = saved_filter.c.person_id == actor.person_id
            if await tx.scalar(select(func.count()).where(mine)) >= LIMIT:
                raise Conflict("error-filters-full", field="filter-name", limit=LIMIT)
            made = tx.new_id()
            await tx.insert(
                saved_filter,
                id=made,
                person_id=actor.person_id,
                name=given,
                query=wish.query,
                saved_at=tx.now,
            )
    except IntegrityError:
        raise Conflict("error-filter-taken", field="filter-name", name=given) from None
    return made


async def remove(db: Database, actor: Actor, filter_id: str) -> None:
    """Raises NotFound: none such of this person."""
    async with db.write(actor, unaudited=_OWN) as tx:
        own = (saved_filter.c.id == filter_id) & (saved_filter.c.person_id == actor.person_id)
        if (await tx.execute(delete(saved_filter).where(own))).rowcount != 1:
            raise NotFound
