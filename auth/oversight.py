"""Sessions that are open: seen and ended by the administrators of their institution, and by whose they are."""

from datetime import datetime, timedelta

import msgspec
from sqlalchemy import ColumnElement, select

from auth import institutions, repository
from telepath.access import Action, ObjectRef
from telepath.actor import Actor
from telepath.db.database import Database
from telepath.db.schema.auth import session
from telepath.db.schema.directory import person
from telepath.db.schema.links import share_link
from telepath.db.transaction import Reader, Transaction
from telepath.directory import called
from telepath.errors import NotFound
from telepath.sessions import living

HANDLE = 16
"""Letters of a session's identifier that name it on pages and in the audit."""


class OpenSession(msgspec.Struct, frozen=True):
    handle: str
    person_id: str
    name: str
    started_at: datetime
    seen_at: datetime
    expires_at: datetime
    acr: str
    auth_mode: str
    guest: bool
    emergency: bool


async def open_sessions(reader: Reader, actor: Actor, idle: timedelta) -> list[OpenSession]:
    """Those that live for the actor's institution, the last seen first: of people who act for it, and of guests of its links.
    ``idle``: how long a session lives without a sign of its person. Raises Refused: not its administrator."""
    place = actor.institution_id
    await institutions.require(reader, actor, Action.SESSION_MANAGE)
    guests = select(share_link.c.id).where(share_link.c.institution_id == place)
    return await _living(reader, (session.c.institution_id == place) | session.c.link_id.in_(guests), idle)


async def own_sessions(reader: Reader, actor: Actor, idle: timedelta) -> list[OpenSession]:
    """Those of the actor, in all institutions and browsers."""
    return await _living(reader, session.c.person_id == actor.person_id, idle)


async def end(db: Database, actor: Actor, handle: str, idle: timedelta) -> None:
    """End one session of the actor's institution, with the slides and rooms that are open in it.

    Raises Refused; NotFound: none that lives there has this handle."""
    async with db.write(actor) as tx:
        await _end(tx, await open_sessions(tx, actor, idle), handle, "administrator")


async def end_own(db: Database, actor: Actor, handle: str, idle: timedelta, within: timedelta) -> None:
    """End one of the actor's own. Who sits at a screen that was left open, or got hold of an emergency code, must not put its
    owner out elsewhere: ``within`` is how recent the authentication must be.

    Raises NotFound: none that lives has this handle; Forbidden, StepUpRequired: not proven by a provider, or too long ago."""
    async with db.write(actor) as tx:
        actor.proven_at(tx.now, within, in_emergency="error-session-end-emergency")
        await _end(tx, await own_sessions(tx, actor, idle), handle, "owner")


async def _living(reader: Reader, which: ColumnElement[bool], idle: timedelta) -> list[OpenSession]:
    rows = await reader.all(
        select(session, person.c.title, person.c.given_name, person.c.family_name)
        .join(person, person.c.id == session.c.person_id)
        .where(which, living(reader.now, idle))
        .order_by(session.c.seen_at.desc(), session.c.id)
    )
    return [
        OpenSession(
            handle=row["id"][:HANDLE],
            person_id=row["person_id"],
            name=called(row["title"], row["given_name"], row["family_name"]),
            started_at=row["created_at"],
            seen_at=row["seen_at"],
            expires_at=row["expires_at"],
            acr=row["acr"],
            auth_mode=row["auth_mode"],
            guest=bool(row["link_id"]),
            emergency=bool(row["emergency_id"]),
        )
        for row in rows
    ]


async def _end(tx: Transaction, among: list[OpenSession], handle: str, reason: str) -> None:
    """Raises NotFound: none of them has this handle, or it goes on under another one since this moment."""
    found = next((one for one in among if one.handle == handle), None)
    if found is None:
        raise NotFound
    row = await tx.one(
        select(session.c.id, session.c.institution_id).where(
            session.c.person_id == found.person_id, session.c.id.startswith(handle, autoescape=True)
        )
    )
    if not await repository.end(tx, row["id"]):
        raise NotFound
    thing = ObjectRef("person", found.person_id, row["institution_id"] or "")
    await tx.audit("session.ended", thing, reason=reason, of=handle)
