"""Who acts for whom during an absence: what was given to the absent person, and the roles that pass on (telepath/standing.py).

A delegation ends by itself, or when it is withdrawn: then with the slides and rooms that are open through it. Those are cut too
when the absent person loses what they left."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

import msgspec
from sqlalchemy import RowMapping, select, update

from auth import endings
from telepath import directory, grants
from telepath.access import STAFF, Action, ObjectRef, institution_ref, lost
from telepath.actor import Actor, Role
from telepath.db.database import Database
from telepath.db.schema.directory import delegation, person
from telepath.db.transaction import Reader, Transaction
from telepath.errors import Conflict, Invalid, NotFound
from telepath.slides import views
from telepath.standing import DELEGABLE, leaves_theirs

LONGEST: Final = timedelta(days=92)
NAMES: Final = ("title", "given_name", "family_name")


class Delegation(msgspec.Struct, frozen=True):
    id: str
    absent_id: str
    absent: str
    delegate_id: str
    delegate: str
    starts_at: datetime
    ends_at: datetime
    """When it is over: the first instant of the day after the last."""

    @property
    def last(self) -> datetime:
        """Within its last day."""
        return self.ends_at - timedelta(microseconds=1)


async def of_institution(reader: Reader, institution_id: str, concerning: str = "") -> list[Delegation]:
    """Those that are not over, the next to end first; ``concerning``: only those from or to this person."""
    absent, delegate = person.alias("absent"), person.alias("delegate")
    wanted = (
        (delegation.c.institution_id == institution_id)
        & delegation.c.ended_at.is_(None)
        & (delegation.c.ends_at > reader.now)
    )
    if concerning:
        wanted &= (delegation.c.absent_id == concerning) | (delegation.c.delegate_id == concerning)
    rows = await reader.all(
        select(
            delegation,
            *(absent.c[name].label(f"absent_{name}") for name in NAMES),
            *(delegate.c[name].label(f"delegate_{name}") for name in NAMES),
        )
        .join(absent, absent.c.id == delegation.c.absent_id)
        .join(delegate, delegate.c.id == delegation.c.delegate_id)
        .where(wanted)
        .order_by(delegation.c.ends_at, delegation.c.id)
    )

    def name(row: RowMapping, who: str) -> str:
        return directory.called(*(row[f"{who}_{one}"] for one in NAMES))

    return [
        Delegation(
            row["id"],
            row["absent_id"],
            name(row, "absent"),
            row["delegate_id"],
            name(row, "delegate"),
            row["starts_at"],
            row["ends_at"],
        )
        for row in rows
    ]


async def manages(reader: Reader, actor: Actor) -> bool:
    """Whether the actor leaves things for others of their institution too. Raises Refused: not even for themselves."""
    home = institution_ref(actor.institution_id)
    if await grants.decide(reader, actor, Action.DELEGATION_MANAGE, home):
        return True
    await grants.require(reader, actor, Action.DELEGATION_GIVE, home)
    return False


async def give(
    db: Database, actor: Actor, *, absent_id: str, delegate_id: str, starts_at: datetime, ends_at: datetime
) -> str:
    """Leave what an absent colleague was given to another one of the actor's institution, and return the delegation's id. One
    does it for oneself; who manages delegations, for anybody. The absent person and the delegate are told.

    Raises Refused; Invalid: to oneself, by the delegate themselves, of or to somebody who works with no case, or a time that
    is over, ends before it begins, or is longer than ``LONGEST``; NotFound: one of the two is no member; Conflict: the absent
    person has a delegate there in that time already."""
    place = actor.institution_id
    async with db.write(actor) as tx:
        await _require(tx, actor, absent_id)
        await _check(tx, absent_id, delegate_id, starts_at, ends_at)
        # The absent person's row is the lock: of two at once, one sees the other.
        await tx.scalar(select(person.c.id).where(person.c.id == absent_id).with_for_update(key_share=True))
        standing = (
            (delegation.c.absent_id == absent_id)
            & (delegation.c.institution_id == place)
            & delegation.c.ended_at.is_(None)
            & (delegation.c.starts_at < ends_at)
            & (delegation.c.ends_at > starts_at)
        )
        if await tx.scalar(select(delegation.c.id).where(standing).limit(1)) is not None:
            raise Conflict("error-delegation-exists")
        key = tx.new_id()
        await tx.insert(
            delegation,
            id=key,
            institution_id=place,
            absent_id=absent_id,
            delegate_id=delegate_id,
            given_by=actor.person_id,
            given_at=tx.now,
            starts_at=starts_at,
            ends_at=ends_at,
        )
        await tx.audit(
            "delegation.given",
            ObjectRef("person", absent_id, place),
            delegation=key,
            delegate=delegate_id,
            starts=starts_at.isoformat(timespec="seconds"),
            ends=ends_at.isoformat(timespec="seconds"),
        )
        for told in {absent_id, delegate_id} - {actor.person_id}:
            await tx.emit("delegation.given", person=told, by=actor.person_id)
    return key


async def end(db: Database, actor: Actor, delegation_id: str) -> None:
    """Withdraw a delegation before its end: one's own, or, who manages delegations, anybody's of the institution.

    Raises Refused; NotFound: none of the actor's institution has this id, or it is over."""
    place = actor.institution_id
    standing = (
        (delegation.c.id == delegation_id) & (delegation.c.institution_id == place) & delegation.c.ended_at.is_(None)
    )
    async with db.write(actor) as tx:
        row = await tx.first(select(delegation).where(standing, delegation.c.ends_at > tx.now))
        await _require(tx, actor, row["absent_id"] if row else "")
        done = await tx.execute(update(delegation).where(standing).values(ended_at=tx.now))
        if row is None or done.rowcount != 1:
            raise NotFound
        absent_id, delegate_id = row["absent_id"], row["delegate_id"]
        await tx.audit(
            "delegation.ended",
            ObjectRef("person", absent_id, place),
            delegation=delegation_id,
            delegate=delegate_id,
        )
        if row["starts_at"] <= tx.now:
            passed = (await directory.memberships(tx, absent_id)).get(place, frozenset())
            await _cut(tx, absent_id, delegate_id, place, passed, ())


async def _require(tx: Transaction, actor: Actor, absent_id: str) -> None:
    action = Action.DELEGATION_GIVE if absent_id == actor.person_id else Action.DELEGATION_MANAGE
    await grants.require(tx, actor, action, institution_ref(actor.institution_id))


async def _check(tx: Transaction, absent_id: str, delegate_id: str, starts_at: datetime, ends_at: datetime) -> None:
    if delegate_id == absent_id:
        raise Invalid("error-delegation-self")
    if ends_at <= max(starts_at, tx.now):
        raise Invalid("error-delegation-over")
    if ends_at - starts_at > LONGEST:
        raise Invalid("error-delegation-long", days=LONGEST.days)
    for person_id in (absent_id, delegate_id):
        roles = (await directory.memberships(tx, person_id)).get(tx.actor.institution_id)
        if roles is None:
            raise NotFound
        if not roles & STAFF:
            raise Invalid("error-delegation-staff", field="delegate")
    if tx.actor.person_id == delegate_id:
        raise Invalid("error-delegation-own", field="delegate")


async def absent_lost(
    tx: Transaction, absent_id: str, institution_id: str, before: Collection[Role], after: Collection[Role]
) -> None:
    """Cut what is open in the stead of somebody who had the roles ``before`` in this institution, and has those ``after`` now.
    The delegation stands: what it still gives is asked at the delegate's next request."""
    standing = (
        (delegation.c.absent_id == absent_id)
        & (delegation.c.institution_id == institution_id)
        & delegation.c.ended_at.is_(None)
        & (delegation.c.starts_at <= tx.now)
        & (delegation.c.ends_at > tx.now)
    )
    for row in await tx.all(select(delegation.c.delegate_id).where(standing)):
        await _cut(tx, absent_id, row["delegate_id"], institution_id, before, after)


async def _cut(
    tx: Transaction,
    absent_id: str,
    delegate_id: str,
    institution_id: str,
    before: Collection[Role],
    after: Collection[Role],
) -> None:
    if not leaves_theirs(after):
        await views.end_through(tx, ("person", absent_id), {delegate_id})
    own = (await directory.memberships(tx, delegate_id)).get(institution_id, frozenset())
    # What was opened by a role that passed on says only "the institution's": the session goes with it.
    if lost(own | (DELEGABLE & set(before)), own | (DELEGABLE & set(after))):
        await endings.of_person(tx, delegate_id, "delegation", institution_id)
