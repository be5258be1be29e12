"""Reads the grants table and asks ``may``: how every route, message and tile decides."""

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import ColumnElement, false, or_, select, true

from telepath.access import Action, Allowed, Denied, Grant, ObjectRef, Right, may, subjects
from telepath.actor import Actor
from telepath.db.schema.grants import grants
from telepath.db.transaction import Reader
from telepath.errors import Refused

Subject = tuple[str, str]
"""Of a grant: (kind, id)."""


async def held_by(reader: Reader, actor: Actor, thing: ObjectRef | None = None) -> list[Grant]:
    """The standing grants that count for this actor, expired ones included: ``may`` says why not. Their own come first, so
    that nobody acts in another's stead where they may by themselves. ``thing``: only those that may open it."""
    return await _standing(reader, subjects(actor), thing, grants.c.subject_id != actor.person_id, grants.c.id)


async def held_by_any(reader: Reader, actors: Iterable[Actor], thing: ObjectRef) -> list[Grant]:
    """The same for several at once: those that count for one of them at least, in no order of theirs."""
    return await _standing(reader, frozenset[Subject]().union(*map(subjects, actors)), thing, grants.c.id)


async def _standing(
    reader: Reader, whose: Collection[Subject], thing: ObjectRef | None, *order: ColumnElement[Any]
) -> list[Grant]:
    named: dict[str, list[str]] = {}
    for kind, key in sorted(whose):
        named.setdefault(kind, []).append(key)
    opening = [
        (grants.c.object_kind == kind) & (grants.c.object_id == key) for kind, key in (thing.places() if thing else ())
    ]
    rows = await reader.all(
        select(grants)
        .where(
            grants.c.revoked_at.is_(None),
            or_(*opening) if opening else true(),
            or_(
                false(),
                *((grants.c.subject_kind == kind) & grants.c.subject_id.in_(keys) for kind, keys in named.items()),
            ),
        )
        .order_by(*order)
    )
    return [
        Grant(
            id=row["id"],
            subject_kind=row["subject_kind"],
            subject_id=row["subject_id"],
            object_kind=row["object_kind"],
            object_id=row["object_id"],
            rights=frozenset(Right(right) for right in row["rights"]),
            until=row["until"],
            because=row["because"],
            because_id=row["because_id"],
            epoch=row["epoch"],
            institution_id=row["institution_id"],
        )
        for row in rows
    ]


async def given_for(reader: Reader, reasons: Collection[str]) -> set[tuple[str, str]]:
    """To whom (kind, id) something was ever given for one of these reasons, by their ids."""
    held = select(grants.c.subject_kind, grants.c.subject_id).where(grants.c.because_id.in_(reasons)).distinct()
    return {(row["subject_kind"], row["subject_id"]) for row in await reader.all(held)}


async def decide(reader: Reader, actor: Actor, action: Action, thing: ObjectRef) -> Allowed | Denied:
    """What ``may`` says with the grants of this moment."""
    return may(actor, action, thing, await held_by(reader, actor, thing), reader.now)


async def require(reader: Reader, actor: Actor, action: Action, thing: ObjectRef) -> Allowed:
    """Return why it is allowed. Raises Refused: it is not; outside, the same answer as for what does not exist."""
    decision = await decide(reader, actor, action, thing)
    if isinstance(decision, Denied):
        raise Refused(action, thing.kind, thing.id, decision.reason, thing.institution_id)
    return decision
