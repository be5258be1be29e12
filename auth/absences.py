"""When somebody answers no request, without leaving anything to a delegate: they are not proposed while they are away.

Who leaves something to a colleague is absent too, there (auth/delegations.py); telepath/directory.py reads both."""

from datetime import datetime, timedelta
from typing import Final

import msgspec
from sqlalchemy import select, update

from telepath import directory, grants
from telepath.access import Action, ObjectRef, institution_ref
from telepath.actor import Actor
from telepath.db.database import Database
from telepath.db.schema.directory import absence, membership, person
from telepath.db.transaction import Reader, Transaction
from telepath.errors import Conflict, Invalid, NotFound

LONGEST: Final = timedelta(days=366)


class Away(msgspec.Struct, frozen=True):
    """One absence, as it was said."""

    id: str
    person_id: str
    name: str
    starts_at: datetime
    ends_at: datetime
    """When it is over: the first instant of the day after the last."""

    @property
    def last(self) -> datetime:
        """Within its last day."""
        return self.ends_at - timedelta(microseconds=1)


async def of_institution(reader: Reader, institution_id: str, concerning: str = "") -> list[Away]:
    """Those of its members that are not over, the next to begin first; ``concerning``: of this person alone."""
    wanted = absence.c.ended_at.is_(None) & (absence.c.ends_at > reader.now)
    if concerning:
        wanted &= absence.c.person_id == concerning
    rows = await reader.all(
        select(absence, person.c.title, person.c.given_name, person.c.family_name)
        .join(person, person.c.id == absence.c.person_id)
        .join(membership, membership.c.person_id == absence.c.person_id)
        .where(wanted, membership.c.institution_id == institution_id)
        .order_by(absence.c.starts_at, absence.c.id)
    )
    return [
        Away(
            row["id"],
            row["person_id"],
            directory.called(row["title"], row["given_name"], row["family_name"]),
            row["starts_at"],
            row["ends_at"],
        )
        for row in rows
    ]


async def say(db: Database, actor: Actor, *, person_id: str, starts_at: datetime, ends_at: datetime) -> str:
    """Say that somebody will answer nothing in this time, and return the absence's id: for oneself, or, who manages
    delegations, for a member of the actor's institution, who is told.

    Raises Refused; NotFound: no member; Invalid: it is over, ends before it begins, or is longer than ``LONGEST``; Conflict:
    an absence of theirs covers a part of it already."""
    async with db.write(actor) as tx:
        await _require(tx, actor, person_id)
        if actor.institution_id not in await directory.memberships(tx, person_id):
            raise NotFound
        if ends_at <= max(starts_at, tx.now):
            raise Invalid("error-delegation-over", field="last")
        if ends_at - starts_at > LONGEST:
            raise Invalid("error-delegation-long", field="last", days=LONGEST.days)
        # The person's row is the lock: of two at once, one sees the other.
        await tx.scalar(select(person.c.id).where(person.c.id == person_id).with_for_update(key_share=True))
        standing = (
            (absence.c.person_id == person_id)
            & absence.c.ended_at.is_(None)
            & (absence.c.starts_at < ends_at)
            & (absence.c.ends_at > starts_at)
        )
        if await tx.scalar(select(absence.c.id).where(standing).limit(1)) is not None:
            raise Conflict("error-absence-exists")
        key = tx.new_id()
        await tx.insert(
            absence,
            id=key,
            person_id=person_id,
            starts_at=starts_at,
            ends_at=ends_at,
            said_by=actor.person_id,
            said_at=tx.now,
        )
        await tx.audit(
            "routing.changed",
            ObjectRef("person", person_id, actor.institution_id),
            change="absence-said",
            starts=starts_at.isoformat(timespec="seconds"),
            ends=ends_at.isoformat(timespec="seconds"),
        )
        if person_id != actor.person_id:
            await tx.emit("absence.said", person=person_id, by=actor.person_id)
    return key


async def end(db: Database, actor: Actor, absence_id: str) -> None:
    """Take an absence back, or end it now: one's own, or, who manages delegations, that of a member of the institution.

    Raises Refused; NotFound: none of the actor's institution has this id, or it is over."""
    standing = (absence.c.id == absence_id) & absence.c.ended_at.is_(None)
    async with db.write(actor) as tx:
        row = await tx.first(
            select(absence.c.person_id)
            .join(membership, membership.c.person_id == absence.c.person_id)
            .where(standing, membership.c.institution_id == actor.institution_id, absence.c.ends_at > tx.now)
        )
        await _require(tx, actor, row["person_id"] if row else "")
        done = await tx.execute(update(absence).where(standing).values(ended_at=tx.now))
        if row is None or done.rowcount != 1:
            raise NotFound
        await tx.audit(
            "routing.changed", ObjectRef("person", row["person_id"], actor.institution_id), change="absence-ended"
        )


async def _require(tx: Transaction, actor: Actor, person_id: str) -> None:
    action = Action.DELEGATION_GIVE if person_id == actor.person_id else Action.DELEGATION_MANAGE
    await grants.require(tx, actor, action, institution_ref(actor.institution_id))
