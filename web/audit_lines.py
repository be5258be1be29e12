"""Records of the log in words, for one reader: who, on what, why, with everything else that they hold."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import groupby
from typing import Any, Final

import msgspec
from sqlalchemy import select

from telepath import directory
from telepath.actor import SYSTEM
from telepath.audit import AuditRecord
from telepath.db.audit_search import Deeds, Entry
from telepath.db.schema.cases import case as case_table
from telepath.db.schema.directory import care_group, person
from telepath.db.schema.links import share_link
from telepath.db.schema.slides import slide as slide_table
from telepath.db.transaction import Reader
from telepath.ids import is_id
from telepath.territories import REGIONS
from web.words import Wording

MOMENTS: Final = frozenset({"from", "to", "until", "made_at", "held_at", "since", "begins", "due_at", "starts", "ends"})
"""Details that are times, as ISO 8601."""
GISTS: Final[dict[str, tuple[str, ...]]] = {
    "access.refused": ("action", "reason"),
    "audit.exported": ("format",),
    "audit.read": ("question",),
    "break-glass.ended": ("reason",),
    "break-glass.refused": ("reason",),
    "break-glass.reviewed": ("decision",),
    "case.shared": ("subject", "rights"),
    "case.unshared": ("subject", "rights"),
    "clock.measured": ("source", "error_ms"),
    "key.changed": ("name",),
    "right.given": ("subject", "rights", "basis"),
    "right.limited": ("subject", "rights", "basis"),
    "right.withdrawn": ("subject", "rights", "basis"),
    "setting.changed": ("name",),
    "slide.regions": ("tiles", "levels"),
    "slide.warmed-regions": ("tiles", "levels"),
    "subject.erased": ("reason",),
}
"""Kinds whose line says more than what was done: the details that its words ``audit-gist-<kind>`` take."""
CODES: Final = {
    "action": "audit-action",
    "basis": "audit-because",
    "because": "audit-cause",
    "decision": "audit-decision",
    "question": "audit-question",
    "reason": "audit-reason",
    "rights": "audit-right",
    "source": "audit-clock-source",
    "adoption": "adoption",
    "adoption_before": "adoption",
    "alarm": "audit-alarm",
    "change": "audit-change",
    "consult_kind": "kind",
    "decline": "decline",
    "dispute": "dispute",
    "follow_up": "outcome",
    "grade": "grade",
    "incident": "incident",
    "left_out": "audit-left-out",
    "material_answer": "material-answer",
    "material_kind": "material",
    "organ": "organ",
    "organs": "organ",
    "policy": "policy",
    "proof": "proof",
    "role": "reading",
    "rule_effect": "rule-effect",
    "rule_kind": "kind",
    "side": "side",
    "subject_kind": "audit-object",
    "trigger": "trigger",
    "urgency": "urgency",
    "verdict": "verdict",
}
"""Details that are codes, and what begins the name of their words."""
Value = str | datetime


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One record, as a page shows it."""

    entry: Entry
    who: str
    place: str
    roles: str
    what: str
    gist: str
    """What matters most of its details, in a few words; empty: nothing besides."""
    on_what: str
    case_id: str
    """Empty: it belongs to no case, or to one that is no longer there."""
    case_number: str
    why: str
    outcome: str
    address: str
    erased: bool
    """Some of what it held was erased since."""
    details: tuple[tuple[str, Value], ...]


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """What one person did to a case."""

    who: str
    place: str
    deeds: tuple[tuple[str, Deeds], ...]
    """(what in words, how often and when)."""


class Names:
    """What identifiers in records are called, as far as the reader may know."""

    def __init__(self, called: Mapping[str, str], numbers: Mapping[str, str], t: Wording) -> None:
        self.called = called
        self.numbers = numbers
        self._t = t

    def who(self, person_id: str) -> str:
        if person_id in self.called:
            return self.called[person_id]
        if not person_id:
            return self._t("audit-nobody")
        return self._t("audit-service") if person_id == SYSTEM.person_id else person_id


async def names(reader: Reader, ids: Iterable[str], t: Wording) -> Names:
    """The names of these people, institutions, groups, cases, slides and guests (by their link); what is none of them, or no
    longer there, is left out."""
    wanted = {one for one in ids if is_id(one)}
    if not wanted:
        return Names({}, {}, t)
    people = {key: person.name for key, person in (await directory.people(reader, wanted)).items()}
    places = {key: place.name for key, place in (await directory.institutions(reader, wanted)).items()}
    together = await reader.all(select(care_group.c.id, care_group.c.name).where(care_group.c.id.in_(wanted)))
    places |= {row["id"]: row["name"] for row in together}
    cases = await reader.all(
        select(case_table.c.id, case_table.c.number, case_table.c.erased_at).where(case_table.c.id.in_(wanted))
    )
    numbers = {row["id"]: row["number"] for row in cases if row["erased_at"] is None}
    rows = await reader.all(
        select(slide_table.c.id, slide_table.c.label, slide_table.c.folder).where(slide_table.c.id.in_(wanted))
    )
    slides = {row["id"]: row["label"] for row in rows if row["folder"]}
    invited = await reader.all(
        select(share_link.c.id, person.c.family_name)
        .join(person, person.c.id == share_link.c.person_id)
        .where(share_link.c.id.in_(wanted))
    )
    links = {row["id"]: row["family_name"] for row in invited}
    erased = dict.fromkeys({row["id"] for row in (*cases, *rows)} - numbers.keys() - slides.keys(), t("audit-erased"))
    return Names(people | places | numbers | slides | links | erased, numbers, t)


async def lines(reader: Reader, entries: list[Entry], t: Wording, institution_id: str) -> list[Line]:
    """In words for the auditor of ``institution_id``, or for the person themselves. What was refused to its members, and is not
    its own, stays unnamed: they asked for an identifier, and no more is told of it here than it told them."""
    ids: set[str] = set()
    for entry in entries:
        record = entry.record
        ids |= {record.actor, record.institution}
        if is_named(record, institution_id):
            ids |= {record.object_id, record.case_id, *_ids_in(record.detail)}
    called = await names(reader, ids, t)
    return [_line(entry, called, t, institution_id) for entry in entries]


def is_named(record: AuditRecord, institution_id: str) -> bool:
    """Whether a reader of ``institution_id`` may know what the record is about."""
    return record.outcome != "refused" or record.owner == institution_id


def runs(shown: list[Line]) -> list[list[Line]]:
    """Lines that follow each other and differ only in their time stand together: a draft saves itself every few seconds."""

    def same(line: Line) -> tuple[str, ...]:
        record = line.entry.record
        return (
            record.actor,
            record.institution,
            record.kind,
            record.object_id,
            record.outcome,
            record.because,
            line.gist,
        )

    return [list(run) for _, run in groupby(shown, same)]


async def shares(reader: Reader, found: list[Deeds], t: Wording) -> list[Share]:
    """Person by person, in the order of their first deed; what one did for two institutions stands apart."""
    called = await names(reader, {key for deed in found for key in (deed.actor, deed.institution)}, t)
    return [
        Share(
            who=called.who(actor),
            place=called.called.get(institution, ""),
            deeds=tuple(
                (said(t, "audit-kind", deed.kind), deed)
                for deed in found
                if (deed.actor, deed.institution) == (actor, institution)
            ),
        )
        for actor, institution in dict.fromkeys((deed.actor, deed.institution) for deed in found)
    ]


def said(t: Wording, prefix: str, code: str) -> str:
    """The words for a code of the log; the code itself when it is older or newer than our words."""
    message = f"{prefix}-{code.replace('.', '-').replace('_', '-')}"
    return t(message) if code and t.has(message) else code


def _line(entry: Entry, called: Names, t: Wording, institution_id: str) -> Line:
    record = entry.record
    named = is_named(record, institution_id)
    case_id = record.case_id or (record.object_id if record.object_kind == "case" else "")
    called_so = called.called.get(record.object_id) if named else None
    return Line(
        entry=entry,
        who=called.who(record.actor),
        place=called.called.get(record.institution, ""),
        roles=", ".join(said(t, "role", role) for role in record.roles),
        what=said(t, "audit-kind", record.kind),
        gist=_gist(record, called, t) if named else "",
        on_what=" ".join(part for part in (said(t, "audit-object", record.object_kind), called_so) if part),
        case_id=case_id if named and case_id in called.numbers else "",
        case_number=called.numbers.get(case_id, "") if named else "",
        why=said(t, "audit-because", record.because),
        outcome=said(t, "audit-outcome", record.outcome),
        address=t("audit-erased") if entry.of_actor is None else str(entry.of_actor.get("address", "")),
        erased=entry.of_actor is None or entry.of_case is None,
        details=_details(entry, called, t, institution_id),
    )


def _gist(record: AuditRecord, called: Names, t: Wording) -> str:
    """``audit-gist-<kind>`` with some details as its variables, empty where a record has none."""
    if record.kind not in GISTS:
        return ""
    told = {name: _code(name, record.detail.get(name, ""), called, t) for name in GISTS[record.kind]}
    return t(f"audit-gist-{record.kind.replace('.', '-')}", **told) if any(told.values()) else ""


def _code(name: str, value: Any, called: Names, t: Wording) -> str | int | float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    if isinstance(value, list):
        return ", ".join(str(_code(name, part, called, t)) for part in value)
    if name in CODES:
        return said(t, CODES[name], str(value))
    return _text(value, called)


def _details(entry: Entry, called: Names, t: Wording, institution_id: str) -> tuple[tuple[str, Value], ...]:
    """Everything else that the record holds, labelled."""
    record, erased = entry.record, t("audit-erased")
    of_actor = entry.of_actor
    who = {"subject_name_id": erased, "address": erased, "device": erased} if of_actor is None else of_actor
    typed: Mapping[str, Any] = {} if of_actor is None else of_actor.get("private", {})
    of_case: Mapping[str, Any] = {"text": erased} if entry.of_case is None else entry.of_case
    if record.owner != institution_id and record.institution != institution_id:
        of_case = {}
    known: list[tuple[str, Any]] = [
        (t("audit-detail-acr"), record.acr),
        (t("audit-detail-session"), record.session),
        (t("audit-detail-subject-name-id"), who.get("subject_name_id")),
        (t("audit-detail-address"), who.get("address")),
        (t("audit-detail-device"), who.get("device")),
        (t("audit-detail-because"), record.because_id),
        (t("audit-detail-object"), record.object_id),
    ]
    own = [
        (said(t, "audit-detail", key), _value(key, value, called, t))
        for part in (record.detail, typed, of_case)
        for key, value in sorted(part.items())
    ]
    sealed = [(t("audit-detail-sequence"), str(entry.seq)), (t("audit-detail-leaf"), entry.leaf.hex())]
    return tuple((label, value) for label, value in [*known, *own, *sealed] if value not in ("", None))


def _value(key: str, value: Any, called: Names, t: Wording) -> Value:
    if key in MOMENTS and isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return value
        return moment if moment.tzinfo else value
    if isinstance(value, bool):
        return t("audit-yes" if value else "audit-no")
    if key in CODES and isinstance(value, str | list):
        return str(_code(key, value, called, t))
    if key == "territory" and value in REGIONS:
        return REGIONS[value].name
    if isinstance(value, dict):
        parts = ((said(t, "audit-field", name), _text(part, called)) for name, part in value.items())
        return " · ".join(t("audit-detail-part", name=name, value=part) for name, part in parts)
    return _text(value, called)


def _text(value: Any, called: Names) -> str:
    if isinstance(value, list):
        return " · ".join(_text(part, called) for part in value)
    if isinstance(value, dict):
        return " · ".join(f"{key} {_text(part, called)}" for key, part in value.items())
    return called.called.get(value, value) if isinstance(value, str) else "" if value is None else str(value)


def _ids_in(value: Any) -> set[str]:
    if isinstance(value, str):
        return {value}
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return {one for part in parts for one in _ids_in(part)}
