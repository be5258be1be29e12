"""Takes access away from a person, or from all who act for an institution, and gives it back. Nothing of theirs is changed,
but for the links of guests: those end, and stay ended when access is given back.

An act of the operator, by command: it counts in every institution, and no role in one gives a right over the others.

Each function works in the caller's transaction, and records ``directory.changed`` in it."""

from datetime import datetime

from sqlalchemy import Table, update

from auth import delegations, endings, groups
from telepath import directory, guests
from telepath.access import ObjectRef, institution_ref
from telepath.db.schema.directory import institution, person
from telepath.db.transaction import Transaction


async def suspend_person(tx: Transaction, person_id: str) -> bool:
    """Let nobody sign in as this person; what is open ends with their sessions, and so does what a delegate has open in their
    stead, and the guests' links that they made. False: it is so already."""
    if not await _set(tx, person, person_id, tx.now):
        return False
    await tx.audit("directory.changed", ObjectRef("person", person_id, ""), change="person-suspended")
    await endings.of_person(tx, person_id, "person-suspended")
    for institution_id, roles in (await directory.memberships(tx, person_id)).items():
        await delegations.absent_lost(tx, person_id, institution_id, roles, ())
    await guests.person_suspended(tx, person_id)
    return True


async def restore_person(tx: Transaction, person_id: str) -> bool:
    """False: they were not suspended."""
    if not await _set(tx, person, person_id, None):
        return False
    await tx.audit("directory.changed", ObjectRef("person", person_id, ""), change="person-restored")
    return True


async def suspend_institution(tx: Transaction, institution_id: str) -> bool:
    """Let nobody act for this institution; what is open ends with the sessions for it, and so do the links of its guests. The
    groups that it leads give nothing meanwhile. False: it is so already."""
    if not await _set(tx, institution, institution_id, tx.now):
        return False
    place = institution_ref(institution_id)
    await tx.audit("directory.changed", place, change="institution-suspended")
    await endings.of_institution(tx, institution_id, "institution-suspended")
    await guests.institution_suspended(tx, institution_id)
    await groups.lead_suspended(tx, institution_id)
    return True


async def restore_institution(tx: Transaction, institution_id: str) -> bool:
    """False: it was not suspended."""
    if not await _set(tx, institution, institution_id, None):
        return False
    place = institution_ref(institution_id)
    await tx.audit("directory.changed", place, change="institution-restored")
    return True


async def _set(tx: Transaction, table: Table, key: str, at: datetime | None) -> bool:
    other = table.c.disabled_at.is_(None) if at is not None else table.c.disabled_at.is_not(None)
    changed = await tx.execute(update(table).where(table.c.id == key, other).values(disabled_at=at))
    return changed.rowcount == 1
