"""Who acts for whom during an absence: what was given to the absent person, and the roles that pass on (telepath/standing.py).

Each function works in the caller's transaction and is recorded in it. A delegation ends by itself, or when it is withdrawn:
then with the slides and rooms that are open through it. Those are cut too when the absent person loses what they left."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

import msgspec
from sqlalchemy import RowMapping, select, update

from auth import endings
from telepath import directory
from telepath.access import STAFF, ObjectRef, lost
from telepath.actor import Role
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


async def give(
    tx: Transaction,
    *,
    absent_id: str,
    delegate_id: str,
    institution_id: str,
    starts_at: datetime,
    ends_at: datetime,
) -> str:
    """Return the new delegation's id. Both people are members of the institution.

    The absent person and the delegate are told. Raises Invalid: to oneself, by the delegate themselves, of or to somebody who
    works with no case, or a time that is over, ends before it begins, or is longer than ``LONGEST``; NotFound: one of
    the two is no member; Conflict: the absent person has a delegate there in that time already."""
    if delegate_id == absent_id:
        raise Invalid("error-delegation-self")
    if ends_at <= max(starts_at, tx.now):
        raise Invalid("error-delegation-over")
    if ends_at - starts_at > LONGEST:
        raise Invalid("error-delegation-long", days=LONGEST.days)
    for person_id in (absent_id, delegate_id):
        roles = (await directory.memberships(tx, person_id)).get(institution_id)
        if roles is None:
            raise NotFound
        if not roles & STAFF:
            raise Invalid("error-delegation-staff", field="delegate")
    if tx.actor.person_id == delegate_id:
        raise Invalid("error-delegation-own", field="delegate")
    # The absent person's row is the lock: of two at once, one sees the other.
    await tx.scalar(select(person.c.id).where(person.c.id == absent_id).with_for_update())
    standing = (
        (delegation.c.absent_id == absent_id)
        & (delegation.c.institution_id == institution_id)
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
        institution_id=institution_id,
        absent_id=absent_id,
        delegate_id=delegate_id,
        given_by=tx.actor.person_id,
        given_at=tx.now,
        starts_at=starts_at,
        ends_at=ends_at,
    )
    await tx.audit(
        "delegation.given",
        ObjectRef("person", absent_id, institution_id),
        delegation=key,
        delegate=delegate_id,
        starts=starts_at.isoformat(timespec="seconds"),
        ends=ends_at.isoformat(timespec="seconds"),
    )
    for told in {absent_id, delegate_id} - {tx.actor.person_id}:
        await tx.emit("delegation.given", person=told, by=tx.actor.person_id)
    return key


async def end(tx: Transaction, delegation_id: str, institution_id: str) -> None:
    """Withdraw a delegation before its end. Raises NotFound: none of this institution has this id, or it is over."""
    standing = (
        (delegation.c.id == delegation_id)
        & (delegation.c.institution_id == institution_id)
        & delegation.c.ended_at.is_(None)
        & (delegation.c.ends_at > tx.now)
    )
    row = await tx.one(select(delegation).where(standing))
    done = await tx.execute(update(delegation).where(standing).values(ended_at=tx.now))
    if done.rowcount != 1:
        raise NotFound
    await tx.audit(
        "delegation.ended",
        ObjectRef("person", row["absent_id"], institution_id),
        delegation=delegation_id,
        delegate=row["delegate_id"],
    )
    passed = (await directory.memberships(tx, row["absent_id"])).get(institution_id, frozenset())
    await _cut(tx, row["absent_id"], row["delegate_id"], institution_id, passed, ())


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
