"""Rows of logins under way and of sessions."""

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, RowMapping, delete, or_, select, update

from auth.bearer import digest
from auth.model import Purpose, Session
from telepath import sessions, standing
from telepath.actor import Actor
from telepath.db.schema.auth import login, session
from telepath.db.schema.directory import institution, person
from telepath.db.transaction import Reader, Transaction
from telepath.directory import called
from telepath.identifiers import PSC


class LoginUnderWay(msgspec.Struct, frozen=True, kw_only=True):
    """What was sent away with a browser, and what its answer is checked against."""

    nonce: str
    verifier: str
    browser: str
    """SHA-256 of the cookie that binds the login to one browser."""
    return_to: str
    purpose: Purpose
    created_at: datetime
    provider: str = PSC
    invitation_id: str = ""


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


async def not_ended(reader: Reader, person_id: str = "", institution_id: str = "") -> list[Session]:
    """The sessions of a person, or for an institution, or of one for the other, whose end nobody has written yet; some may
    have expired."""
    which = [
        column == value
        for column, value in ((session.c.person_id, person_id), (session.c.institution_id, institution_id))
        if value
    ]
    if not which:
        raise ValueError("whose sessions?")
    return await _not_ended(reader, *which)


async def of_provider(reader: Reader, provider: str, subject: str, provider_session: str) -> list[Session]:
    """The sessions that stand on one session of an identity provider, or without it on any of this subject, and have not
    ended."""
    same = session.c.subject == subject
    if provider_session:
        # Of a session that came without a sid it cannot be told whether it is that one: it ends too.
        unnamed = (session.c.provider_session == "") & same
        same = or_(session.c.provider_session == provider_session, unnamed)
    return await _not_ended(reader, session.c.provider == provider, same)


async def of_emergency(reader: Reader, emergency_id: str) -> list[Session]:
    """The sessions that codes of one emergency access opened, and that have not ended."""
    return await _not_ended(reader, session.c.emergency_id == emergency_id)


async def _not_ended(reader: Reader, *which: ColumnElement[bool]) -> list[Session]:
    rows = await reader.all(select(session).where(*which, session.c.ended_at.is_(None)).order_by(session.c.id))
    return [msgspec.convert(row, Session) for row in rows]


end = sessions.end


async def forget_id_token(tx: Transaction, session_id: str) -> None:
    await tx.execute(update(session).where(session.c.id == session_id).values(id_token=""))


async def touch(tx: Transaction, session_id: str, at: datetime) -> None:
    """Note that the person was there ``at``, unless they were seen later."""
    living = (session.c.id == session_id) & session.c.ended_at.is_(None) & (session.c.seen_at < at)
    await tx.execute(update(session).where(living).values(seen_at=at))


async def owner(reader: Reader, session_id: str) -> tuple[Session, Actor] | None:
    """A session and whose it is, as every request asks. An actor without roles where the membership has ended, or the person
    or institution is disabled; without an institution where none was chosen yet, and for a guest."""
    row = await reader.first(
        standing.sessions(
            person.c.subject_name_id,
            person.c.title,
            person.c.given_name,
            person.c.family_name,
            person.c.language,
            institution.c.name.label("institution_name"),
            institution.c.time_zone,
        ).where(session.c.id == session_id)
    )
    if row is None:
        return None
    actor = _actor(row)
    if actor.institution_id and actor.roles:
        actor = await standing.with_others(reader, actor)
    return msgspec.convert(row, Session), actor


def _actor(row: RowMapping) -> Actor:
    optional: dict[str, Any] = {"time_zone": row["time_zone"]} if row["time_zone"] else {}
    return Actor(
        person_id=row["person_id"],
        name=called(row["title"], row["given_name"], row["family_name"]),
        institution_id=row["institution_id"] or "",
        institution_name=row["institution_name"] or "",
        roles=standing.roles(row),
        link_id=row["link_id"],
        subject_name_id=row["subject_name_id"],
        session_id=row["id"],
        acr=row["acr"],
        auth_time=row["auth_time"],
        language=row["language"],
        **optional,
    )
