"""The signed opinion with its addenda, as PDF/A: both identities, dates with their zones, digests and verification codes.

The template (report.typ) gets its data as JSON and sets it as text, so nothing that people typed can become markup.
"""

import asyncio
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Protocol
from zoneinfo import ZoneInfo

import babel.dates
import msgspec
import typst
from sqlalchemy import select

from consults import repository
from consults.model import Consult, Opinion
from consults.opinion import IdentifiedBy
from telepath import directory, grants
from telepath.access import Action
from telepath.actor import Actor
from telepath.cases import repository as cases
from telepath.db.database import Database
from telepath.db.schema.cases import specimen
from telepath.db.schema.slides import slide, slide_view
from telepath.db.transaction import Reader
from telepath.directory import Institution, Person
from telepath.errors import NotFound
from telepath.identifiers import rpps_of

TEMPLATE: Final = Path(__file__).with_name("report.typ")
STANDARDS: Final[list[Any]] = ["a-2a", "ua-1"]
"""PDF/A-2a and PDF/UA-1: fit for the archive, its structure and every character readable by machines and screen readers."""
LAST_LATIN: Final = "\u017f"
_UNPRINTABLE: Final = re.compile(r'(?:the text|the codepoint|contains the codepoint) `"(.+?)"`')
_FONTS: Final = typst.Fonts(include_system_fonts=False)
"""Those in the wheel, and no others: the same document on every machine."""
_LOCALES: Final = {"fr": "fr", "en": "en_GB"}


class Words(Protocol):
    """The sentences of one language: ``words("consults-report-title")``."""

    language: str

    def __call__(self, message: str, /, **params: object) -> str: ...


class SlideRead(msgspec.Struct, frozen=True):
    """A slide that the expert had opened. Each of these may be empty."""

    label: str
    specimen: str = ""
    block: str = ""
    stain: str = ""


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """What the report says, before it is worded."""

    consult: Consult
    case_number: str
    case_title: str
    requester: Person
    requester_place: Institution
    expert: Person
    expert_place: Institution
    opinions: Sequence[Opinion]
    slides: Sequence[SlideRead]
    """Those that the expert had opened before the first signature, by label."""


async def record(db: Database, actor: Actor, consult_id: str) -> Document:
    """Read the report, and record that this person has it. Raises NotFound: nothing is signed; Refused."""
    async with db.write(actor) as tx:
        consult = await repository.get(tx, consult_id)
        allowed = await grants.require(tx, actor, Action.REPORT_PRINT, consult.ref)
        opinions = await repository.opinions_of(tx, consult_id)
        if not opinions:
            raise NotFound
        document = await _document(tx, consult, opinions)
        await tx.audit("report.printed", consult.ref, because=allowed, digest=opinions[-1].digest)
    return document


async def _document(reader: Reader, consult: Consult, opinions: Sequence[Opinion]) -> Document:
    first = opinions[0]
    people = await directory.people(reader, (consult.requester_id, first.author_id))
    places = await directory.institutions(reader, (consult.institution_id, first.institution_id))
    opened = await reader.all(
        select(slide.c.id, slide.c.label, specimen.c.label.label("specimen"), slide.c.block, slide.c.stain)
        .join(slide_view, slide_view.c.slide_id == slide.c.id)
        .outerjoin(specimen, specimen.c.id == slide.c.specimen_id)
        .where(
            slide.c.case_id == consult.case_id,
            slide_view.c.person_id == first.author_id,
            slide_view.c.opened_at <= first.signed_at,
        )
        .distinct()
        .order_by(slide.c.label, slide.c.id)
    )
    case = await cases.get(reader, consult.case_id)
    return Document(
        consult=consult,
        case_number=case.number,
        case_title=case.title,
        requester=people[consult.requester_id],
        requester_place=places[consult.institution_id],
        expert=people[first.author_id],
        expert_place=places[first.institution_id],
        opinions=opinions,
        slides=[SlideRead(row["label"], row["specimen"] or "", row["block"], row["stain"]) for row in opened],
    )


async def render(document: Document, words: Words) -> bytes:
    """The PDF in the language of ``words``. The same document gives the same bytes."""
    return await asyncio.to_thread(_compile, _data(document, words), document.opinions[-1].signed_at)


def _compile(data: dict[str, Any], at: datetime) -> bytes:
    text = msgspec.json.encode(data).decode()
    unprintable: set[str] = set()
    for _ in range(3):
        try:
            return _typeset(_spelled(text, unprintable), at)
        except typst.TypstError as error:
            found = _named_by(error.diagnostic) - unprintable
            if not found:
                raise
            unprintable |= found
    return _typeset(_spelled(text, {letter for letter in text if letter > LAST_LATIN}), at)


def _typeset(text: str, at: datetime) -> bytes:
    return typst.compile(
        TEMPLATE,
        font_paths=_FONTS,
        sys_inputs={"document": text},
        pdf_standards=STANDARDS,
        timestamp=at.astimezone(UTC).replace(microsecond=0),  # typst refuses finer times
    )


def _named_by(diagnostic: str) -> set[str]:
    """The characters that typst says no font of ours has, or that PDF/A forbids. It writes them as Rust's Debug does."""
    found = _UNPRINTABLE.findall(diagnostic)
    letters = (re.sub(r"\\u\{([0-9a-f]+)\}", lambda code: chr(int(code[1], 16)), text) for text in found)
    return {letter for text in letters for letter in text if letter > "~"}


def _spelled(text: str, unprintable: set[str]) -> str:
    """A character that cannot be set is named, [U+1F52C], and never left out: a hole in an opinion could change it."""
    return text.translate({ord(letter): f"[U+{ord(letter):04X}]" for letter in unprintable})


def _data(document: Document, words: Words) -> dict[str, Any]:
    consult, last = document.consult, document.opinions[-1]
    here, there = document.requester_place, document.expert_place
    asked = _moment(consult.requested_at, here, words.language)
    facts = [
        (words("consults-report-case"), document.case_title),
        (words("consults-report-organ"), words(f"organ-{consult.organ}")),
        (words("consults-report-urgency"), words(f"urgency-{consult.urgency}")),
        (words("consults-report-asked"), asked),
        (words("consults-report-signed"), _moment(document.opinions[0].signed_at, there, words.language)),
        (words("consults-report-slides"), _slides(document.slides, words)),
    ]
    if len(document.opinions) > 1:
        facts.append(
            (
                words("consults-report-addenda"),
                words(
                    "consults-report-addenda-count",
                    count=len(document.opinions) - 1,
                    at=_moment(last.signed_at, there, words.language),
                ),
            )
        )
    day = last.signed_at.astimezone(ZoneInfo(there.time_zone))
    return {
        "language": words.language,
        "title": words("consults-report-title"),
        "subtitle": words("consults-report-subtitle", organ=words(f"organ-{consult.organ}")),
        "number": words("consults-report-number", number=document.case_number),
        "author": document.expert.name,
        "date": {"year": day.year, "month": day.month, "day": day.day},
        "requester": _identity(document.requester, here, words),
        "expert": _identity(document.expert, there, words, document.opinions[0].identified_by),
        "facts": facts,
        "question": consult.question,
        "context": consult.clinical_context,
        "opinions": [_statement(document, opinion, words) for opinion in document.opinions],
        "words": {
            name: words(f"consults-report-{name}")
            for name in (
                "requester",
                "expert",
                "question",
                "context",
                "opinion",
                "codings",
                "verification",
                "digest",
                "use",
            )
        },
    }


def _slides(slides: Sequence[SlideRead], words: Words) -> str:
    return " · ".join(_slide(one, words) for one in slides) or words("consults-report-no-slides")


def _slide(one: SlideRead, words: Words) -> str:
    """« A1 HES (prélèvement A) »: what the label says already is not said again."""
    more = [words("consults-report-specimen", label=one.specimen)] if one.specimen else []
    if one.block and one.block not in one.label:
        more.append(words("consults-report-block", block=one.block))
    if one.stain and one.stain not in one.label:
        more.append(one.stain)
    name = one.label or words("viewer-slide-unnamed")
    return f"{name} ({', '.join(more)})" if more else name


def _identity(who: Person, place: Institution, words: Words, by: IdentifiedBy | None = None) -> dict[str, Any]:
    """``by``: on whose word somebody without an RPPS number is who they are, and may practise."""
    lines = [place.name, place.city]
    rpps = rpps_of(who.subject_name_id)
    if rpps:
        lines.append(words("consults-report-rpps", number=rpps))
    if by is not None:
        lines.append(words("consults-identified-number", authority=by.authority, country=by.country, number=by.number))
        lines.append(words("consults-identified-verified", name=by.verified_by, at=_day(by.verified_at, place, words)))
    return {"name": who.name, "lines": lines}


def _statement(document: Document, opinion: Opinion, words: Words) -> dict[str, Any]:
    at = _moment(opinion.signed_at, document.expert_place, words.language)
    proved = _moment(opinion.auth_time, document.expert_place, words.language)
    content = opinion.content
    parts = [
        (words("field-description"), content.description),
        (words("field-remarks"), content.remarks),
    ]
    return {
        "title": words("consults-addendum", number=opinion.number - 1),
        "conclusion": content.conclusion,
        "parts": [part for part in parts if part[1]],
        "codings": [(words("consults-system", system=coding.system), coding.code) for coding in content.codings],
        "signed": words("consults-report-signed-by", name=document.expert.name, at=at),
        "authenticated": words("consults-report-authenticated", at=proved)
        if opinion.identified_by is None
        else words("consults-report-authenticated-other", provider=opinion.identified_by.provider, at=proved),
        "verification": opinion.verification,
        "digest": opinion.digest,
    }


def _day(at: datetime, place: Institution, words: Words) -> str:
    """« 11 mars 2026 », there."""
    there = at.astimezone(ZoneInfo(place.time_zone))
    return babel.dates.format_date(there, "d MMMM y", locale=_LOCALES[words.language])


def _moment(at: datetime, place: Institution, language: str) -> str:
    """« 11 mars 2026, 13:00 (Lille, UTC+01:00) »; west of Greenwich with a true minus sign."""
    there = at.astimezone(ZoneInfo(place.time_zone))
    text = babel.dates.format_datetime(there, "d MMMM y, HH:mm", locale=_LOCALES[language])
    offset = there.strftime("%z").replace("-", "\N{MINUS SIGN}")
    return f"{text} ({place.city}, UTC{offset[:3]}:{offset[3:]})"
