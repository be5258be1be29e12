"""A consult comes in from an archive: its rows here. Nobody gets a right from it, nothing begins.

People are found by RPPS number, institutions by FINESS number. Who is not here is entered by name alone, without membership,
and an institution as one for which nobody signs in. The one that asked must be here: its own people see the consult."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from consults import archive
from consults.archive import Document, Named, Place
from consults.archive_tables import CARRIED
from consults.opinion import Draft
from telepath.access import ObjectRef
from telepath.db.schema.cases import attachment, case, held_slide
from telepath.db.schema.consults import consult, consult_import, opinion, reading
from telepath.db.schema.directory import institution, person
from telepath.db.schema.slides import slide, slide_view
from telepath.db.transaction import Reader, Transaction
from telepath.errors import Conflict, Invalid
from telepath.identifiers import PSC

OUTSIDE: Final = "archive"
"""Provider of whom an archive names without a national identifier: nobody signs in by it."""


async def refuse_known(reader: Reader, document: Document) -> None:
    """Raises Invalid: the consult or its case is here already, or was erased; another case has its number; the institution that
    asked is not here, or suspended."""
    for table, code in ((consult, "error-archive-here"), (case, "error-archive-case-here")):
        if await reader.scalar(select(table.c.id).where(table.c.id == document.rows[table.name][0].id)) is not None:
            raise Invalid(code)
    for table, kept in ((slide, slide), (held_slide, slide), (attachment, attachment)):
        ids = [one.id for one in document.rows[kept.name]]
        if await reader.scalar(select(table.c.id).where(table.c.id.in_(ids)).limit(1)) is not None:
            raise Invalid("error-archive-case-here")
    asking = next(one for one in document.institutions if one.id == document.case.institution_id)
    works = (institution.c.finess == asking.finess) & institution.c.disabled_at.is_(None)
    place = await reader.first(select(institution.c.id).where(works))
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
