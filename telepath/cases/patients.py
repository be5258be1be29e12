"""The patients of an institution: who the patient of a case is, under a key of the patient's own (telepath/vault.py).

One row for each patient and institution, found again by a keyed hash of the INS: the cases of one patient share it, and none
without an INS does. It is shown to whoever may (``Action.PATIENT_VIEW``), each time with a record, and to nobody else; no
record, notice or address tells anything of it. When no case is left to it, its key is destroyed."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import RowMapping, Select, delete, select, update
from sqlalchemy.exc import IntegrityError

from telepath import grants
from telepath.access import Action
from telepath.actor import Actor, Subject
from telepath.cases import repository
from telepath.cases.identity import Identity
from telepath.cases.model import Case
from telepath.db.database import Database
from telepath.db.schema.cases import case as cases
from telepath.db.schema.cases import patient
from telepath.db.transaction import Reader, Transaction
from telepath.errors import Conflict


class Patient(msgspec.Struct, frozen=True, kw_only=True):
    """Who the patient of a case is, as somebody saw it."""

    id: str
    version: int
    identity: Identity
    changed_at: datetime
    """When somebody last said who it is."""

    @property
    def seen(self) -> str:
        """What a form carries along: whoever changes it names what they saw."""
        return f"{self.id}.{self.version}"


class Sibling(msgspec.Struct, frozen=True):
    """Another case of the same patient in the same institution."""

    case_id: str
    number: str


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """What one reader may see of the patient of a case."""

    case: Case
    patient: Patient | None
    """None: nobody has said who it is."""
    siblings: tuple[Sibling, ...]
    editable: bool


async def view(db: Database, actor: Actor, case_id: str) -> Page:
    """Who the patient of this case is; recorded as ``patient.viewed`` before it is shown, each time. Raises NotFound, Refused.

    Whoever is not of the institution learns nothing of the patient's other cases."""
    async with db.write(actor) as tx:
        case = await repository.get(tx, case_id)
        allowed = await grants.require(tx, actor, Action.PATIENT_VIEW, case.ref)
        editable = bool(await grants.decide(tx, actor, Action.PATIENT_EDIT, case.ref))
        row = await _of_case(tx, case_id)
        known = await _opened(tx, row) if row else None
        siblings = await _siblings(tx, case_id, known.id) if known and editable else ()
        await tx.audit("patient.viewed", case.ref, because=allowed)
    return Page(case=case, patient=known, siblings=tuple(siblings), editable=editable)


async def change(db: Database, actor: Actor, case_id: str, seen: str, typed: Identity) -> None:
    """Say who the patient of this case is. ``seen``: what the form was made from (``Patient.seen``), empty: nobody was known.

    With the INS of a patient who is known here the case joins their other cases. With another INS than before, or none, a case
    leaves those that it was with, which keep what was known. Recorded as ``patient.changed``, with the fields' names alone.

    Raises NotFound, Refused; Invalid, TooLarge: as ``Identity.checked``; Conflict: somebody else said so first, or the same
    INS is known here with other traits."""
    with _unique():
        async with db.write(actor) as tx:
            case = await repository.get(tx, case_id)
            allowed = await grants.require(tx, actor, Action.PATIENT_EDIT, case.ref)
            row = await _locked(tx, case_id, seen)
            identity = typed.checked(tx.now.astimezone(ZoneInfo(actor.time_zone)).date())
            before = await _opened(tx, row) if row else None
            lookup = _lookup(tx, case.institution_id, identity)
            target = await _same_patient(tx, case, identity, lookup)
            # Nobody here has what is now said: the other cases of the patient whom it was said of stay as they are.
            if target is None and row is not None and not await _siblings(tx, case_id, row["id"]):
                target = row
            patient_id = await _kept(tx, case.institution_id, target, identity, lookup)
            await tx.execute(update(cases).where(cases.c.id == case_id).values(patient_id=patient_id))
            if row is not None and row["id"] != patient_id:
                await _abandoned(tx, row["id"])
            await repository.touch(tx, case_id)
            changed = identity.changed_from(before.identity if before else None)
            await tx.audit("patient.changed", case.ref, because=allowed, private={"changed": changed})


async def remove(db: Database, actor: Actor, case_id: str, seen: str) -> None:
    """Take the identity from this case: it was somebody else's. What no case has any more is destroyed. Raises as
    ``change``."""
    async with db.write(actor) as tx:
        case = await repository.get(tx, case_id)
        allowed = await grants.require(tx, actor, Action.PATIENT_EDIT, case.ref)
        row = await _locked(tx, case_id, seen)
        if row is None:
            raise Conflict
        await tx.execute(update(cases).where(cases.c.id == case_id).values(patient_id=None))
        await _abandoned(tx, row["id"])
        await repository.touch(tx, case_id)
        await tx.audit("patient.changed", case.ref, because=allowed, private={"changed": ["removed"]})


async def known(reader: Reader, case_id: str) -> bool:
    """Whether somebody said who the patient of this case is: what a page may say without saying who."""
    return await _of_case(reader, case_id) is not None


async def forget(tx: Transaction, case_id: str) -> str | None:
    """The patient goes with the last of their cases: the row is deleted, its key destroyed; return which, or None: there was
    none, or another case is left. Only the owner of the tables may (telepath/cases/erasure.py)."""
    row = await tx.first(select(cases.c.patient_id).where(cases.c.id == case_id))
    patient_id = row["patient_id"] if row else None
    if patient_id is None:
        return None
    await tx.first(select(patient.c.id).where(patient.c.id == patient_id).with_for_update())
    if await _siblings(tx, case_id, patient_id):
        return None
    await tx.keys.destroy(tx.connection, tx.now, Subject("patient", patient_id))
    await tx.execute(delete(patient).where(patient.c.id == patient_id))
    return str(patient_id)


async def _locked(tx: Transaction, case_id: str, seen: str) -> RowMapping | None:
    """The row of the case's patient, which nobody else can change until this transaction ends. Raises Conflict: it is not
    what was ``seen``."""
    await tx.first(select(cases.c.id).where(cases.c.id == case_id).with_for_update())
    row = await _of_case(tx, case_id, lock=True)
    if seen != (f"{row['id']}.{row['version']}" if row else ""):
        raise Conflict
    return row


async def _of_case(reader: Reader, case_id: str, *, lock: bool = False) -> RowMapping | None:
    found: Select[Any] = (
        select(patient)
        .join(cases, cases.c.patient_id == patient.c.id)
        .where(cases.c.id == case_id, patient.c.sealed != "")
    )
    return await reader.first(found.with_for_update(of=patient) if lock else found)


async def _opened(tx: Transaction, row: RowMapping) -> Patient | None:
    """None: the key was destroyed."""
    fields = await tx.keys.opened(tx.connection, Subject("patient", row["id"]), row["id"], row["sealed"])
    if fields is None:
        return None
    return Patient(
        id=row["id"], version=row["version"], identity=msgspec.convert(fields, Identity), changed_at=row["changed_at"]
    )


def _lookup(tx: Transaction, institution_id: str, identity: Identity) -> str | None:
    if not identity.has_ins:
        return None
    return tx.keys.vault.lookup("patient", institution_id, identity.oid, identity.matricule)


async def _same_patient(tx: Transaction, case: Case, identity: Identity, lookup: str | None) -> RowMapping | None:
    """The patient who has this INS here. Raises Conflict: with other traits, and this case is not their only one."""
    if lookup is None:
        return None
    same = (patient.c.institution_id == case.institution_id) & (patient.c.lookup == lookup)
    row = await tx.first(select(patient).where(same).with_for_update())
    if row is None:
        return None
    before = await _opened(tx, row)
    joins = not await tx.scalar(select(cases.c.id).where(cases.c.id == case.id, cases.c.patient_id == row["id"]))
    if joins and before is not None and before.identity.traits() != identity.traits():
        raise Conflict("error-patient-other-traits")
    return row


async def _kept(
    tx: Transaction, institution_id: str, row: RowMapping | None, identity: Identity, lookup: str | None
) -> str:
    """Write the identity over that of ``row``, or as a new patient; return whose it is."""
    patient_id = row["id"] if row is not None else tx.new_id()
    fields = msgspec.structs.asdict(identity)
    sealed = await tx.keys.closed(tx.connection, tx.now, Subject("patient", patient_id), patient_id, fields)
    values = {"sealed": sealed, "lookup": lookup, "changed_at": tx.now}
    if row is not None:
        await tx.update(patient, patient_id, row["version"], **values)
    else:
        await tx.insert(patient, id=patient_id, institution_id=institution_id, **values)
    return str(patient_id)


async def _siblings(reader: Reader, case_id: str, patient_id: str) -> list[Sibling]:
    rows = await reader.all(
        select(cases.c.id, cases.c.number)
        .where(cases.c.patient_id == patient_id, cases.c.id != case_id, cases.c.erased_at.is_(None))
        .order_by(cases.c.number)
    )
    return [Sibling(row["id"], row["number"]) for row in rows]


async def _abandoned(tx: Transaction, patient_id: str) -> None:
    """A case has left this patient: when it was the last one, nothing is kept. The service may delete no row of this table."""
    if await _siblings(tx, "", patient_id):
        return
    await tx.keys.destroy(tx.connection, tx.now, Subject("patient", patient_id))
    emptied = {"sealed": "", "lookup": None, "changed_at": tx.now, "version": patient.c.version + 1}
    await tx.execute(update(patient).where(patient.c.id == patient_id).values(**emptied))


@contextmanager
def _unique() -> Iterator[None]:
    """Two cases at once name the same INS for the first time: the second one is asked to look again."""
    try:
        yield
    except IntegrityError:
        raise Conflict from None
