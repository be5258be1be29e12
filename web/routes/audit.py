"""/audit: what the auditor of an institution asks. Reading is itself recorded, before anything is shown."""

import asyncio
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from telepath import directory, grants
from telepath.access import Action, ObjectRef
from telepath.actor import Actor
from telepath.audit_catalogue import CATALOGUE
from telepath.db import audit_log, audit_search
from telepath.db.audit_search import Deeds, Entry, Search
from telepath.db.database import Database
from telepath.db.schema.cases import case as case_table
from telepath.db.schema.directory import person as person_table
from telepath.db.schema.slides import slide as slide_table
from telepath.db.transaction import Reader
from telepath.errors import Invalid, NotFound, Unavailable
from telepath.ids import is_id
from web import keys
from web.pages import clean, language, path_id, redirect, render, services, signed_in
from web.words import Wording

PAGE: Final = 50
OUTCOMES: Final = ("success", "refused", "failure")
PROBLEMS_KEPT: Final = 20


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One record, as the page shows it."""

    entry: Entry
    who: str
    place: str
    roles: str
    what: str
    on_what: str
    case_id: str
    """Empty: it belongs to no case, or to one that is no longer there."""
    case_number: str
    why: str
    outcome: str
    details: tuple[tuple[str, str], ...]


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """What one person did to a case."""

    who: str
    place: str
    deeds: tuple[tuple[str, Deeds], ...]
    """(what in words, how often and when)."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of the search form, as typed."""

    person: str = ""
    case: str = ""
    kind: str = ""
    outcome: str = ""
    since: str = ""
    until: str = ""

    def given(self) -> dict[str, str]:
        return {name: value for name, value in msgspec.structs.asdict(self).items() if value}


async def index(request: Request) -> Response:
    actor, made = signed_in(request), services(request)
    asked = Asked(**{name: _typed(request, name) for name in Asked.__struct_fields__})
    text = _typed(request, "before")
    before = int(text) if text.isdecimal() and len(text) < 18 else None
    error: Invalid | None = None
    try:
        since, until = _day(asked.since, "since", actor), _day(asked.until, "until", actor, days=1)
    except Invalid as wrong:
        since, until, error = None, None, wrong
    sealed = await _record_reading(made.db, actor, asked.given())
    async with made.db.read() as reader:
        wanted = Search(
            institution=actor.institution_id,
            actors=await _named(reader, asked.person) if asked.person else None,
            places=await _places(reader, asked.case) if asked.case else None,
            kind=asked.kind if asked.kind in CATALOGUE else "",
            outcome=asked.outcome if asked.outcome in OUTCOMES else "",
            since=since,
            until=until,
        )
        found = [] if error else await audit_search.search(reader, wanted, PAGE + 1, before)
        lines = await _lines(reader, found[:PAGE], made.words(language(request)), actor.institution_id)
        checks = await audit_search.search(reader, Search(institution=actor.institution_id, kind="audit.verified"), 1)
        state = await audit_search.state(reader)
        checked_by = await _names(reader, [entry.record.actor for entry in checks])
    older = urlencode(asked.given() | {"before": str(found[PAGE - 1].seq)}) if len(found) > PAGE else ""
    return render(
        request,
        "audit/index.html",
        asked=asked,
        error=error,
        runs=_runs(lines),
        older=f"/audit?{older}" if older else "",
        newest=f"/audit?{urlencode(asked.given())}" if before is not None else "",
        kinds=sorted(CATALOGUE),
        outcomes=OUTCOMES,
        state=state,
        damaged=not sealed,
        check=checks[0].record if checks else None,
        checked_by=checked_by.get(checks[0].record.actor, "") if checks else "",
    )


async def of_case(request: Request) -> Response:
    """Who saw and did what on one case: a line for each person, then everything in order."""
    actor, made = signed_in(request), services(request)
    case_id = path_id(request)
    await _record_reading(made.db, actor, {"case": case_id})
    t = made.words(language(request))
    async with made.db.read() as reader:
        wanted = Search(institution=actor.institution_id, places=frozenset({case_id}))
        found = await audit_search.search(reader, wanted, PAGE + 1)
        if not found:
            raise NotFound
        numbers = await _numbers(reader, {case_id})
        shares = await _shares(reader, await audit_search.deeds(reader, wanted), t)
        lines = await _lines(reader, found[:PAGE], t, actor.institution_id)
    return render(
        request,
        "audit/case.html",
        number=numbers.get(case_id, ""),
        shares=shares,
        runs=_runs(lines),
        older=f"/audit?{urlencode({'case': case_id, 'before': found[PAGE - 1].seq})}" if len(found) > PAGE else "",
    )


async def verify(request: Request) -> Response:
    """Recompute the whole log, record the verdict in it, and show it on the page."""
    actor, made = signed_in(request), services(request)
    ref = ObjectRef("institution", actor.institution_id, actor.institution_id)
    async with made.db.read() as reader:
        allowed = await grants.require(reader, actor, Action.AUDIT_READ, ref)
    await _seal(made.db)
    settings = made.settings
    public = (await asyncio.to_thread(keys.audit_key, settings)).public_key().public_bytes_raw()
    verdict = await asyncio.to_thread(_verify, settings.database_url, public, settings.anchors)
    async with made.db.write(actor) as tx:
        await tx.audit(
            "audit.verified",
            ref,
            because=allowed,
            outcome="failure" if verdict.problems else "success",
            records=verdict.records,
            checkpoints=verdict.checkpoints,
            anchored=verdict.anchored,
            problems=len(verdict.problems),
            first_problems=list(verdict.problems[:PROBLEMS_KEPT]),
        )
    await _seal(made.db)
    return redirect("/audit#chain")


def _verify(url: str, public_key: bytes, anchors: Path) -> audit_log.Verdict:
    """Runs in a thread, with a connection and an event loop of its own: hashing a long log would hold up everybody else."""

    async def run() -> audit_log.Verdict:
        db = Database(url)
        try:
            return await audit_log.verify(db, public_key, anchors)
        finally:
            await db.close()

    return asyncio.run(run())


async def _record_reading(db: Database, actor: Actor, asked: dict[str, str]) -> bool:
    """Whether the log could be sealed up to this reading."""
    ref = ObjectRef("institution", actor.institution_id, actor.institution_id)
    async with db.write(actor) as tx:
        allowed = await grants.require(tx, actor, Action.AUDIT_READ, ref)
        await tx.audit("audit.read", ref, because=allowed, asked=asked)
    return await _seal(db)


async def _seal(db: Database) -> bool:
    """So that the page holds all that happened before it. False: nothing can be sealed; the page still shows what was."""
    try:
        while await audit_log.seal(db) == audit_log.BATCH:
            pass
    except Unavailable:
        return False
    return True


def _typed(request: Request, name: str) -> str:
    return " ".join(clean(request.query_params.get(name, "")[:100]).split())


def _day(text: str, field: str, actor: Actor, days: int = 0) -> datetime | None:
    """The first instant of this day where the auditor is, ``days`` later. Raises Invalid: not a day."""
    if not text:
        return None
    try:
        day = date.fromisoformat(text) + timedelta(days=days)
    except (ValueError, OverflowError):
        raise Invalid("error-audit-date", field=field) from None
    return datetime.combine(day, time(), ZoneInfo(actor.time_zone))


async def _named(reader: Reader, text: str) -> frozenset[str]:
    """The people whose name holds each word of ``text``. Whom the log does not show stays unseen."""
    names = person_table.c.title, person_table.c.given_name, person_table.c.family_name
    rows = await reader.all(select(person_table.c.id, *names))
    called = {row["id"]: " ".join(row[column.name] for column in names).casefold() for row in rows}
    words = text.casefold().split()
    return frozenset(key for key, name in called.items() if all(word in name for word in words))


async def _places(reader: Reader, text: str) -> frozenset[str]:
    """A case by its number, or any object by its identifier."""
    if is_id(text):
        return frozenset({text})
    rows = await reader.all(select(case_table.c.id).where(case_table.c.number == text))
    return frozenset(row["id"] for row in rows)


async def _numbers(reader: Reader, case_ids: Iterable[str]) -> dict[str, str]:
    rows = await reader.all(select(case_table.c.id, case_table.c.number).where(case_table.c.id.in_(set(case_ids))))
    return {row["id"]: row["number"] for row in rows}


async def _names(reader: Reader, ids: Iterable[str]) -> dict[str, str]:
    return {key: person.name for key, person in (await directory.people(reader, ids)).items()}


async def _lines(reader: Reader, entries: list[Entry], t: Wording, institution_id: str) -> list[Line]:
    """In words for the auditor of ``institution_id``. What was refused to its members, and is not its own, stays unnamed:
    they asked for an identifier, and no more is told of it here than it told them."""
    records = [entry.record for entry in entries]
    named = [one for one in records if one.outcome != "refused" or one.owner == institution_id]
    objects = {record.object_id for record in named}
    names = await _names(reader, {record.actor for record in records} | objects)
    places = await directory.institutions(reader, {record.institution for record in records} | objects)
    numbers = await _numbers(reader, {record.case_id for record in named} | objects)
    rows = await reader.all(select(slide_table.c.id, slide_table.c.label).where(slide_table.c.id.in_(objects)))
    called = (
        names | {key: place.name for key, place in places.items()} | numbers | {row["id"]: row["label"] for row in rows}
    )
    lines = []
    for entry in entries:
        record = entry.record
        case_id = record.case_id or (record.object_id if record.object_kind == "case" else "")
        lines.append(
            Line(
                entry=entry,
                who=_who(t, record.actor, names),
                place=places[record.institution].name if record.institution in places else "",
                roles=", ".join(_said(t, "role", role) for role in record.roles),
                what=_said(t, "audit-kind", record.kind),
                on_what=" ".join(
                    part
                    for part in (_said(t, "audit-object", record.object_kind), called.get(record.object_id))
                    if part
                ),
                case_id=case_id if case_id in numbers else "",
                case_number=numbers.get(case_id, ""),
                why=_said(t, "audit-because", record.because),
                outcome=_said(t, "audit-outcome", record.outcome),
                details=_details(entry, t),
            )
        )
    return lines


def _runs(lines: list[Line]) -> list[list[Line]]:
    """Lines that follow each other and differ only in their time stand together: a draft saves itself every few seconds."""

    def same(line: Line) -> tuple[str, ...]:
        record = line.entry.record
        return record.actor, record.institution, record.kind, record.object_id, record.outcome, record.because

    return [list(run) for _, run in groupby(lines, same)]


async def _shares(reader: Reader, found: list[Deeds], t: Wording) -> list[Share]:
    names = await _names(reader, {deed.actor for deed in found})
    homes = {key: await directory.memberships(reader, key) for key in names}
    places = await directory.institutions(reader, {place for home in homes.values() for place in home})
    shares = []
    for key in dict.fromkeys(deed.actor for deed in found):
        theirs = [deed for deed in found if deed.actor == key]
        shares.append(
            Share(
                who=_who(t, key, names),
                place=", ".join(places[place].name for place in homes.get(key, {}) if place in places),
                deeds=tuple((_said(t, "audit-kind", deed.kind), deed) for deed in theirs),
            )
        )
    return shares


def _who(t: Wording, person_id: str, names: dict[str, str]) -> str:
    if person_id in names:
        return names[person_id]
    return t("audit-nobody") if not person_id else t("audit-service") if person_id == "system" else person_id


def _details(entry: Entry, t: Wording) -> tuple[tuple[str, str], ...]:
    """Everything else that the record holds, labelled."""
    record = entry.record
    known: list[tuple[str, Any]] = [
        (t("audit-detail-acr"), record.acr),
        (t("audit-detail-session"), record.session),
        (t("audit-detail-address"), record.address),
        (t("audit-detail-device"), record.device),
        (t("audit-detail-because"), record.because_id),
        (t("audit-detail-object"), record.object_id),
    ]
    own = [(_said(t, "audit-detail", key), value) for key, value in sorted(record.detail.items())]
    sealed = [(t("audit-detail-sequence"), entry.seq), (t("audit-detail-leaf"), entry.leaf.hex())]
    return tuple(
        (label, _plain(value, t)) for label, value in [*known, *own, *sealed] if value not in ("", [], {}, None)
    )


def _plain(value: Any, t: Wording) -> str:
    if isinstance(value, dict):
        parts = ((_said(t, "audit-field", key), str(part)) for key, part in value.items())
        return " · ".join(t("audit-detail-part", name=name, value=part) for name, part in parts)
    return " · ".join(str(part) for part in value) if isinstance(value, list) else str(value)


def _said(t: Wording, prefix: str, code: str) -> str:
    """The words for a code of the log; the code itself when it is older or newer than our words."""
    message = f"{prefix}-{code.replace('.', '-').replace('_', '-')}"
    return t(message) if code and t.has(message) else code


routes: list[BaseRoute] = [
    Route("/audit", index),
    Route("/audit/cases/{id}", of_case),
    Route("/audit/verify", verify, methods=["POST"]),
]
