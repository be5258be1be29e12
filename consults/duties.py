"""Duty rosters (astreintes): who of a pool answers from which territory, when, and under which number."""

import re
from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Select, select, update

from consults import pools
from consults.roster import Pattern, overlap
from telepath import directory, grants
from telepath.access import Action, ObjectRef
from telepath.actor import Actor
from telepath.cases.wording import plain
from telepath.db.database import Database
from telepath.db.schema.consults import duty, duty_swap, pool
from telepath.db.schema.directory import person
from telepath.db.transaction import Reader, Transaction
from telepath.errors import Conflict, Invalid, NotFound

PHONE_LIMIT: Final = 30
_PHONE: Final = re.compile(r"\+?[0-9][0-9 .()/-]{3,}")


class Duty(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    pool_id: str
    pool: str
    """Its name."""
    institution_id: str
    """Whose coordinators keep it."""
    territory: str
    """INSEE code of a region."""
    person_id: str
    name: str
    phone: str
    starts_at: datetime
    ends_at: datetime
    version: int

    @property
    def ref(self) -> ObjectRef:
        return ObjectRef("duty", self.id, self.institution_id)


async def between(reader: Reader, pool_id: str, begin: datetime, end: datetime) -> list[Duty]:
    """The duties of a pool that run in this time, by territory and beginning."""
    wanted = (duty.c.pool_id == pool_id) & (duty.c.starts_at < end) & (duty.c.ends_at > begin)
    return await _found(reader, _all().where(wanted).order_by(duty.c.territory, duty.c.starts_at, duty.c.id))


async def on_call(reader: Reader, pool_id: str, at: datetime) -> list[Duty]:
    """Who of a pool is on duty at this instant, by territory. Not who can no longer answer, whatever the roster says."""
    running = _all().where(duty.c.pool_id == pool_id, _runs(at)).order_by(duty.c.territory, duty.c.id)
    return await _answering(reader, await _found(reader, running))


async def phones(reader: Reader, organ: str, at: datetime) -> list[Duty]:
    """Who is on duty at this instant for this organ, in any pool, with the number to call; by territory and name, each number
    once."""
    covering = [one.id for one in await pools.covering(reader, organ)]
    running = _all().where(duty.c.pool_id.in_(covering), _runs(at))
    ordered = running.order_by(duty.c.territory, person.c.family_name, duty.c.id)
    found = await _answering(reader, await _found(reader, ordered))
    return list({(one.person_id, one.phone): one for one in reversed(found)}.values())[::-1]


async def of_person(reader: Reader, person_id: str) -> list[Duty]:
    """What somebody has before them, the next first."""
    mine = (duty.c.person_id == person_id) & (duty.c.ends_at > reader.now)
    return await _found(reader, _all().where(mine).order_by(duty.c.starts_at, duty.c.id))


async def these(reader: Reader, ids: Collection[str]) -> dict[str, Duty]:
    """Duties by their ids; those that were withdrawn are left out."""
    return {one.id: one for one in await _found(reader, _all().where(duty.c.id.in_(ids)))}


async def territories(reader: Reader, pool_id: str) -> list[str]:
    """Where a pool has or had duties: INSEE codes, in order."""
    kept = (duty.c.pool_id == pool_id) & duty.c.withdrawn_at.is_(None)
    rows = await reader.all(select(duty.c.territory).distinct().where(kept).order_by(duty.c.territory))
    return [row["territory"] for row in rows]


async def enter(db: Database, actor: Actor, pool_id: str, person_id: str, phone: str, pattern: Pattern) -> int:
    """Put a member of a pool on duty, as often as the pattern says, and return how many times that is. They are told once.

    Raises NotFound, Refused; Invalid: not a member who can answer, no number, a pattern that gives nothing, or that lies in the
    past; TooLarge; Conflict: they are on duty for this territory already in a part of that time."""
    async with db.write(actor) as tx:
        found, allowed = await pools.managed(tx, actor, pool_id)
        number = phone_number(phone)
        if person_id not in {one.person_id for one in await pools.members(tx, pool_id)}:
            raise Invalid("error-field-choice", field="person")
        spans = [span for span in pattern.checked().spans() if span[1] > tx.now]
        if not spans:
            raise Invalid("error-duty-past", field="last")
        begin, end = spans[0][0], max(span[1] for span in spans)
        there = [one for one in await between(tx, pool_id, begin, end) if one.territory == pattern.territory]
        theirs = [(one.starts_at, one.ends_at) for one in there if one.person_id == person_id]
        if any(overlap(one, span) for one in theirs for span in spans):
            raise Conflict("error-duty-exists")
        same = {"pool_id": pool_id, "territory": pattern.territory, "person_id": person_id, "phone": number}
        rows = [{"id": tx.new_id(), "starts_at": at, "ends_at": over, "version": 1} | same for at, over in spans]
        await tx.execute(duty.insert(), rows)
        await tx.audit(
            "routing.changed",
            found.ref,
            because=allowed,
            private={"phone": number},
            change="duties-entered",
            person=person_id,
            territory=pattern.territory,
            duties=len(rows),
            starts=begin.isoformat(timespec="seconds"),
            ends=end.isoformat(timespec="seconds"),
        )
        await tx.emit("duty.given", person=person_id, by=actor.person_id)
    return len(rows)


async def withdraw(db: Database, actor: Actor, duty_id: str) -> Duty:
    """Take a duty off the roster, and return it as it was; who had it is told, and no colleague is asked to take it any
    more. Raises NotFound: no such duty, or it is over; Refused; Conflict: somebody just took it."""
    async with db.write(actor) as tx:
        kept = (await these(tx, [duty_id])).get(duty_id)
        if kept is None:
            raise NotFound
        allowed = await grants.require(tx, actor, Action.ROUTING_MANAGE, kept.ref)
        if kept.ends_at <= tx.now:
            raise NotFound
        await tx.update(duty, duty_id, kept.version, withdrawn_at=tx.now)
        await withdraw_asked(tx, duty_id)
        await tx.audit(
            "routing.changed",
            kept.ref,
            because=allowed,
            change="duty-withdrawn",
            person=kept.person_id,
            territory=kept.territory,
            starts=kept.starts_at.isoformat(timespec="seconds"),
            ends=kept.ends_at.isoformat(timespec="seconds"),
        )
        await tx.emit("duty.withdrawn", person=kept.person_id, by=actor.person_id)
    return kept


async def withdraw_asked(tx: Transaction, duty_id: str, besides: str = "") -> list[str]:
    """Ask nobody to take this duty any more; return the ids of who was asked. ``besides``: a request that stays."""
    open_ones = (duty_swap.c.duty_id == duty_id) & (duty_swap.c.answer == "") & (duty_swap.c.id != besides)
    rows = await tx.execute(
        update(duty_swap)
        .where(open_ones)
        .values(answer="withdrawn", answered_at=tx.now, version=duty_swap.c.version + 1)
        .returning(duty_swap.c.asked_of)
    )
    return sorted(row.asked_of for row in rows.all())


def phone_number(typed: str) -> str:
    """As it is shown. Raises Invalid: nothing that can be called; TooLarge."""
    number = " ".join(plain(typed, field="phone", limit=PHONE_LIMIT, required=True).split())
    if not _PHONE.fullmatch(number):
        raise Invalid("error-duty-phone", field="phone")
    return number


def _all() -> Select[Any]:
    """Duties that stand, of pools that have not ended."""
    return (
        select(
            duty,
            pool.c.name,
            pool.c.institution_id,
            person.c.title,
            person.c.given_name,
            person.c.family_name,
        )
        .join(pool, pool.c.id == duty.c.pool_id)
        .join(person, person.c.id == duty.c.person_id)
        .where(duty.c.withdrawn_at.is_(None), pool.c.ended_at.is_(None))
    )


def _runs(at: datetime) -> ColumnElement[bool]:
    return (duty.c.starts_at <= at) & (duty.c.ends_at > at)


async def _answering(reader: Reader, found: list[Duty]) -> list[Duty]:
    """Those of people who are of the pool and can be asked."""
    able = {
        (one.pool_id, one.person_id)
        for one in await pools.everyone(reader, {one.pool_id for one in found})
        if one.answers
    }
    return [one for one in found if (one.pool_id, one.person_id) in able]


async def _found(reader: Reader, statement: Select[Any]) -> list[Duty]:
    return [
        Duty(
            id=row["id"],
            pool_id=row["pool_id"],
            pool=row["name"],
            institution_id=row["institution_id"],
            territory=row["territory"],
            person_id=row["person_id"],
            name=directory.called(row["title"], row["given_name"], row["family_name"]),
            phone=row["phone"],
            starts_at=row["starts_at"],
            ends_at=row["ends_at"],
            version=row["version"],
        )
        for row in await reader.all(statement)
    ]
