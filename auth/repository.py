"""Rows of logins under way and of sessions."""

import hashlib
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import RowMapping, delete, or_, select, update

from auth.model import Purpose, Session
from telepath.actor import Actor, Role
from telepath.db.schema.auth import login, session
from telepath.db.schema.directory import (
    care_group,
    care_group_member,
    delegation,
    institution,
    membership,
    person,
)
from telepath.db.transaction import Reader, Transaction
from telepath.slides import views


class LoginUnderWay(msgspec.Struct, frozen=True, kw_only=True):
    """What was sent away with a browser, and what its answer is checked against."""

    nonce: str
    verifier: str
    browser: str
    """SHA-256 of the cookie that binds the login to one browser."""
    return_to: str
    purpose: Purpose
    created_at: datetime
    provider: str = "psc"
    invitation_id: str = ""


def digest(secret: str) -> str:
    """What is stored of a secret: whoever reads the database cannot use it."""
    return hashlib.sha256(secret.encode()).hexdigest()


async def keep_login(tx: Transaction, state: str, under_way: LoginUnderWay) -> None:
    await tx.insert(login, state=digest(state), **msgspec.structs.asdict(under_way))


async def consume_login(tx: Transaction, state: str) -> LoginUnderWay | None:
    """Take the login of this state away: of two answers with the same state, one gets it and the other None."""
    taken = await tx.execute(delete(login).where(login.c.state == digest(state)).returning(*login.c))
    row = taken.mappings().first()
    return None if row is None else msgspec.convert(row, LoginUnderWay)


async def forget_logins(tx: Transaction, before: datetime) -> None:
    await tx.execute(delete(login).where(login.c.created_at < before))


async def keep_session(tx: Transaction, new: Session) -> None:
    plain = {"practices": msgspec.to_builtins(new.practices), "activity": msgspec.to_builtins(new.activity)}
    await tx.insert(session, **msgspec.structs.asdict(new) | plain)


async def session_by_id(reader: Reader, session_id: str) -> Session | None:
    row = await reader.first(select(session).where(session.c.id == session_id))
    return None if row is None else msgspec.convert(row, Session)


async def not_ended(reader: Reader, person_id: str, institution_id: str) -> list[Session]:
    """The sessions of a person for an institution whose end nobody has written yet; some may have expired."""
    mine = (session.c.person_id == person_id) & (session.c.institution_id == institution_id)
    rows = await reader.all(select(session).where(mine, session.c.ended_at.is_(None)).order_by(session.c.id))
    return [msgspec.convert(row, Session) for row in rows]


async def end(tx: Transaction, session_id: str) -> bool:
    """Whether it was this call that ended the session. The slides that are open in it close with it."""
    ended = await tx.execute(
        update(session).where(session.c.id == session_id, session.c.ended_at.is_(None)).values(ended_at=tx.now)
    )
    if ended.rowcount == 1:
        await views.end_session(tx, session_id)
    return ended.rowcount == 1


async def touch(tx: Transaction, session_id: str) -> None:
    await tx.execute(
        update(session).where(session.c.id == session_id, session.c.ended_at.is_(None)).values(seen_at=tx.now)
    )


DELEGABLE: Final = frozenset({Role.REQUESTER, Role.COORDINATOR, Role.BOARD_CHAIR, Role.TECHNICIAN})
"""Roles that pass to a delegate. What stands on a person's own credential, or watches over others, does not."""


async def owner(reader: Reader, session_id: str) -> tuple[Session, Actor] | None:
    """A session and whose it is, as every request asks. An actor without roles where the membership has ended, or the person
    or institution is disabled; without an institution where none was chosen yet, and for a guest."""
    row = await reader.first(
        select(
            session,
            person.c.subject_name_id,
            person.c.title,
            person.c.given_name,
            person.c.family_name,
            person.c.language,
            person.c.disabled_at.label("person_disabled_at"),
            institution.c.name.label("institution_name"),
            institution.c.time_zone,
            institution.c.disabled_at.label("institution_disabled_at"),
            membership.c.roles,
        )
        .join(person, person.c.id == session.c.person_id)
        .outerjoin(institution, institution.c.id == session.c.institution_id)
        .outerjoin(
            membership,
            (membership.c.person_id == session.c.person_id) & (membership.c.institution_id == session.c.institution_id),
        )
        .where(session.c.id == session_id)
    )
    if row is None:
        return None
    actor = _actor(row)
    if actor.institution_id and actor.roles:
        actor = await _with_others(reader, actor)
    return msgspec.convert(row, Session), actor


async def _with_others(reader: Reader, actor: Actor) -> Actor:
    """The actor with their groups, and with what absent colleagues of the same institution left to them."""
    member = care_group_member
    groups = await reader.all(
        select(member.c.group_id)
        .join(care_group, care_group.c.id == member.c.group_id)
        .where(
            care_group.c.ended_at.is_(None),
            or_(
                (member.c.member_kind == "person") & (member.c.member_id == actor.person_id),
                (member.c.member_kind == "institution") & (member.c.member_id == actor.institution_id),
            ),
        )
    )
    absent = await reader.all(
        select(delegation.c.absent_id, membership.c.roles)
        .join(
            membership,
            (membership.c.person_id == delegation.c.absent_id)
            & (membership.c.institution_id == delegation.c.institution_id),
        )
        .where(
            delegation.c.delegate_id == actor.person_id,
            delegation.c.institution_id == actor.institution_id,
            delegation.c.ended_at.is_(None),
            delegation.c.starts_at <= reader.now,
            delegation.c.ends_at > reader.now,
        )
    )
    passed = {Role(role) for row in absent for role in row["roles"]} & DELEGABLE
    return msgspec.structs.replace(
        actor,
        roles=actor.roles | passed,
        groups=frozenset(row["group_id"] for row in groups),
        stands_for=frozenset(row["absent_id"] for row in absent),
    )


def _actor(row: RowMapping) -> Actor:
    optional: dict[str, Any] = {"time_zone": row["time_zone"]} if row["time_zone"] else {}
    roles = {Role(role) for role in row["roles"] or ()}
    if row["person_disabled_at"] or row["institution_disabled_at"]:
        roles = set()
    if not row["qualified"]:
        roles -= {Role.EXPERT}
    return Actor(
        person_id=row["person_id"],
        name=" ".join(part for part in (row["title"], row["given_name"], row["family_name"]) if part),
        institution_id=row["institution_id"] or "",
        institution_name=row["institution_name"] or "",
        roles=frozenset(roles),
        link_id=row["link_id"],
        subject_name_id=row["subject_name_id"],
        session_id=row["id"],
        acr=row["acr"],
        auth_time=row["auth_time"],
        language=row["language"],
        **optional,
    )
