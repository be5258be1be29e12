"""Somebody on duty asks colleagues of the pool to take it; one of them takes it, once.

Each of these changes the duty's row first: of two who act at the same instant one gets Conflict."""

from datetime import datetime
from enum import StrEnum

import msgspec
from sqlalchemy import RowMapping, select

from consults import duties, pools
from consults.duties import Duty
from telepath import directory, grants
from telepath.access import Action, institution_ref
from telepath.actor import Actor
from telepath.db.database import Database
from telepath.db.schema.consults import duty, duty_swap
from telepath.db.transaction import Reader, Transaction
from telepath.errors import Conflict, Invalid, NotFound, Refused


class Answer(StrEnum):
    """Worded as ``duty-swap-<code>``."""

    TAKEN = "taken"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    """By who had asked, or because the duty is no longer theirs to give."""


class Swap(msgspec.Struct, frozen=True, kw_only=True):
    """One colleague who is asked, and has not answered."""

    id: str
    duty: Duty
    asked_by: str
    asked_by_name: str
    asked_of: str
    asked_of_name: str
    asked_at: datetime


async def concerning(reader: Reader, person_id: str) -> list[Swap]:
    """What waits for an answer of this person, or to them; the next duty first."""
    rows = await reader.all(
        select(duty_swap).where(
            duty_swap.c.answer == "", (duty_swap.c.asked_by == person_id) | (duty_swap.c.asked_of == person_id)
        )
    )
    kept = await duties.these(reader, {row["duty_id"] for row in rows})
    people = await directory.people(reader, {row[side] for row in rows for side in ("asked_by", "asked_of")})
    found = [
        Swap(
            id=row["id"],
            duty=kept[row["duty_id"]],
            asked_by=row["asked_by"],
            asked_by_name=people[row["asked_by"]].name,
            asked_of=row["asked_of"],
            asked_of_name=people[row["asked_of"]].name,
            asked_at=row["asked_at"],
        )
        for row in rows
        if row["duty_id"] in kept and kept[row["duty_id"]].ends_at > reader.now
    ]
    return sorted(found, key=lambda one: (one.duty.starts_at, one.id))


async def colleagues(reader: Reader, pool_id: str, person_id: str) -> list[pools.Member]:
    """Who could take a duty of this person there, by name."""
    return [one for one in await pools.members(reader, pool_id) if one.person_id != person_id]


async def ask(db: Database, actor: Actor, duty_id: str, colleague_id: str) -> str:
    """Ask a colleague of the pool to take one's duty, and return the request's id; the colleague is told.

    Raises Refused: not one's own; NotFound: no such duty, or it is over; Invalid: not somebody who could take it; Conflict:
    they are asked already, or the duty just changed hands."""
    async with db.write(actor) as tx:
        await _require(tx, actor)
        mine = await _standing(tx, duty_id)
        if mine.person_id != actor.person_id:
            raise Refused(Action.DUTY_TAKE, "duty", duty_id, "not-theirs", mine.institution_id)
        if colleague_id not in {one.person_id for one in await colleagues(tx, mine.pool_id, actor.person_id)}:
            raise Invalid("error-field-choice", field="colleague")
        await tx.update(duty, duty_id, mine.version)
        asked = (duty_swap.c.duty_id == duty_id) & (duty_swap.c.asked_of == colleague_id) & (duty_swap.c.answer == "")
        if await tx.scalar(select(duty_swap.c.id).where(asked)) is not None:
            raise Conflict("error-duty-asked")
        key = tx.new_id()
        await tx.insert(
            duty_swap,
            id=key,
            duty_id=duty_id,
            asked_by=actor.person_id,
            asked_of=colleague_id,
            asked_at=tx.now,
            answer="",
        )
        await tx.audit("routing.changed", mine.ref, change="swap-asked", member=colleague_id)
        await tx.emit("swap.asked", person=colleague_id, by=actor.person_id)
    return key


async def take(db: Database, actor: Actor, swap_id: str, phone: str) -> None:
    """Take a colleague's duty: it is the actor's from now on, under this number. Who gave it is told; nobody else is asked.

    Raises Refused: somebody else was asked; NotFound: no such request; Invalid: no number, or the actor is no member who can
    answer; TooLarge; Conflict: it was answered, or somebody else took it."""
    async with db.write(actor) as tx:
        await _require(tx, actor)
        asked, given = await _asked(tx, swap_id, actor, "asked_of")
        number = duties.phone_number(phone)
        if actor.person_id not in {one.person_id for one in await pools.members(tx, given.pool_id)}:
            raise Invalid("error-duty-no-member")
        before = await duties.between(tx, given.pool_id, given.starts_at, given.ends_at)
        if any((one.person_id, one.territory) == (actor.person_id, given.territory) for one in before):
            raise Conflict("error-duty-own")
        await tx.update(duty, given.id, given.version, person_id=actor.person_id, phone=number)
        await _answer(tx, asked, Answer.TAKEN)
        others = await duties.withdraw_asked(tx, given.id, besides=swap_id)
        await tx.audit(
            "routing.changed",
            given.ref,
            private={"phone": number},
            change="swap-taken",
            person=given.person_id,
            member=actor.person_id,
        )
        await tx.emit("swap.taken", person=asked["asked_by"], by=actor.person_id)
        for other in others:
            await tx.emit("swap.withdrawn", person=other, by=asked["asked_by"])


async def decline(db: Database, actor: Actor, swap_id: str) -> None:
    """Who asked is told. Raises Refused, NotFound, Conflict: as ``take``."""
    async with db.write(actor) as tx:
        await _require(tx, actor)
        asked, given = await _asked(tx, swap_id, actor, "asked_of")
        await _answer(tx, asked, Answer.DECLINED)
        await tx.audit("routing.changed", given.ref, change="swap-declined", member=actor.person_id)
        await tx.emit("swap.declined", person=asked["asked_by"], by=actor.person_id)


async def withdraw(db: Database, actor: Actor, swap_id: str) -> None:
    """Ask this colleague no more; they are told. Raises Refused: somebody else asked; NotFound, Conflict: as ``take``."""
    async with db.write(actor) as tx:
        await _require(tx, actor)
        asked, given = await _asked(tx, swap_id, actor, "asked_by")
        await _answer(tx, asked, Answer.WITHDRAWN)
        await tx.audit("routing.changed", given.ref, change="swap-withdrawn", member=asked["asked_of"])
        await tx.emit("swap.withdrawn", person=asked["asked_of"], by=actor.person_id)


async def _require(reader: Reader, actor: Actor) -> None:
    """Raises Refused: no expert now."""
    await grants.require(reader, actor, Action.DUTY_TAKE, institution_ref(actor.institution_id))


async def _standing(reader: Reader, duty_id: str) -> Duty:
    """Raises NotFound: no such duty, or it is over."""
    found = (await duties.these(reader, [duty_id])).get(duty_id)
    if found is None or found.ends_at <= reader.now:
        raise NotFound
    return found


async def _asked(tx: Transaction, swap_id: str, actor: Actor, side: str) -> tuple[RowMapping, Duty]:
    """A request, and the duty that it is about. ``side``: which of the two the actor must be."""
    row = await tx.one(select(duty_swap).where(duty_swap.c.id == swap_id))
    if row[side] != actor.person_id:
        raise Refused(Action.DUTY_TAKE, "duty", row["duty_id"], "not-theirs")
    if row["answer"]:
        raise Conflict("error-duty-answered")
    return row, await _standing(tx, row["duty_id"])


async def _answer(tx: Transaction, asked: RowMapping, answer: Answer) -> None:
    await tx.update(duty_swap, asked["id"], asked["version"], answer=answer, answered_at=tx.now)
