"""The signed opinion with its addenda, as PDF/A: both identities, dates with their zones, digests and verification codes.

The template (report.typ) gets its data as JSON and sets it as text, so nothing that people typed can become markup.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Protocol
from zoneinfo import ZoneInfo

import babel.dates
import msgspec
from sqlalchemy import select

from consults import incidents, qr_code, repository, shown_slides, typesetting
from consults.completion import Signature
from consults.incidents import Incident
from consults.kinds import ConsultKind
from consults.model import Consult, Opinion
from consults.opinion import IdentifiedBy, ShownField
from consults.versions import Version, versions
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
from telepath.slides.jpeg import read_header

TEMPLATE: Final = Path(__file__).with_name("report.typ")
NO_PICTURES: Final[Mapping[str, bytes]] = MappingProxyType({})
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
    non_opposition: str = ""
    """``informed``, ``refused``, or "": nobody noted what the patient said; when and by whom:"""
    non_opposition_at: datetime | None = None
    non_opposition_by: str = ""
    incidents: Sequence[Incident] = ()
    noted_by: Mapping[str, str] = MappingProxyType({})
    """Person id → name, of who noted an incident."""
    versions: Sequence[Version] = ()
    """``opinions`` among each other, with who signed beside their authors; without: an opinion and its addenda."""
    signers: Mapping[str, Person] = MappingProxyType({})
    """Person id → who signed, the expert apart; ``signed_at``: where they did, by institution id."""
    signed_at: Mapping[str, Institution] = MappingProxyType({})


async def record(db: Database, actor: Actor, consult_id: str) -> Document:
    """Read the report, and record that this person has it. Raises NotFound: nothing is signed; Refused."""
    async with db.write(actor) as tx:
        consult = await repository.get(tx, consult_id)
        allowed = await grants.require(tx, actor, Action.REPORT_PRINT, consult.ref)
        document = await of_consult(tx, consult_id)
        await tx.audit("report.printed", consult.ref, because=allowed, digest=document.opinions[-1].digest)
    return document


async def of_consult(reader: Reader, consult_id: str) -> Document:
    """What the report says. The caller has asked who may read it, and records it. Raises NotFound: nothing is signed."""
    consult = await repository.get(reader, consult_id)
    opinions = [
        one for one in await repository.opinions_of(reader, consult_id) if one.number <= consult.opinions_released
    ]
    if not opinions:
        raise NotFound
    return await _document(reader, consult, opinions)


async def _document(reader: Reader, consult: Consult, opinions: Sequence[Opinion]) -> Document:
    first = opinions[0]
    case = await cases.get(reader, consult.case_id)
    broke = await incidents.of_consult(reader, consult.id)
    signatures = await repository.signatures_of(reader, consult.id)
    told = versions(opinions, await repository.readings_of(reader, consult.id), signatures)
    persons = {consult.requester_id, first.author_id, *(one.noted_by for one in broke)}
    persons |= {one.author_id for one in opinions} | {one.person_id for one in signatures}
    people = await directory.people(reader, persons | ({case.non_opposition_by} if case.non_opposition_by else set()))
    houses = {consult.institution_id, *(one.institution_id for one in opinions)}
    houses |= {one.institution_id for one in signatures}
    places = await directory.institutions(reader, houses)
    opened = await reader.all(
        select(slide.c.id, slide.c.label, specimen.c.label.label("specimen"), slide.c.block, slide.c.stain)
        .join(slide_view, slide_view.c.slide_id == slide.c.id)
        .outerjoin(specimen, specimen.c.id == slide.c.specimen_id)
        .where(
            slide.c.case_id == consult.case_id,
            slide_view.c.person_id == first.author_id,
            slide_view.c.opened_at <= first.signed_at,
            ~slide_view.c.warming,
        )
        .distinct()
        .order_by(slide.c.label, slide.c.id)
    )
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
        non_opposition=case.non_opposition,
        non_opposition_at=case.non_opposition_at,
        non_opposition_by=people[case.non_opposition_by].name if case.non_opposition_by else "",
        incidents=broke,
        noted_by={one.noted_by: people[one.noted_by].name for one in broke},
        versions=told,
        signers=people,
        signed_at=places,
    )


async def render(
    document: Document, words: Words, verify_at: str = "", pictures: Mapping[str, bytes] = NO_PICTURES
) -> bytes:
    """The PDF in the language of ``words``. The same document gives the same bytes. ``verify_at``: the address of the page
    where anybody checks a code, printed with it and as a square to scan; "": without. ``pictures``: of the fields that were
    signed with the opinions, JPEG by their digests."""
    data = _data(document, words, verify_at, pictures)
    return await typesetting.pdf(TEMPLATE, data, document.opinions[-1].signed_at)


def _picture(field: ShownField, pictures: Mapping[str, bytes], words: Words) -> dict[str, str]:
    """What is printed of a field; where its picture is no more what was signed, the words say so."""
    label = field.label or words("regions-unnamed")
    slide = words("regions-slide", slide=field.slide or words("viewer-slide-unnamed"))
    found = pictures.get(field.picture, b"")
    header = read_header(found) if hashlib.sha256(found).hexdigest() == field.picture else None
    told = {"caption": f"{label} · {slide}", "alt": words("regions-alt", label=label, slide=field.slide), "svg": ""}
    if header is None:
        return told | {"caption": f"{label} · {slide} · {words('regions-missing')}"}
    drawn = f"data:image/jpeg;base64,{base64.b64encode(found).decode('ascii')}"
    size = f'width="{header.width}" height="{header.height}"'
    return told | {"svg": f'<svg xmlns="http://www.w3.org/2000/svg" {size}><image {size} href="{drawn}"/></svg>'}


def _data(document: Document, words: Words, verify_at: str, pictures: Mapping[str, bytes]) -> dict[str, Any]:
    consult, last = document.consult, document.opinions[-1]
    here, there = document.requester_place, document.expert_place
    asked = _moment(consult.requested_at, here, words.language)
    facts = [
        (words("consults-report-case"), document.case_title),
        (words("consults-report-organ"), words(f"organ-{consult.organ}")),
        *_kind(consult, words),
        (words("consults-report-urgency"), words(f"urgency-{consult.urgency}")),
        (words("consults-report-asked"), asked),
        (words("consults-report-signed"), _moment(document.opinions[0].signed_at, there, words.language)),
        (words("consults-report-slides"), _slides(document.slides, words)),
        (words("consults-report-patient"), _patient(document, words)),
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
        "opinions": [
            _statement(document, one, words, verify_at)
            | {"pictures": [_picture(field, pictures, words) for field in one.opinion.content.regions]}
            for one in document.versions or versions(document.opinions, [])
        ],
        "incidents": [_incident(document, one, words) for one in document.incidents],
        "no_incidents": words("consults-report-no-incidents"),
        "words": {
            name: words(f"consults-report-{name}")
            for name in (
                "requester",
                "expert",
                "question",
                "context",
                "codings",
                "pictures",
                "shown",
                "verification",
                "digest",
                "use",
                "incidents",
            )
        },
    }


def _kind(consult: Consult, words: Words) -> list[tuple[str, str]]:
    """What was asked for; of a second reading, by which network and why."""
    said = [(words("consults-report-kind"), words(f"kind-{consult.kind}"))]
    if consult.kind is ConsultKind.NETWORK:
        said.append((words("consults-report-network"), consult.network))
    if consult.trigger is not None:
        said.append((words("consults-report-trigger"), words(f"trigger-{consult.trigger}")))
    return said


def _patient(document: Document, words: Words) -> str:
    """Code de la santé publique, R6316-2: what the patient was told and said stands in the record."""
    if not document.non_opposition or document.non_opposition_at is None:
        return words("consults-report-patient-unknown")
    at = _day(document.non_opposition_at, document.requester_place, words)
    return words(f"consults-report-patient-{document.non_opposition}", name=document.non_opposition_by, at=at)


def _incident(document: Document, one: Incident, words: Words) -> dict[str, str]:
    at = _moment(one.noted_at, document.requester_place, words.language)
    kind = words(f"incident-{one.kind}")
    name = document.noted_by.get(one.noted_by, "")
    return {"title": words("consults-report-incident", at=at, kind=kind, name=name), "text": one.text}


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


def _statement(document: Document, version: Version, words: Words, verify_at: str) -> dict[str, Any]:
    opinion = version.opinion
    place = document.signed_at.get(opinion.institution_id, document.expert_place)
    at = _moment(opinion.signed_at, place, words.language)
    proved = _moment(opinion.auth_time, place, words.language)
    content = opinion.content
    parts = [
        (words("field-description"), content.description),
        (words("field-remarks"), content.remarks),
    ]
    return {
        "title": words(f"version-{version.title}", number=version.ordinal),
        "superseded": words("consults-report-superseded", number=version.superseded_by) if not version.stands else "",
        "replaces": words("opinion-replaces", number=content.replaces) if content.replaces else "",
        "beside": [_beside(document, one, words) for one in version.beside],
        "shown": shown_slides.lines(content, words, lambda day: _day(day, place, words)),
        "conclusion": content.conclusion,
        "parts": [part for part in parts if part[1]],
        "codings": [(words("consults-system", system=coding.system), coding.code) for coding in content.codings],
        "signed": words("consults-report-signed-by", name=_author(document, opinion).name, at=at),
        "authenticated": words("consults-report-authenticated", at=proved)
        if opinion.identified_by is None
        else words("consults-report-authenticated-other", provider=opinion.identified_by.provider, at=proved),
        "verification": opinion.verification,
        "digest": opinion.digest,
        "check": _check(f"{verify_at}?code={opinion.verification}", verify_at, words) if verify_at else None,
    }


def _author(document: Document, opinion: Opinion) -> Person:
    return document.signers.get(opinion.author_id, document.expert)


def _beside(document: Document, one: Signature, words: Words) -> str:
    """« Contresigné par Dr Nadia Belkacem, CHU de Nice, le 11 mars 2026, … »"""
    house = document.signed_at[one.institution_id]
    name = f"{document.signers[one.person_id].name}, {house.name}"
    said = words(f"consults-report-beside-{one.role}", name=name, at=_moment(one.signed_at, house, words.language))
    shown = shown_slides.lines(one.shown, words, lambda day: _day(day, house, words)) if one.shown else []
    return words("consults-report-beside-shown", said=said, how=" · ".join(shown)) if shown else said


def _check(address: str, verify_at: str, words: Words) -> dict[str, str]:
    """The square to scan, as SVG, what it is in words, and the page without the code, to type."""
    alt = words("consults-report-check-alt", address=address)
    return {
        "picture": qr_code.svg(address),
        "alt": alt,
        "page": words("consults-report-check", page=verify_at.partition("://")[2]),
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
