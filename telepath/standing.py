"""What somebody is at this moment: roles, groups, for whom they stand. Asked at each request, and while a socket is open."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, RowMapping, Select, or_, select

from telepath.actor import Actor, Role
from telepath.db.schema.auth import session
from telepath.db.schema.directory import care_group, care_group_member, delegation, institution, membership, person
from telepath.db.transaction import Reader
from telepath.sessions import IDLE, living

DELEGABLE: Final = frozenset({Role.REQUESTER, Role.COORDINATOR, Role.BOARD_CHAIR, Role.TECHNICIAN})
"""Roles that pass to a delegate. What stands on a person's own credential, or watches over others, does not."""
IN_EMERGENCY: Final = DELEGABLE
"""Roles that are left in a session that a code opened: enough to look and discuss. The others stand on who one is."""


def sessions(*more: ColumnElement[Any]) -> Select[Any]:
    """Sessions with what ``roles`` reads of the person, the institution and the membership of each, and these columns."""
    return (
        select(
            session,
            person.c.disabled_at.label("person_disabled_at"),
            institution.c.disabled_at.label("institution_disabled_at"),
            membership.c.roles,
            *more,
        )
        .join(person, person.c.id == session.c.person_id)
        .outerjoin(institution, institution.c.id == session.c.institution_id)
        .outerjoin(
            membership,
            (membership.c.person_id == session.c.person_id) & (membership.c.institution_id == session.c.institution_id),
        )
    )


def roles(row: RowMapping) -> frozenset[Role]:
    """The roles of a row of ``sessions``: none where the membership has ended, or the person or institution is disabled."""
    if row["person_disabled_at"] or row["institution_disabled_at"]:
        return frozenset()
    held = frozenset(Role(role) for role in row["roles"] or ())
    if row["emergency_id"]:
        return held & IN_EMERGENCY
    return held if row["qualified"] else held - {Role.EXPERT}


def leaves_theirs(roles: Collection[str]) -> bool:
    """Whether what was given to who has these roles passes to a delegate. An observer sees no case, whoever invites them."""
    return bool(set(roles) - {Role.OBSERVER})


async def of(reader: Reader, actor: Actor, idle: timedelta = IDLE) -> Actor | None:
    """The actor as they are now, with nothing where nothing is left to them; None: their session lives no more. A guest has no
    roles to lose. ``idle``: how long a session lives without a sign of its person."""
    (now,) = await of_each(reader, [actor], idle)
    return now


async def of_each(reader: Reader, actors: Sequence[Actor], idle: timedelta = IDLE) -> list[Actor | None]:
    """The same of several, in their order, with as many statements as for one."""
    wanted = session.c.id.in_({actor.session_id for actor in actors})
    rows = {row["id"]: row for row in await reader.all(sessions().where(wanted, living(reader.now, idle)))}
    now = [_by_session(actor, rows.get(actor.session_id)) for actor in actors]
    at_work = iter(await _each_with_others(reader, [one for one in now if one is not None and one.roles]))
    return [next(at_work) if one is not None and one.roles else one for one in now]


def _by_session(actor: Actor, row: RowMapping | None) -> Actor | None:
    """With the roles that are their own, and nothing of others."""
    if row is None:
        return None
    if actor.link_id:
        return actor
    nothing: dict[str, frozenset[Any]] = {"borrowed": frozenset(), "groups": frozenset(), "stands_for": frozenset()}
    return msgspec.structs.replace(actor, roles=roles(row), **nothing)


async def without_session(reader: Reader, actor: Actor) -> Actor | None:
    """Who asked for something that is done later, as they are now; None: they, or their institution, are suspended, or they
    work there no more."""
    row = await reader.first(
        select(membership.c.roles)
        .join(person, person.c.id == membership.c.person_id)
        .join(institution, institution.c.id == membership.c.institution_id)
        .where(
            membership.c.person_id == actor.person_id,
            membership.c.institution_id == actor.institution_id,
            person.c.disabled_at.is_(None),
            institution.c.disabled_at.is_(None),
        )
    )
    if row is None or not row["roles"]:
        return None
    return await with_others(
        reader, msgspec.structs.replace(actor, roles=frozenset(Role(role) for role in row["roles"]))
    )


async def with_others(reader: Reader, actor: Actor) -> Actor:
    """The actor with their groups, and with what absent colleagues of the same institution left to them."""
    (now,) = await _each_with_others(reader, [actor])
    return now


async def _each_with_others(reader: Reader, actors: Sequence[Actor]) -> list[Actor]:
    if not actors:
        return []
    people, places = {actor.person_id for actor in actors}, {actor.institution_id for actor in actors}
    member = care_group_member
    groups: dict[tuple[str, str], set[str]] = {}
    for row in await reader.all(
        select(member.c.group_id, member.c.member_kind, member.c.member_id)
        .join(care_group, care_group.c.id == member.c.group_id)
        .join(institution, institution.c.id == care_group.c.institution_id)
        .where(
            care_group.c.ended_at.is_(None),
            # Nobody answers for a group while the institution that leads it is suspended.
            institution.c.disabled_at.is_(None),
            or_(
                (member.c.member_kind == "person") & member.c.member_id.in_(people),
                (member.c.member_kind == "institution") & member.c.member_id.in_(places),
            ),
        )
    ):
        groups.setdefault((row["member_kind"], row["member_id"]), set()).add(row["group_id"])
    absent: dict[tuple[str, str], list[RowMapping]] = {}
    for row in await reader.all(
        select(delegation.c.delegate_id, delegation.c.institution_id, delegation.c.absent_id, membership.c.roles)
        .join(person, person.c.id == delegation.c.absent_id)
        .join(
            membership,
            (membership.c.person_id == delegation.c.absent_id)
            & (membership.c.institution_id == delegation.c.institution_id),
        )
        .where(
            delegation.c.delegate_id.in_(people),
            delegation.c.institution_id.in_(places),
            delegation.c.ended_at.is_(None),
            # Who was suspended has nothing to leave to anybody.
            person.c.disabled_at.is_(None),
            delegation.c.starts_at <= reader.now,
            delegation.c.ends_at > reader.now,
        )
    ):
        absent.setdefault((row["delegate_id"], row["institution_id"]), []).append(row)
    return [
        _with(
            actor,
            groups.get(("person", actor.person_id), set()) | groups.get(("institution", actor.institution_id), set()),
            absent.get((actor.person_id, actor.institution_id), []),
        )
        for actor in actors
    ]


def _with(actor: Actor, groups: Collection[str], absent: Sequence[RowMapping]) -> Actor:
    borrowed = {(Role(role), row["absent_id"]) for row in absent for role in row["roles"]}
    borrowed = {(role, whose) for role, whose in borrowed if role in DELEGABLE - actor.roles}
    return msgspec.structs.replace(
        actor,
        roles=actor.roles | {role for role, _ in borrowed},
        borrowed=frozenset(borrowed),
        groups=frozenset(groups),
        stands_for=frozenset(row["absent_id"] for row in absent if leaves_theirs(row["roles"])),
    )
