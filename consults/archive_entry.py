"""A consult comes in from an archive: what its document must be, and its rows here. Nobody gets a right, nothing begins.

People are found by RPPS number, institutions by FINESS number. Who is not here is entered by name alone, without membership,
and an institution as one for which nobody signs in. The one that asked must be here: its own people see the consult."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from consults import archive
from consults.archive import Document, Named, Place
from consults.archive_tables import CARRIED, names
from consults.networks import NETWORKS
from consults.opinion import Draft, Statement, digest
from telepath.access import ObjectRef
from telepath.actor import SYSTEM
from telepath.cases.annotations import Drawing, Shape
from telepath.cases.circumstances import CIRCUMSTANCES
from telepath.cases.key_regions import image_key
from telepath.cases.model import case_number
from telepath.db.schema.cases import attachment, case, key_region
from telepath.db.schema.consults import consult, consult_import, opinion, reading
from telepath.db.schema.directory import institution, person
from telepath.db.schema.slides import slide, slide_view
from telepath.db.transaction import Reader, Transaction
from telepath.errors import Conflict, Forbidden, Invalid, TelepathError
from telepath.geometry import Size
from telepath.identifiers import PSC, finess_of, rpps_of
from telepath.ids import is_id

OUTSIDE: Final = "archive"
"""Provider of whom an archive names without a national identifier: nobody signs in by it."""
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
    if not all(_as_signed(document, one) for one in document.rows[opinion.name]):
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


async def refuse_known(reader: Reader, document: Document) -> None:
    """Raises Invalid: the consult or its case is here already, or was erased; another case has its number; the institution that
    asked is not here."""
    for table, code in ((consult, "error-archive-here"), (case, "error-archive-case-here")):
        if await reader.scalar(select(table.c.id).where(table.c.id == document.rows[table.name][0].id)) is not None:
            raise Invalid(code)
    for table in (slide, attachment):
        ids = [one.id for one in document.rows[table.name]]
        if await reader.scalar(select(table.c.id).where(table.c.id.in_(ids)).limit(1)) is not None:
            raise Invalid("error-archive-case-here")
    asking = next(one for one in document.institutions if one.id == document.case.institution_id)
    place = await reader.first(select(institution.c.id).where(institution.c.finess == asking.finess))
    if place is None:
        raise Invalid("error-archive-institution", finess=asking.finess, name=asking.name)
    same = (case.c.institution_id == place["id"]) & (case.c.number == document.case.number)
    if await reader.scalar(select(case.c.id).where(same)) is not None:
        raise Invalid("error-archive-number", number=document.case.number)


async def enter(
    tx: Transaction, document: Document, facts: Mapping[str, Mapping[str, Any]], origin: str, manifest: str
) -> ObjectRef:
    """Write all rows; ``facts``: of each slide what was read anew from its files, by column. ``origin``: who signed the
    archive; ``manifest``: the digest of its manifest. Raises as ``refuse_known``; Conflict: another import came first."""
    await refuse_known(tx, document)
    people = {one.id: await _person(tx, one) for one in document.people}
    places = {one.id: await _place(tx, one) for one in document.institutions}
    here = archive.with_names(document, people, places)
    try:
        for one in CARRIED:
            for row in here.rows[one.table.name]:
                beside = _beside(tx, one.table.name, row) | dict(facts.get(row.id, {}) if one.table is slide else {})
                await tx.insert(one.table, **_columns(row), **beside)
    except IntegrityError as error:
        raise Conflict("error-archive-case-here") from error
    moved = {"person": _moved(people), "institution": _moved(places)}
    await tx.insert(
        consult_import,
        consult_id=here.consult.id,
        origin=origin,
        digest=manifest,
        names=moved,
        imported_at=tx.now,
    )
    ref = ObjectRef("consult", here.consult.id, here.consult.institution_id, case_id=here.case.id)
    await tx.audit(
        "consult.imported",
        ref,
        origin=origin,
        digest=manifest,
        slides=len(here.slides),
        signed_texts=[one.digest for one in sorted(here.rows[opinion.name], key=lambda one: int(one.number))],
    )
    return ref


def _columns(row: Any) -> dict[str, Any]:
    """As the database keeps them."""
    found = {name: getattr(row, name) for name in row.__struct_fields__}
    return {
        name: msgspec.to_builtins(value) if isinstance(value, tuple | dict | msgspec.Struct) else value
        for name, value in found.items()
    }


def _beside(tx: Transaction, table: str, row: Any) -> dict[str, Any]:
    """What the columns that no archive carries hold here, where the schema does not say it."""
    if table == consult.name:
        return {"opinions_read": row.opinions_released}
    if table == reading.name:
        return {"draft": msgspec.to_builtins(Draft())}
    if table in (slide.name, attachment.name):
        return {"folder": row.id}
    if table == slide_view.name:
        over = {"expires_at": row.opened_at, "revoked_at": tx.now}
        return {"session_id": "", "because": "", "because_id": "", "epoch": 0, **over}
    return {}


def _moved(ids: Mapping[str, str]) -> dict[str, str]:
    return {there: here for there, here in ids.items() if there != here}


async def _free(tx: Transaction, table: Any, wanted: str) -> str:
    """The identifier itself, or another one when somebody else has it."""
    return tx.new_id() if await tx.scalar(select(table.c.id).where(table.c.id == wanted)) is not None else wanted


async def _person(tx: Transaction, one: Named) -> str:
    """Who it is here; entered when nobody. Whom only a name tells is nobody of this directory."""
    if one.subject_name_id:
        same = (person.c.subject_name_id == one.subject_name_id) & (person.c.provider == PSC)
        known = await tx.scalar(select(person.c.id).where(same))
        if known is not None:
            return str(known)
    new = await _free(tx, person, one.id)
    await tx.insert(
        person,
        id=new,
        subject_name_id=one.subject_name_id or f"{OUTSIDE}:{new}",
        provider=PSC if one.subject_name_id else OUTSIDE,
        title=one.title,
        given_name=one.given_name,
        family_name=one.family_name,
        profession=one.profession,
        know_how=one.know_how,
        email="",
        language="fr",
        created_at=tx.now,
    )
    return new


async def _place(tx: Transaction, one: Place) -> str:
    """Where it is here; entered, for nobody to sign in, when nowhere."""
    known = await tx.scalar(select(institution.c.id).where(institution.c.finess == one.finess))
    if known is not None:
        return str(known)
    new = await _free(tx, institution, one.id)
    values = msgspec.structs.asdict(one) | {"id": new, "disabled_at": tx.now}
    await tx.insert(institution, **values)
    return new
