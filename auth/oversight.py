"""Sessions that are open: seen and ended by the administrators of their institution, and by whose they are."""

from datetime import datetime

import msgspec
from sqlalchemy import ColumnElement, select

from auth import repository
from telepath.access import ObjectRef
from telepath.db.schema.auth import session
from telepath.db.schema.directory import person
from telepath.db.schema.links import share_link
from telepath.db.transaction import Reader, Transaction
from telepath.errors import NotFound

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


async def open_sessions(reader: Reader, institution_id: str, idle_since: datetime) -> list[OpenSession]:
    """Those that live, the last seen first: of people who act for the institution, and of guests of its links.
    ``idle_since``: who was not seen since then is idle, and no longer in."""
    guests = select(share_link.c.id).where(share_link.c.institution_id == institution_id)
    return await _living(
        reader, (session.c.institution_id == institution_id) | session.c.link_id.in_(guests), idle_since
    )


async def of_person(reader: Reader, person_id: str, idle_since: datetime) -> list[OpenSession]:
    """Those of one person, in all institutions and browsers."""
    return await _living(reader, session.c.person_id == person_id, idle_since)


async def _living(reader: Reader, which: ColumnElement[bool], idle_since: datetime) -> list[OpenSession]:
    rows = await reader.all(
        select(session, person.c.title, person.c.given_name, person.c.family_name)
        .join(person, person.c.id == session.c.person_id)
        .where(
            which,
            session.c.ended_at.is_(None),
            session.c.expires_at > reader.now,
            session.c.seen_at > idle_since,
        )
        .order_by(session.c.seen_at.desc(), session.c.id)
    )
    return [
        OpenSession(
            handle=row["id"][:HANDLE],
            person_id=row["person_id"],
            name=" ".join(part for part in (row["title"], row["given_name"], row["family_name"]) if part),
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


async def end(tx: Transaction, among: list[OpenSession], handle: str, reason: str) -> None:
    """End the one of them that has this handle, with the slides and rooms that are open in it; recorded as ``session.ended``.

    Raises NotFound: none has."""
    found = [one for one in among if one.handle == handle]
    if not found:
        raise NotFound
    rows = await tx.all(
        select(session.c.id, session.c.institution_id).where(
            session.c.person_id == found[0].person_id, session.c.id.startswith(handle, autoescape=True)
        )
    )
    for row in rows:
        if await repository.end(tx, row["id"]):
            thing = ObjectRef("person", found[0].person_id, row["institution_id"] or "")
            await tx.audit("session.ended", thing, reason=reason, of=handle)
