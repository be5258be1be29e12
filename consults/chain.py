"""Successive opinions on one case: which consult follows which, and what the reader of a later one may know of the earlier."""

from typing import Final

import msgspec
from sqlalchemy import select

from consults import repository
from consults.model import Consult, Opinion
from telepath.cases.model import Case
from telepath.db.schema.consults import consult
from telepath.db.transaction import Reader
from telepath.errors import Invalid, NotFound

LONGEST: Final = 20
"""Consults of one chain that are looked at."""


class Chain(msgspec.Struct, frozen=True, kw_only=True):
    """``earlier``: oldest first, ``later``: likewise; the consult that it was read for is in neither."""

    earlier: tuple[Consult, ...]
    later: tuple[Consult, ...]

    def __bool__(self) -> bool:
        return bool(self.earlier or self.later)


async def around(reader: Reader, one: Consult) -> Chain:
    """The caller has asked CONSULT_VIEW on ``one``, and decides what of the others it shows."""
    return Chain(earlier=await _earlier(reader, one), later=await _later(reader, one))


async def readers_before(reader: Reader, case: Case, follows_id: str) -> list[str]:
    """Person ids of who answered before in the chain that a new consult of ``case`` continues; "": it begins one.

    Raises NotFound: no consult of this case; Invalid: it has no answer yet."""
    if not follows_id:
        return []
    last = await repository.get(reader, follows_id)
    if last.case_id != case.id:
        raise NotFound
    if not last.opinions_released:
        raise Invalid("error-chain-unanswered")
    before = (*await _earlier(reader, last), last)
    return sorted({one.author_id for each in before for one in await repository.opinions_of(reader, each.id)})


async def known(reader: Reader, one: Consult) -> list[Opinion]:
    """What was answered before, oldest first, as the reader of ``one`` may see it: nothing unless its requester said so."""
    if not one.shows_earlier:
        return []
    return [
        opinion
        for each in await _earlier(reader, one)
        for opinion in await repository.opinions_of(reader, each.id)
        if opinion.number <= each.opinions_released
    ]


async def _earlier(reader: Reader, one: Consult) -> tuple[Consult, ...]:
    found: list[Consult] = []
    while one.follows_id and len(found) < LONGEST:
        one = await repository.get(reader, one.follows_id)
        found.append(one)
    return tuple(reversed(found))


async def _later(reader: Reader, one: Consult) -> tuple[Consult, ...]:
    """Each may be followed by several."""
    found: dict[str, Consult] = {}
    next_ids = [one.id]
    while next_ids and len(found) < LONGEST:
        rows = await reader.all(
            select(consult.c.id)
            .where(consult.c.follows_id.in_(next_ids))
            .order_by(consult.c.requested_at, consult.c.id)
        )
        next_ids = [row["id"] for row in rows if row["id"] not in found]
        found |= {key: await repository.get(reader, key) for key in next_ids}
    return tuple(found.values())
