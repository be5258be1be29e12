"""Who saw a patient's data, in the patient's own words: person by person, what, how often, why."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

import msgspec

from telepath.audit import AuditRecord
from telepath.audit_catalogue import CATALOGUE, family
from telepath.db import audit_search
from telepath.db.audit_search import Search
from telepath.db.transaction import Reader

PAGE: Final = 1000
LEFT_OUT: Final = frozenset(
    {
        "access",
        "backup",
        "clock",
        "credential",
        "delegation",
        "directory",
        "display",
        "emergency",
        "gateway",
        "key",
        "right",
        "routing",
        "session",
        "setting",
        "statistics",
        "subject",
    }
)
"""Families that show nobody anything of the patient; a test asks of every new one which it is."""
WHAT: Final = {
    "case": "file",
    "patient": "file",
    "attachment": "file",
    "upload": "file",
    "slide": "slides",
    "annotation": "marked",
    "region": "marked",
    "thread": "discussed",
    "room": "discussed",
    "board": "discussed",
    "recording": "discussed",
    "consult": "asked",
    "offer": "asked",
    "opinion": "answered",
    "report": "report",
    "link": "shared",
    "break-glass": "emergency",
    "audit": "checked",
}
"""Family of a kind → what was done in plain words, ``audit-plain-<code>``."""
BESIDE: Final = {"room.attendance-viewed": "checked"}
"""Kinds that say something else than their family."""
AHEAD: Final = frozenset({"slide.warmed", "slide.warmed-regions"})
"""What a browser was sent before anybody looked."""
ORDER: Final = (*dict.fromkeys(WHAT.values()), "ahead")
REASONS: Final = frozenset({"institution", "consult", "offer", "room", "link", "share", "break-glass"})
"""Rights that ``audit-plain-because-<code>`` explains."""
GOING_ON: Final = AHEAD | {"slide.regions", "opinion.drafted", "room.fact"}
"""Kinds that follow an opening, or come before it, and are no further access."""


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """What one person did in one institution."""

    person: str
    institution: str
    first: datetime
    last: datetime
    times: int
    what: tuple[str, ...]
    """Codes of WHAT, in their order."""
    because: tuple[str, ...]


class Extract(msgspec.Struct, frozen=True, kw_only=True):
    accesses: tuple[Access, ...]
    """Who came first stands first."""
    records: int
    newest: int
    """The place in the log of the newest record that was counted."""


async def of_case(reader: Reader, case_id: str, institution_id: str) -> Extract:
    """All that succeeded on the case until now. Refusals showed nobody anything, and are left out."""
    kinds = frozenset(kind for kind in CATALOGUE if family(kind) in WHAT)
    wanted = Search(institution=institution_id, places=frozenset({case_id}), kinds=kinds, outcome="success")
    found: list[AuditRecord] = []
    newest, before = 0, None
    while True:
        entries = await audit_search.search(reader, None, wanted, PAGE, before)
        if entries and before is None:
            newest = entries[0].seq
        found += [entry.record for entry in entries]
        if len(entries) < PAGE:
            return Extract(accesses=tuple(accesses(found)), records=len(found), newest=newest)
        before = entries[-1].seq


def accesses(records: Iterable[AuditRecord]) -> list[Access]:
    by: dict[tuple[str, str], list[AuditRecord]] = {}
    for record in sorted(records, key=lambda one: one.at):
        by.setdefault((record.actor, record.institution), []).append(record)
    return [
        Access(
            person=person,
            institution=institution,
            first=theirs[0].at,
            last=theirs[-1].at,
            times=sum(record.kind not in GOING_ON for record in theirs) or 1,
            what=tuple(sorted({_what(record.kind) for record in theirs}, key=ORDER.index)),
            because=tuple(dict.fromkeys(record.because for record in theirs if _is_explained(record))),
        )
        for (person, institution), theirs in by.items()
    ]


def _what(kind: str) -> str:
    return "ahead" if kind in AHEAD else BESIDE.get(kind, WHAT[family(kind)])


def _is_explained(record: AuditRecord) -> bool:
    """Whether REASONS has the reason; an auditor of the expert's institution does not work in the one that keeps the case."""
    return record.because in REASONS and (record.because != "institution" or record.institution == record.owner)
