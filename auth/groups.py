"""Writes groups across institutions (GCS, regional networks, national expert networks), each led by one institution.

What is given to a group is held by its members: whoever leaves it loses that at once, with the slides and rooms that are open;
an institution that leaves takes back the cases that it shared. While the institution that leads it is suspended, a group gives
nothing.

``found``, ``admit``, ``release`` and ``dissolve`` ask who may. The others work in the caller's transaction, ask nobody, and
record ``directory.changed`` in it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import ColumnElement, RowMapping, delete, select, update
from sqlalchemy.exc import IntegrityError

from telepath import directory, grants
from telepath.access import Action, ObjectRef, institution_ref
from telepath.actor import Actor
from telepath.cases import sharing
from telepath.db.database import Database
from telepath.db.schema.directory import care_group, care_group_member, institution, membership, person
from telepath.db.transaction import Reader, Transaction
from telepath.errors import Conflict, Invalid, NotFound
from telepath.identifiers import finess_of, rpps_of, subject_of_rpps
from telepath.slides import views

KINDS: Final = ("gcs", "regional", "national")
MEMBER_KINDS: Final = {"institution": institution, "person": person}


class Member(msgspec.Struct, frozen=True):
    kind: str
    """``institution`` or ``person``."""
    id: str
    name: str
    number: str
    """FINESS of an institution; RPPS of a person, empty for who has none."""
    since: datetime


class Group(msgspec.Struct, frozen=True):
    id: str
    kind: str
    name: str
    institution_id: str
    """The one that leads it."""
    members: tuple[Member, ...]


async def of_institution(reader: Reader, institution_id: str) -> list[Group]:
    """The groups that the institution leads or belongs to, by name, with their members, institutions first."""
    mine = select(care_group_member.c.group_id).where(
        care_group_member.c.member_kind == "institution", care_group_member.c.member_id == institution_id
    )
    rows = await reader.all(
        select(care_group).where(care_group.c.id.in_(mine), care_group.c.ended_at.is_(None)).order_by(care_group.c.name)
    )
    links = await reader.all(
        select(care_group_member)
        .where(care_group_member.c.group_id.in_([row["id"] for row in rows]))
        .order_by(care_group_member.c.member_kind, care_group_member.c.since)
    )
    named: dict[tuple[str, str], tuple[str, str]] = {}
    places = await directory.institutions(reader, _ids(links, "institution"))
    people = await directory.people(reader, _ids(links, "person"))
    named |= {("institution", key): (place.name, place.finess) for key, place in places.items()}
    named |= {("person", key): (one.name, rpps_of(one.subject_name_id)) for key, one in people.items()}

    def members(group_id: str) -> tuple[Member, ...]:
        return tuple(
            Member(
                link["member_kind"], link["member_id"], *named[link["member_kind"], link["member_id"]], link["since"]
            )
            for link in links
            if link["group_id"] == group_id
        )

    return [Group(row["id"], row["kind"], row["name"], row["institution_id"], members(row["id"])) for row in rows]


async def of_actor(reader: Reader, actor: Actor) -> list[Group]:
    """The groups of the actor's institution, as ``of_institution`` has them. Raises Refused."""
    await grants.require(reader, actor, Action.GROUP_MANAGE, institution_ref(actor.institution_id))
    return await of_institution(reader, actor.institution_id)


async def found(db: Database, actor: Actor, kind: str, name: str) -> str:
    """Begin a group that the actor's institution leads, and return its id. Raises Refused; Invalid, Conflict: as ``add``."""
    async with db.write(actor) as tx:
        await grants.require(tx, actor, Action.GROUP_MANAGE, institution_ref(actor.institution_id))
        return await add(tx, kind, name, actor.institution_id)


async def admit(db: Database, actor: Actor, group_id: str, number: str) -> None:
    """Let whom a FINESS or an RPPS number names belong to a group that the actor's institution leads.

    Raises NotFound, Refused; Invalid: it names nobody here; Conflict: somebody else did so at the same instant."""
    async with db.write(actor, unaudited="they may belong to it already") as tx:
        await _require(tx, actor, group_id)
        await join(tx, group_id, *await _named(tx, number))


async def release(db: Database, actor: Actor, group_id: str, member_kind: str, member_id: str) -> None:
    """End a membership: who leads the group lets go; and nobody's institution is held in one.

    Raises Refused; NotFound, Conflict: as ``leave``."""
    own = (member_kind, member_id) == ("institution", actor.institution_id)
    async with db.write(actor) as tx:
        await _require(tx, actor, group_id, actor.institution_id if own else "")
        await leave(tx, group_id, member_kind, member_id)


async def dissolve(db: Database, actor: Actor, group_id: str) -> None:
    """Raises NotFound, Refused."""
    async with db.write(actor) as tx:
        await _require(tx, actor, group_id)
        await end(tx, group_id)


async def _require(tx: Transaction, actor: Actor, group_id: str, place: str = "") -> None:
    """That the actor may manage the group, or only what is of ``place``."""
    group = _ref(group_id, await _lead(tx, group_id))
    await grants.require(tx, actor, Action.GROUP_MANAGE, institution_ref(place) if place else group)


async def _named(reader: Reader, number: str) -> tuple[str, str]:
    """Kind and id of whom the number names. Raises Invalid: nobody here."""
    place = await directory.institution_by_finess(reader, finess_of(number))
    if place is not None:
        return "institution", place.id
    subject = subject_of_rpps(number) or "".join(number.upper().split())
    person = await directory.person_by_subject(reader, subject)
    if person is None:
        raise Invalid("error-group-nobody", field="number")
    return "person", person.id


def _ids(links: Iterable[RowMapping], kind: str) -> list[str]:
    return [link["member_id"] for link in links if link["member_kind"] == kind]


async def add(tx: Transaction, kind: str, name: str, institution_id: str) -> str:
    """Return the new group's id. ``institution_id``: the institution that leads it, and is its first member.

    Raises Invalid: no such kind; Conflict: a group has this name."""
    if kind not in KINDS:
        raise Invalid("error-group-kind")
    key = tx.new_id()
    try:
        await tx.insert(care_group, id=key, kind=kind, name=name, institution_id=institution_id, created_at=tx.now)
    except IntegrityError:
        raise Conflict("error-group-exists", name=name) from None
    await tx.audit("directory.changed", _ref(key, institution_id), change="group-added", group=kind)
    await join(tx, key, "institution", institution_id)
    return key


async def join(tx: Transaction, group_id: str, member_kind: str, member_id: str) -> None:
    """Let an institution, or one person, belong to the group from now on; nothing happens if it does already.

    Raises NotFound: no such group, or it has ended; no such member."""
    lead = await _lead(tx, group_id)
    table = MEMBER_KINDS[member_kind]
    if await tx.scalar(select(table.c.id).where(table.c.id == member_id)) is None:
        raise NotFound
    if await tx.scalar(select(care_group_member.c.since).where(_member(group_id, member_kind, member_id))) is not None:
        return
    try:
        await tx.insert(
            care_group_member, group_id=group_id, member_kind=member_kind, member_id=member_id, since=tx.now
        )
    except IntegrityError:
        raise Conflict from None
    await tx.audit(
        "directory.changed",
        _ref(group_id, lead),
        change="group-joined",
        member=member_id,
        member_kind=member_kind,
    )


async def leave(tx: Transaction, group_id: str, member_kind: str, member_id: str) -> None:
    """Raises NotFound: no such group, or not a member of it; Conflict: it leads the group."""
    # A case may be on its way to the group.
    await tx.first(select(care_group.c.id).where(care_group.c.id == group_id).with_for_update())
    lead = await _lead(tx, group_id)
    if (member_kind, member_id) == ("institution", lead):
        raise Conflict("error-group-lead")
    gone = await tx.execute(delete(care_group_member).where(_member(group_id, member_kind, member_id)))
    if gone.rowcount != 1:
        raise NotFound
    await tx.audit(
        "directory.changed",
        _ref(group_id, lead),
        change="group-left",
        member=member_id,
        member_kind=member_kind,
    )
    await views.end_through(tx, ("group", group_id), await _people(tx, member_kind, member_id))
    if member_kind == "institution":
        await sharing.group_over(tx, group_id, "group-left", owner=member_id)


async def end(tx: Transaction, group_id: str) -> None:
    """Dissolve the group; its row stays, for the audit names it. Raises NotFound: no such group, or it has ended."""
    await tx.first(select(care_group.c.id).where(care_group.c.id == group_id).with_for_update())
    lead = await _lead(tx, group_id)
    await tx.execute(update(care_group).where(care_group.c.id == group_id).values(ended_at=tx.now))
    await tx.audit("directory.changed", _ref(group_id, lead), change="group-ended")
    await _close(tx, group_id)
    await sharing.group_over(tx, group_id, "group-ended")


async def lead_suspended(tx: Transaction, institution_id: str) -> None:
    """Close what is open through the groups that this institution leads: they give nothing until it is restored."""
    led = select(care_group.c.id).where(care_group.c.institution_id == institution_id, care_group.c.ended_at.is_(None))
    for row in await tx.all(led.order_by(care_group.c.id)):
        await _close(tx, row["id"])


def _ref(group_id: str, institution_id: str) -> ObjectRef:
    return ObjectRef("group", group_id, institution_id)


def _member(group_id: str, member_kind: str, member_id: str) -> ColumnElement[bool]:
    return (
        (care_group_member.c.group_id == group_id)
        & (care_group_member.c.member_kind == member_kind)
        & (care_group_member.c.member_id == member_id)
    )


async def _lead(tx: Reader, group_id: str) -> str:
    standing = (care_group.c.id == group_id) & care_group.c.ended_at.is_(None)
    return str((await tx.one(select(care_group.c.institution_id).where(standing)))["institution_id"])


async def _close(tx: Transaction, group_id: str) -> None:
    """Close what is open through the group, for all its people."""
    people: set[str] = set()
    for row in await tx.all(select(care_group_member).where(care_group_member.c.group_id == group_id)):
        people |= await _people(tx, row["member_kind"], row["member_id"])
    await views.end_through(tx, ("group", group_id), people)


async def _people(tx: Transaction, member_kind: str, member_id: str) -> set[str]:
    if member_kind == "person":
        return {member_id}
    rows = await tx.all(select(membership.c.person_id).where(membership.c.institution_id == member_id))
    return {row["person_id"] for row in rows}
