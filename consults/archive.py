"""One consult with all that is of it, as one document: how it is read from the database, written as JSON, and read again.

The document is canonical: the same rows give the same bytes, on whichever instance. People and institutions stand in it under
the identifiers that they had where it was signed, because the digests of what was signed cover them; where the consult came
in from an archive, ``consult_import.names`` says who that is there."""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Final

import msgspec
from sqlalchemy import ColumnElement, Table, or_, select

from consults.archive_tables import CARRIED, ROWS, Id, names
from consults.lifecycle import ConsultStatus, OfferStatus
from consults.repository import WORKING
from telepath import directory
from telepath.db.schema.cases import annotation, attachment, case, key_region, specimen, thread_line
from telepath.db.schema.consults import (
    consult,
    consult_import,
    offer,
    opinion,
    opinion_signature,
    reading,
)
from telepath.db.schema.slides import slide, slide_view
from telepath.db.transaction import Reader
from telepath.errors import Forbidden, Invalid, NotFound
from telepath.identifiers import rpps_of

FORMAT: Final = "telepath-consult"
VERSION: Final = 1
Short = Annotated[str, msgspec.Meta(max_length=100)]
Code = Annotated[str, msgspec.Meta(max_length=10)]


class Named(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody whom a row names. ``subject_name_id``: with their RPPS number; "": they have none, and only this name."""

    id: Id
    subject_name_id: Annotated[str, msgspec.Meta(max_length=64)]
    title: Code
    given_name: Short
    family_name: Short
    profession: Annotated[str, msgspec.Meta(max_length=4)]
    know_how: Code


class Place(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An institution that a row names."""

    id: Id
    finess: str
    name: Annotated[str, msgspec.Meta(max_length=200)]
    city: Short
    region: Annotated[str, msgspec.Meta(max_length=3)]
    time_zone: Annotated[str, msgspec.Meta(max_length=40)]


class Document(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``rows``: by table, each a struct of ``archive_tables.ROWS``, in the order of their identifiers."""

    format: str
    version: int
    people: tuple[Named, ...]
    institutions: tuple[Place, ...]
    rows: dict[str, tuple[Any, ...]]

    @property
    def case(self) -> Any:
        return self.rows["case"][0]

    @property
    def consult(self) -> Any:
        return self.rows["consult"][0]

    @property
    def slides(self) -> tuple[Any, ...]:
        return self.rows["slide"]

    @property
    def attachments(self) -> tuple[Any, ...]:
        return self.rows["attachment"]


class _Written(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``Document`` as it is read before its rows are."""

    format: str
    version: int
    people: tuple[Named, ...]
    institutions: tuple[Place, ...]
    rows: dict[str, tuple[msgspec.Raw, ...]]


class _Version(msgspec.Struct, frozen=True):
    format: str = ""
    version: int = 0


class Renamed(msgspec.Struct, frozen=True):
    """Who and where the identifiers of an archive are here."""

    person: Mapping[str, str]
    institution: Mapping[str, str]

    @property
    def back(self) -> "Renamed":
        """Under which identifiers those here stand in the archive."""
        return Renamed(
            {here: there for there, here in self.person.items()},
            {here: there for there, here in self.institution.items()},
        )


async def of_consult(reader: Reader, consult_id: str) -> Document:
    """All that goes with a consult that is over. Raises NotFound: there is none, or its case was erased; Forbidden: somebody is
    still asked, or still reads."""
    found = await reader.first(
        select(consult.c.case_id, consult.c.status)
        .join(case, case.c.id == consult.c.case_id)
        .where(consult.c.id == consult_id, case.c.erased_at.is_(None))
    )
    if found is None:
        raise NotFound("error-archive-consult-unknown")
    rows: dict[str, tuple[Any, ...]] = {}
    for one in CARRIED:
        columns = [one.table.c[name] for name in one.columns]
        which = _whose(one.table, consult_id, found["case_id"])
        read = await reader.all(select(*columns).where(which).order_by(one.table.c.id))
        rows[one.table.name] = tuple(
            msgspec.convert({str(name): value for name, value in row.items()}, ROWS[one.table.name]) for row in read
        )
    made = Document(format=FORMAT, version=VERSION, people=(), institutions=(), rows=rows)
    if not over(made):
        raise Forbidden("error-archive-open")
    people, places = _named(made, "person"), _named(made, "institution")
    document = msgspec.structs.replace(
        made,
        people=tuple(_person(one) for one in (await directory.people(reader, people)).values()),
        institutions=tuple(_place(one) for one in (await directory.institutions(reader, places)).values()),
    )
    there = (await renamed(reader, consult_id)).back
    return with_names(document, there.person, there.institution)


async def renamed(reader: Reader, consult_id: str) -> Renamed:
    """Of a consult that came in from an archive; of another one nobody is called otherwise."""
    row = await reader.first(select(consult_import.c.names).where(consult_import.c.consult_id == consult_id))
    return msgspec.convert(row["names"], Renamed) if row is not None else Renamed({}, {})


def _whose(table: Table, consult_id: str, case_id: str) -> ColumnElement[bool]:
    """Which rows of ``table`` go with the consult."""
    of_slides = select(slide.c.id).where(slide.c.case_id == case_id, slide.c.folder != "")
    kept: dict[Table, ColumnElement[bool]] = {
        case: case.c.id == case_id,
        consult: consult.c.id == consult_id,
        specimen: specimen.c.case_id == case_id,
        slide: (slide.c.case_id == case_id) & (slide.c.folder != ""),
        # Who read: the report says which slides they had opened.
        slide_view: slide_view.c.slide_id.in_(of_slides)
        & ~slide_view.c.warming
        & slide_view.c.person_id.in_(select(reading.c.expert_id).where(reading.c.consult_id == consult_id)),
        attachment: (attachment.c.case_id == case_id) & attachment.c.removed_at.is_(None) & (attachment.c.folder != ""),
        annotation: annotation.c.slide_id.in_(of_slides) & annotation.c.deleted.is_(False),
        # Another consult of the case is not this one's readers' to know.
        key_region: key_region.c.slide_id.in_(of_slides)
        & or_(
            key_region.c.consult_id == consult_id, (key_region.c.consult_id == "") & key_region.c.removed_at.is_(None)
        ),
        thread_line: (thread_line.c.case_id == case_id) & thread_line.c.consult_id.in_((consult_id, "")),
        opinion_signature: opinion_signature.c.opinion_id.in_(
            select(opinion.c.id).where(opinion.c.consult_id == consult_id)
        ),
    }
    found = kept.get(table)
    return table.c.consult_id == consult_id if found is None else found


def over(document: Document) -> bool:
    """Whether nobody is asked or reads any more."""
    rows = document.rows
    ended = document.consult.status in (ConsultStatus.COMPLETED, ConsultStatus.REVOKED)
    asked = any(one.status is OfferStatus.PROPOSED for one in rows[offer.name])
    return ended and not asked and not any(one.status in WORKING for one in rows[reading.name])


def _named(document: Document, what: str) -> set[str]:
    """The identifiers of those of ``what`` whom the rows name."""
    found: set[str] = set()
    for one in CARRIED:
        columns = [name for name in one.columns if names(one.table.c[name]) == what]
        found.update(
            value for row in document.rows[one.table.name] for name in columns if (value := getattr(row, name))
        )
    return found


def _person(one: directory.Person) -> Named:
    return Named(
        id=one.id,
        subject_name_id=one.subject_name_id if not one.foreign and rpps_of(one.subject_name_id) else "",
        title=one.title,
        given_name=one.given_name,
        family_name=one.family_name,
        profession=one.profession,
        know_how=one.know_how,
    )


def _place(one: directory.Institution) -> Place:
    return Place(id=one.id, finess=one.finess, name=one.name, city=one.city, region=one.region, time_zone=one.time_zone)


def with_names(document: Document, people: Mapping[str, str], places: Mapping[str, str]) -> Document:
    """The same with other identifiers of people and institutions; whoever is not in the mapping keeps theirs."""
    of = {"person": people, "institution": places}
    rows = {}
    for one in CARRIED:
        which = {name: of[what] for name in one.columns if (what := names(one.table.c[name]))}
        rows[one.table.name] = tuple(
            msgspec.structs.replace(
                row, **{name: to.get(getattr(row, name), getattr(row, name)) for name, to in which.items()}
            )
            for row in document.rows[one.table.name]
        )
    return msgspec.structs.replace(
        document,
        people=_sorted(msgspec.structs.replace(one, id=people.get(one.id, one.id)) for one in document.people),
        institutions=_sorted(
            msgspec.structs.replace(one, id=places.get(one.id, one.id)) for one in document.institutions
        ),
        rows=rows,
    )


def _sorted(found: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(sorted(found, key=lambda one: str(one.id)))


def written(document: Document) -> bytes:
    """The one byte string of a document: JSON, keys sorted, UTF-8."""
    return _encoder.encode(document)


def parsed(data: bytes) -> Document:
    """Read what ``written`` wrote. Raises Invalid: another version, or not exactly what this version holds."""
    if _NUL.search(data):
        raise Invalid("error-archive-consult")
    try:
        version = msgspec.json.decode(data, type=_Version)
        if (version.format, version.version) != (FORMAT, VERSION):
            raise Invalid("error-archive-version", version=version.version)
        raw = msgspec.json.decode(data, type=_Written)
        if set(raw.rows) != set(ROWS):
            raise Invalid("error-archive-consult")
        rows = {name: tuple(msgspec.json.decode(row, type=ROWS[name]) for row in raw.rows[name]) for name in ROWS}
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Invalid("error-archive-consult") from None
    return Document(format=raw.format, version=raw.version, people=raw.people, institutions=raw.institutions, rows=rows)


_NUL: Final = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
"""PostgreSQL keeps none, and nobody typed one."""
_encoder: Final = msgspec.json.Encoder(order="sorted")
