"""What the document of an archive must be before anything of it is written: that its parts fit together, that nobody is still
asked or reads, and that each opinion is what was signed. Its form alone is checked as it is read (archive.py)."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from consults import archive
from consults.archive import Document
from consults.archive_tables import CARRIED, names
from consults.networks import NETWORKS
from consults.opinion import Statement, digest, fingerprint
from telepath.actor import SYSTEM
from telepath.cases.annotations import Drawing, Shape
from telepath.cases.circumstances import CIRCUMSTANCES
from telepath.cases.key_regions import image_key
from telepath.cases.model import case_number
from telepath.db.schema.cases import attachment, case, key_region
from telepath.db.schema.consults import consult, opinion, opinion_signature, reading
from telepath.db.schema.slides import slide
from telepath.errors import Forbidden, Invalid, TelepathError
from telepath.geometry import Size
from telepath.identifiers import finess_of, rpps_of
from telepath.ids import is_id

FIRST_YEAR: Final = 1970
LAST_YEAR: Final = 2200
CODES: Final = frozenset({"", *(network.code for network in NETWORKS)})


def check(document: Document) -> None:
    """What no column says by itself. Raises Invalid: the parts do not fit together, or an opinion is not what was signed;
    Forbidden: somebody is still asked, or still reads."""
    try:
        fits = _fits(document)
    except (TelepathError, LookupError, ValueError, ArithmeticError):
        fits = False
    if not fits:
        raise Invalid("error-archive-consult")
    if not archive.over(document):
        raise Forbidden("error-archive-open")
    words = {one.id: one.digest for one in document.rows[opinion.name]}
    if not (
        all(_as_signed(document, one) for one in document.rows[opinion.name])
        and all(one.digest == words[one.opinion_id] for one in document.rows[opinion_signature.name])
        and all(_as_committed(one) for one in document.rows[reading.name])
    ):
        raise Invalid("error-archive-opinion")


def _fits(document: Document) -> bool:
    rows = document.rows
    if (len(rows[case.name]), len(rows[consult.name])) != (1, 1):
        return False
    opinions = sorted(rows[opinion.name], key=lambda one: int(one.number))
    sizes = {one.id: Size(one.width, one.height) for one in document.slides}
    return all(
        (
            *(_apart(found) for found in rows.values()),
            *(_known(document, one.table.name) for one in CARRIED),
            _apart(document.people),
            _apart(document.institutions),
            len({one.subject_name_id for one in document.people if one.subject_name_id})
            == sum(bool(one.subject_name_id) for one in document.people),
            all(not one.subject_name_id or rpps_of(one.subject_name_id) for one in document.people),
            len({one.finess for one in document.institutions}) == len(document.institutions),
            all(finess_of(one.finess) == one.finess for one in document.institutions),
            document.case.institution_id == document.consult.institution_id,
            case_number(document.case.number) == document.case.number,
            set(document.case.circumstances) <= set(CIRCUMSTANCES),
            document.consult.network in CODES,
            [one.number for one in opinions] == list(range(1, len(opinions) + 1)),
            document.consult.opinions_released <= len(opinions),
            all(one.image == image_key(one.slide_id, one.image[-68:-4]) for one in rows[key_region.name]),
            all(one.view.valid() for one in rows[key_region.name]),
            all(one.view is None or (one.view.valid() and one.slide_id) for one in rows["thread_line"]),
            all(one.room_id == "" or is_id(one.room_id) for one in rows["thread_line"]),
            all(_is_mark(one, sizes) for one in rows["annotation"]),
            all(_in_time(row) for found in rows.values() for row in found),
            all(one.pages for one in rows[attachment.name]),
        )
    )


def _apart(found: Iterable[Any]) -> bool:
    ids = [one.id for one in found]
    return len(set(ids)) == len(ids)


def _is_mark(one: Any, slides: Mapping[str, Size]) -> bool:
    """Raises ValueError, Invalid: it could not have been drawn on its slide."""
    shape: Shape = msgspec.convert({**one.geometry, "kind": one.kind}, Shape)
    Drawing(operation_id=one.operation_id, shape=shape, label=one.label).checked(slides[one.slide_id])
    return True


def _in_time(row: Any) -> bool:
    """Raises OverflowError: an instant is none in UTC."""
    instants = [value for name in row.__struct_fields__ if isinstance(value := getattr(row, name), datetime)]
    return all(FIRST_YEAR <= one.astimezone(UTC).year < LAST_YEAR for one in instants)


def _known(document: Document, table: str) -> bool:
    """Whether everything that its rows name is in the document."""
    there = {name: {one.id for one in found} for name, found in document.rows.items()}
    there |= {"person": {one.id for one in document.people}, "institution": {one.id for one in document.institutions}}
    carried = next(one for one in CARRIED if one.table.name == table)
    for name in carried.columns:
        column = carried.table.c[name]
        target = names(column) or next((key.column.table.name for key in column.foreign_keys), _BESIDE.get(name, ""))
        allowed = there.get(target, set()) | _ALSO.get(f"{table}.{name}", frozenset())
        if target and any(
            (value := getattr(row, name)) is not None and value not in allowed for row in document.rows[table]
        ):
            return False
    return True


_BESIDE: Final = {"case_id": case.name, "consult_id": consult.name, "reading_id": reading.name, "slide_id": slide.name}
"""Columns that name a row without a foreign key."""
_ALSO: Final[Mapping[str, frozenset[str]]] = {
    "thread_line.consult_id": frozenset({""}),
    "thread_line.slide_id": frozenset({""}),
    "key_region.consult_id": frozenset({""}),
    "slide.added_by": frozenset({SYSTEM.person_id}),
    "concordance.reading_id": frozenset({""}),
}
"""What they hold when they name none; the service itself adds slides, too."""


def _as_committed(one: Any) -> bool:
    return bool(one.committed_digest == (fingerprint(one.committed) if one.committed is not None else ""))


def _as_signed(document: Document, one: Any) -> bool:
    """Whether the opinion's digest is that of its words, and of the one before."""
    before = [other.digest for other in document.rows[opinion.name] if other.number == one.number - 1]
    statement = Statement(
        consult_id=document.consult.id,
        number=one.number,
        kind=one.kind,
        question=document.consult.question,
        author_id=one.author_id,
        institution_id=one.institution_id,
        signed_at=one.signed_at,
        content=one.content,
        previous=before[0] if before else "",
        identified_by=one.identified_by,
    )
    return bool(digest(statement) == one.digest)
