"""Answers the auditor from the sealed log: who saw and did what, within what one institution may know."""

import json
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, func, or_, select

from telepath.audit import AuditRecord
from telepath.db.schema.audit import audit_checkpoint, audit_log, audit_pending, audit_tree
from telepath.db.transaction import Reader


class Entry(msgspec.Struct, frozen=True):
    """One sealed record and its place in the log."""

    seq: int
    record: AuditRecord
    leaf: bytes


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """What the auditor asks. ``None`` or empty: not asked. Times are instants; ``until`` is excluded."""

    institution: str
    """Only what this institution owns, or what its own members did."""
    actors: frozenset[str] | None = None
    places: frozenset[str] | None = None
    """Identifiers of objects or of the cases that hold them. What was refused to a member of ``institution`` is not found by
    them when it is another's: a guess would be confirmed."""
    kind: str = ""
    outcome: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def condition(self) -> ColumnElement[bool]:
        log = audit_log.c
        found = or_(log.owner == self.institution, log.institution == self.institution)
        if self.actors is not None:
            found &= log.actor.in_(self.actors)
        if self.places is not None:
            found &= or_(log.object_id.in_(self.places), log.case_id.in_(self.places))
            found &= or_(log.owner == self.institution, log.outcome != "refused")
        if self.kind:
            found &= log.kind == self.kind
        if self.outcome:
            found &= log.outcome == self.outcome
        if self.since is not None:
            found &= log.at >= self.since
        if self.until is not None:
            found &= log.at < self.until
        return found


class Deeds(msgspec.Struct, frozen=True):
    """How often one person did one kind of thing, from when to when."""

    actor: str
    kind: str
    outcome: str
    times: int
    first: datetime
    last: datetime


class State(msgspec.Struct, frozen=True):
    """How far the log is sealed and signed."""

    sealed: int
    waiting: int
    checkpoint_size: int | None
    checkpoint_at: datetime | None


async def search(reader: Reader, wanted: Search, limit: int, before: int | None = None) -> list[Entry]:
    """The newest ``limit`` records that fit, older than the place ``before``; newest first."""
    statement = select(audit_log).where(wanted.condition()).order_by(audit_log.c.seq.desc()).limit(limit)
    if before is not None:
        statement = statement.where(audit_log.c.seq < before)
    return [_entry(row) for row in await reader.all(statement)]


async def deeds(reader: Reader, wanted: Search) -> list[Deeds]:
    """Who did what how often, by person and kind; who came first stands first."""
    log = audit_log.c
    rows = await reader.all(
        select(
            log.actor,
            log.kind,
            log.outcome,
            func.count().label("times"),
            func.min(log.at).label("first"),
            func.max(log.at).label("last"),
        )
        .where(wanted.condition())
        .group_by(log.actor, log.kind, log.outcome)
        .order_by(func.min(log.at))
    )
    return [Deeds(**{str(name): value for name, value in row.items()}) for row in rows]


async def state(reader: Reader) -> State:
    signed = await reader.first(select(audit_checkpoint).order_by(audit_checkpoint.c.size.desc()).limit(1))
    return State(
        sealed=await reader.scalar(select(audit_tree.c.size)) or 0,
        waiting=await reader.scalar(select(func.count()).select_from(audit_pending)),
        checkpoint_size=signed["size"] if signed else None,
        checkpoint_at=signed["at"] if signed else None,
    )


def _entry(row: Any) -> Entry:
    body = json.loads(row["body"])
    return Entry(
        row["seq"], msgspec.convert({key: body[key] for key in body if key != "seq"}, AuditRecord), row["leaf"]
    )
