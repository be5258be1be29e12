"""An institution as its administrator sets it up: what it is called, where it is, when people work there, its departments.

Who may is asked here; the operator's commands write by auth/administration.py instead. All is recorded as
``directory.changed``, with what was there before."""

from typing import Final
from zoneinfo import available_timezones

import msgspec
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from telepath import directory, grants
from telepath.access import Action, Allowed, institution_ref
from telepath.actor import Actor
from telepath.db.database import Database
from telepath.db.schema.directory import department as departments
from telepath.db.schema.directory import institution, membership
from telepath.db.transaction import Reader, Transaction
from telepath.directory import Department, Institution
from telepath.errors import Conflict, Invalid
from telepath.territories import USUAL, Calendar

CLOSED_DAYS: Final = 120
"""More closed days than these are a mistake: deadlines would wander off."""


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What an administrator may change. The FINESS number is the operator's: Pro Santé Connect vouches for it."""

    name: str
    city: str
    region: str
    time_zone: str


async def require(reader: Reader, actor: Actor, action: Action = Action.DIRECTORY_MANAGE) -> Allowed:
    """That the actor may manage their own institution. Raises Refused."""
    return await grants.require(reader, actor, action, institution_ref(actor.institution_id))


def is_zone(name: str) -> bool:
    """Whether an institution may be in this time zone: ``America/Cayenne``. Names without a place (EST, localtime) are not
    zones of a hospital, and differ from machine to machine."""
    return "/" in name and name in available_timezones()


async def change(db: Database, actor: Actor, facts: Facts) -> bool:
    """Write the facts of the actor's institution; whether something changed. Raises Refused."""
    now = msgspec.structs.asdict(facts)
    async with db.read() as reader:
        await require(reader, actor)
        known = await _own(reader, actor)
        if all(getattr(known, name) == value for name, value in now.items()):
            return False
    async with db.write(actor) as tx:
        allowed = await require(tx, actor)
        before = await _own(tx, actor)
        was = {name: getattr(before, name) for name in now}
        changed = [name for name in now if now[name] != was[name]]
        await tx.execute(update(institution).where(institution.c.id == before.id).values(now))
        await tx.audit(
            "directory.changed",
            institution_ref(before.id),
            because=allowed,
            change="institution-changed",
            before={name: was[name] for name in changed},
            after={name: now[name] for name in changed},
        )
    return True


async def keep_calendar(db: Database, actor: Actor, calendar: Calendar) -> bool:
    """Say when people work in the actor's institution; whether something changed. Deadlines that are set stay as they are.

    Raises Refused; Invalid: no working day, no working hour, or too many closed days."""
    if not calendar.days or not set(calendar.days) <= set(range(7)):
        raise Invalid("error-calendar-days", field="days")
    if calendar.opens >= calendar.closes:
        raise Invalid("error-calendar-hours", field="closes")
    if len(calendar.closed) > CLOSED_DAYS:
        raise Invalid("error-calendar-closed-many", field="closed", limit=CLOSED_DAYS)
    ordered = msgspec.structs.replace(
        calendar, days=tuple(sorted(set(calendar.days))), closed=tuple(sorted(set(calendar.closed)))
    )
    async with db.read() as reader:
        await require(reader, actor)
        if (await _own(reader, actor)).own_hours == ordered:
            return False
    async with db.write(actor) as tx:
        allowed = await require(tx, actor)
        before = await _own(tx, actor)
        kept = None if ordered == USUAL else msgspec.to_builtins(ordered)
        await tx.execute(update(institution).where(institution.c.id == before.id).values(calendar=kept))
        await tx.audit(
            "directory.changed",
            institution_ref(before.id),
            because=allowed,
            change="calendar-changed",
            before=msgspec.to_builtins(before.own_hours),
            after=msgspec.to_builtins(ordered),
        )
    return True


async def add_department(db: Database, actor: Actor, name: str) -> str:
    """Return the new department's id. Raises Refused; Conflict: there is one of this name."""
    try:
        async with db.write(actor) as tx:
            allowed = await require(tx, actor)
            key = tx.new_id()
            await tx.execute(insert(departments).values(id=key, institution_id=actor.institution_id, name=name))
            await _recorded(tx, actor, allowed, "department-added", after=name)
    except IntegrityError:
        raise Conflict("error-department-exists", name=name) from None
    return key


async def rename_department(db: Database, actor: Actor, department_id: str, name: str) -> None:
    """Raises Refused; NotFound: none of the actor's institution; Conflict: another one has this name."""
    try:
        async with db.write(actor) as tx:
            allowed = await require(tx, actor)
            before = await department(tx, actor.institution_id, department_id)
            await tx.execute(update(departments).where(departments.c.id == department_id).values(name=name))
            await _recorded(tx, actor, allowed, "department-renamed", before=before.name, after=name)
    except IntegrityError:
        raise Conflict("error-department-exists", name=name) from None


async def remove_department(db: Database, actor: Actor, department_id: str) -> None:
    """Raises Refused; NotFound: none of the actor's institution; Conflict: somebody works there."""
    async with db.write(actor) as tx:
        allowed = await require(tx, actor)
        before = await department(tx, actor.institution_id, department_id)
        people = await tx.scalar(select(func.count()).where(membership.c.department_id == department_id))
        if people:
            raise Conflict("error-department-not-empty", name=before.name, count=people)
        await tx.execute(delete(departments).where(departments.c.id == department_id))
        await _recorded(tx, actor, allowed, "department-removed", before=before.name)


async def _own(reader: Reader, actor: Actor) -> Institution:
    return (await directory.institutions(reader, [actor.institution_id]))[actor.institution_id]


async def department(tx: Transaction, institution_id: str, department_id: str) -> Department:
    """One of the institution's, that nobody else changes, or sends people to, until the transaction ends. Raises NotFound."""
    here = (departments.c.id == department_id) & (departments.c.institution_id == institution_id)
    return msgspec.convert(await tx.one(select(departments).where(here).with_for_update()), Department)


async def _recorded(
    tx: Transaction, actor: Actor, allowed: Allowed, change: str, *, before: str = "", after: str = ""
) -> None:
    place = institution_ref(actor.institution_id)
    await tx.audit("directory.changed", place, because=allowed, change=change, before=before, after=after)
