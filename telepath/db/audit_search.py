"""Answers the auditor from the sealed log: who saw and did what, within what one institution may know.

Every question is a union of parts, each of which one index serves in the order of the log: an OR over two columns, or a sort,
would read the whole log when what is asked for is rare."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from itertools import product
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, RowMapping, false, func, select, true, union_all

from telepath.actor import SYSTEM, Subject
from telepath.audit import AuditRecord
from telepath.db.schema.audit import PRIVILEGED, PRIVILEGED_SQLITE, REFUSED, audit_log
from telepath.db.transaction import Reader
from telepath.db.vault_store import Keys
from telepath.vault import Vault

RARE: Final = 20_000
"""How far records are counted to choose the index that finds the fewest; of more than that, what is asked for soon turns up."""
BODIES: Final = 500
"""Records that are read by one statement."""
APART: Final = 40
"""Values of one column that are looked up one by one."""


class Entry(msgspec.Struct, frozen=True):
    """One sealed record and its place in the log."""

    seq: int
    record: AuditRecord
    leaf: bytes
    of_actor: Mapping[str, Any] | None = {}
    """What ``actor_private`` held (``ACTOR_FIELDS``, and ``private``). None: erased."""
    of_case: Mapping[str, Any] | None = {}
    """What ``case_private`` held. None: erased."""


class Search(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is asked. ``None`` or empty: not asked. Times are instants; ``until`` is excluded."""

    institution: str = ""
    """Only what this institution owns, or what its own members did."""
    person: str = ""
    """Instead of an institution: only what this person did themselves, wherever."""
    everything: bool = False
    """Instead of an institution: all of the log, for whoever operates the service."""
    service: bool = False
    """Besides, what the service did of itself, for nobody in particular: keys, settings, clock, backups."""
    actors: frozenset[str] | None = None
    places: frozenset[str] | None = None
    """Identifiers of objects or of the cases that hold them. What was refused to a member of ``institution`` is not found by
    them when it is another's: a guess would be confirmed."""
    kinds: frozenset[str] | None = None
    outcome: str = ""
    privileged: bool = False
    since: datetime | None = None
    until: datetime | None = None


class Deeds(msgspec.Struct, frozen=True):
    """How often one person did one kind of thing, from when to when."""

    actor: str
    institution: str
    kind: str
    outcome: str
    times: int
    first: datetime
    last: datetime


async def search(
    reader: Reader, keys: Keys | None, wanted: Search, limit: int, before: int | None = None
) -> list[Entry]:
    """The newest ``limit`` records that fit, older than the place ``before``; newest first. Without ``keys`` their personal
    fields stay closed."""
    fitting = await parts(reader, wanted, before)
    if not fitting:
        return []
    seq = audit_log.c.seq
    newest = [select(seq).where(part).order_by(seq.desc()).limit(limit).subquery() for part in fitting]
    found = union_all(*(select(part.c.seq) for part in newest)).subquery()
    chosen = await reader.all(select(found.c.seq).distinct().order_by(found.c.seq.desc()).limit(limit))
    # The bodies by a second statement: how few there are is what PostgreSQL would guess wrong.
    seqs = [row["seq"] for row in chosen]
    entries: list[Entry] = []
    for start in range(0, len(seqs), BODIES):
        page = (
            select(seq, audit_log.c.body, audit_log.c.leaf)
            .where(seq.in_(seqs[start : start + BODIES]))
            .order_by(seq.desc())
        )
        entries += [_entry(row) for row in await reader.all(page)]
    return entries if keys is None else await opened(reader, keys, entries)


async def opened(reader: Reader, keys: Keys, entries: Iterable[Entry]) -> list[Entry]:
    """The same with their personal fields, where nobody has erased them."""
    entries = list(entries)
    subjects = {one.record.actor_subject for one in entries if one.record.actor_private}
    subjects |= {one.record.case_subject for one in entries if one.record.case_private}
    found = await keys.of(reader.connection, subjects)
    return [
        msgspec.structs.replace(
            one,
            of_actor=_fields(found, one.record.actor_subject, one.record.id, one.record.actor_private),
            of_case=_fields(found, one.record.case_subject, one.record.id, one.record.case_private),
        )
        for one in entries
    ]


def _fields(keys: Mapping[Subject, bytes], subject: Subject, context: str, text: str) -> Mapping[str, Any] | None:
    if not text:
        return {}
    try:
        return Vault.opened(keys[subject], context, text) if subject in keys else None
    except ValueError:  # under a key of before: a backup came back without those of the vault
        return None


async def deeds(reader: Reader, wanted: Search) -> list[Deeds]:
    """Who did what how often, by person, place and kind; who came first stands first."""
    log = audit_log.c
    columns = log.seq, log.actor, log.institution, log.kind, log.outcome, log.at
    found: dict[int, RowMapping] = {}
    for part in await parts(reader, wanted):
        found |= {row["seq"]: row for row in await reader.all(select(*columns).where(part))}
    by: dict[tuple[str, str, str, str], list[datetime]] = {}
    for row in sorted(found.values(), key=lambda row: (row["at"], row["seq"])):
        by.setdefault((row["actor"], row["institution"], row["kind"], row["outcome"]), []).append(row["at"])
    return [Deeds(*one, len(at), at[0], at[-1]) for one, at in by.items()]


async def case_of(reader: Reader, place: str) -> str:
    """The case of an object, as the log has it; empty: it knows neither."""
    log = audit_log.c
    if await reader.first(select(log.seq).where(log.case_id == place).limit(1)) is not None:
        return place
    row = await reader.first(select(log.case_id).where(log.object_id == place, log.case_id != "").limit(1))
    if row is not None:
        return str(row["case_id"])
    known = await reader.first(select(log.seq).where(log.object_id == place, log.object_kind == "case").limit(1))
    return place if known is not None else ""


async def parts(reader: Reader, wanted: Search, before: int | None = None) -> list[ColumnElement[bool]]:
    """Conditions that together find what is wanted; a record may fit several."""
    log = audit_log.c
    always = await _span(reader, wanted, before)
    if always is None:
        return []
    if wanted.outcome:
        # In the very words of the index, else SQLite does not use it.
        always &= log.outcome == wanted.outcome
        if wanted.outcome != "success":
            always &= REFUSED
    if wanted.privileged:
        always &= PRIVILEGED_SQLITE if reader.connection.dialect.name == "sqlite" else PRIVILEGED
    leading = await _leading(reader, wanted)
    chosen: list[list[ColumnElement[bool]]] = [
        _among(log.actor, wanted.actors, leads=leading == "actor"),
        _among(log.kind, wanted.kinds, leads=leading == "kind"),
    ]
    if wanted.places is not None:
        chosen.append(_among(log.object_id, wanted.places, leads=True) + _among(log.case_id, wanted.places, leads=True))
    chosen.append(_reach(wanted, leads=leading == "reach"))
    return [always & _all(part) for part in product(*chosen)]


def _all(conditions: Iterable[ColumnElement[bool]]) -> ColumnElement[bool]:
    found: ColumnElement[bool] = true()
    for condition in conditions:
        found &= condition
    return found


def _reach(wanted: Search, *, leads: bool) -> list[ColumnElement[bool]]:
    """What whoever asks may know at all, in parts."""
    log = audit_log.c
    if wanted.everything:
        return [true()]
    if wanted.person:
        return [_is(log.actor, wanted.person, leads)]
    if wanted.places is not None:  # these lead, and few records are of one place
        theirs = _is(log.institution, wanted.institution, False) & (log.outcome != "refused")
        return [_is(log.owner, wanted.institution, False) | theirs]
    found = [_is(log.owner, wanted.institution, leads), _is(log.institution, wanted.institution, leads)]
    if wanted.service:
        nobodys = log.owner.concat("").in_(("", SYSTEM.institution_id))
        found.append(_is(log.institution, SYSTEM.institution_id, leads) & nobodys)
    return found


async def _leading(reader: Reader, wanted: Search) -> str:
    """Which column's index finds the fewest: the databases would have to guess."""
    if wanted.places is not None:
        return "place"
    if wanted.person:
        return "reach"
    if wanted.privileged or wanted.outcome in ("refused", "failure"):
        return "mark"
    log = audit_log.c
    counts: dict[str, int] = {}
    for name, column, values in (("actor", log.actor, wanted.actors), ("kind", log.kind, wanted.kinds)):
        if values is not None and len(values) <= APART:
            counts[name] = await _up_to_rare(reader, column.in_(values))
    # What an institution has is not counted: PostgreSQL would read the whole log for one that has next to nothing.
    fewest = min(counts, key=lambda name: counts[name], default="reach")
    return fewest if counts.get(fewest, RARE) < RARE else "reach"


async def _up_to_rare(reader: Reader, condition: ColumnElement[bool]) -> int:
    some = select(audit_log.c.seq).where(condition).limit(RARE).subquery()
    return int(await reader.scalar(select(func.count()).select_from(some)))


def _is(column: ColumnElement[str], value: str, leads: bool) -> ColumnElement[bool]:
    """``leads``: by the index of this column; else no index is asked."""
    return column == value if leads else column.concat("") == value


def _among(column: ColumnElement[str], values: Collection[str] | None, *, leads: bool) -> list[ColumnElement[bool]]:
    if values is None:
        return [true()]
    if not values:
        return [false()]
    if leads and len(values) <= APART:
        return [column == value for value in sorted(values)]
    return [column.concat("").in_(sorted(values))]


async def _span(reader: Reader, wanted: Search, before: int | None) -> ColumnElement[bool] | None:
    """The period, also as places in the log: those are in the order of every index. None: nothing is in it."""
    log = audit_log.c
    found = true() if before is None else log.seq < before
    period = true() if wanted.since is None else log.at >= wanted.since
    if wanted.until is not None:
        period &= log.at < wanted.until
    if wanted.since is None and wanted.until is None:
        return found
    # Of ``seq`` itself PostgreSQL would look for the first and the last by walking through the log from its ends.
    ends = select(func.min(log.seq + 0), func.max(log.seq + 0)).where(period)
    first, last = (await reader.connection.execute(ends)).one()
    if first is None:
        return None
    return found & log.seq.between(first, last) & period


_decoder: Final = msgspec.json.Decoder(AuditRecord)  # it passes over ``seq``, which the body has too


def _entry(row: RowMapping) -> Entry:
    return Entry(row["seq"], _decoder.decode(row["body"]), row["leaf"])
