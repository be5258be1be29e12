"""The people of an institution, as its administrator and its coordinators see them, and their roles there.

Nobody is locked out by mistake: an administrator does not take that role from themselves, and the last who ever came keeps
it. Of two who take it from each other at once, one does. The operator's commands know no such rule: they are the way back
in."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import func, select

from auth import administration, institutions
from auth.invitations import Invitation, close, listed
from auth.permissions import expert_or_not
from telepath import directory
from telepath.access import institution_ref
from telepath.actor import Actor, Role
from telepath.db.database import Database
from telepath.db.schema.auth import session
from telepath.db.schema.directory import institution, membership, person
from telepath.db.transaction import Reader, Transaction
from telepath.directory import Credential, Department, Person
from telepath.errors import Conflict, Invalid, NotFound
from telepath.identifiers import PSC
from telepath.sessions import IDLE, living


class Member(msgspec.Struct, frozen=True, kw_only=True):
    person: Person
    roles: frozenset[Role]
    department: Department | None
    seen_at: datetime | None
    """When they were last there for this institution."""
    sessions: int
    """How many of theirs live here."""
    credential: Credential | None
    invitation: Invitation | None
    """The one that still waits for them."""

    @property
    def seen(self) -> str:
        """The membership as a form showed it: another one since is another administrator's."""
        return " ".join(sorted(role.value for role in self.roles)) + f"/{self.department.id if self.department else ''}"


async def of_institution(reader: Reader, institution_id: str, idle: timedelta = IDLE) -> list[Member]:
    """By family name, then given name. ``idle``: how long a session lives without a sign of its person."""
    rows = await reader.all(select(membership).where(membership.c.institution_id == institution_id))
    people = await directory.people(reader, (row["person_id"] for row in rows))
    places = {one.id: one for one in await directory.departments(reader, institution_id)}
    waiting = {one.person_id: one for one in await listed(reader, institution_id)}
    was_there = await _sessions(reader, institution_id, idle)
    found = [
        Member(
            person=people[row["person_id"]],
            roles=frozenset(Role(role) for role in row["roles"]),
            department=places.get(row["department_id"] or ""),
            seen_at=was_there.get(row["person_id"], (None, 0))[0],
            sessions=was_there.get(row["person_id"], (None, 0))[1],
            credential=await _credential(reader, people[row["person_id"]]),
            invitation=waiting.get(row["person_id"]),
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: (one.person.family_name, one.person.given_name, one.person.id))


async def get(reader: Reader, institution_id: str, person_id: str, idle: timedelta = IDLE) -> Member:
    """Raises NotFound: no member of this institution."""
    for one in await of_institution(reader, institution_id, idle):
        if one.person.id == person_id:
            return one
    raise NotFound


async def change(
    db: Database, actor: Actor, person_id: str, roles: Iterable[Role], department_id: str, seen: str
) -> None:
    """Give a member of the actor's institution exactly these roles, at least one, in this department (empty: none); ``seen``:
    ``Member.seen`` as the form showed it.

    Raises Refused; NotFound: no member, no such department; Invalid: no role, or one that cannot be theirs; Conflict: changed
    meanwhile, one's own role of administrator, or that of the last one."""
    held = frozenset(roles)
    if not held:
        raise Invalid("error-member-no-role", field="roles")
    async with db.write(actor) as tx:
        await institutions.require(tx, actor)
        member = await _locked(tx, actor, person_id)
        if member.seen != seen:
            raise Conflict("error-member-changed", name=member.person.name)
        await _keeps_administrators(tx, actor, member, held)
        if Role.EXPERT in held - member.roles:
            expert_or_not(member.person, verified=member.credential is not None)
        if department_id:
            await institutions.department(tx, actor.institution_id, department_id)
        await administration.set_membership(
            tx, person_id, actor.institution_id, held, department_id=department_id or None
        )


async def end(db: Database, actor: Actor, person_id: str) -> None:
    """End somebody's membership of the actor's institution, with their sessions, their open slides and rooms.

    Raises Refused; NotFound: no member; Conflict: oneself, or the last administrator."""
    async with db.write(actor) as tx:
        await institutions.require(tx, actor)
        member = await _locked(tx, actor, person_id)
        await _keeps_administrators(tx, actor, member, frozenset())
        if person_id == actor.person_id:
            raise Conflict("error-member-oneself")
        await close(tx, person_id, actor.institution_id)
        await administration.set_membership(tx, person_id, actor.institution_id, ())


async def record_read(db: Database, actor: Actor) -> None:
    """That somebody has the list of the people of their institution before them."""
    await db.record(actor, "directory.read", institution_ref(actor.institution_id))


async def _locked(tx: Transaction, actor: Actor, person_id: str) -> Member:
    # One row for all of an institution's memberships: each that changes them sees what the one before did.
    await tx.scalar(
        select(institution.c.id).where(institution.c.id == actor.institution_id).with_for_update(key_share=True)
    )
    return await get(tx, actor.institution_id, person_id)


async def _keeps_administrators(tx: Transaction, actor: Actor, member: Member, roles: frozenset[Role]) -> None:
    if Role.ADMINISTRATOR not in member.roles - roles:
        return
    if member.person.id == actor.person_id:
        raise Conflict("error-member-own-role")
    rows = await tx.all(
        select(membership.c.person_id, membership.c.roles, person.c.first_seen_at)
        .join(person, person.c.id == membership.c.person_id)
        .where(membership.c.institution_id == actor.institution_id, person.c.disabled_at.is_(None))
    )
    # Who is expected may never come: their role keeps no door open.
    expected = {one.person_id for one in await listed(tx, actor.institution_id)}
    if not any(
        Role.ADMINISTRATOR in row["roles"] and (row["first_seen_at"] or row["person_id"] == actor.person_id)
        for row in rows
        if row["person_id"] not in {member.person.id, *expected}
    ):
        raise Conflict("error-member-last-administrator", name=member.person.name)


async def _sessions(reader: Reader, institution_id: str, idle: timedelta) -> dict[str, tuple[datetime, int]]:
    """Person id → (last seen here, how many sessions live)."""
    number = func.count().filter(living(reader.now, idle)).label("n")
    rows = await reader.all(
        select(session.c.person_id, func.max(session.c.seen_at).label("seen_at"), number)
        .where(session.c.institution_id == institution_id)
        .group_by(session.c.person_id)
    )
    return {row["person_id"]: (row["seen_at"], row["n"]) for row in rows}


async def _credential(reader: Reader, who: Person) -> Credential | None:
    """Only who has no RPPS number needs one."""
    return await directory.credential(reader, who.id) if who.provider != PSC else None
