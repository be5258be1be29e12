"""Writes the directory that telepath/directory.py reads: institutions, people, memberships, expertise.

Each function works in the caller's transaction and records ``directory.changed`` in it."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from auth import delegations, endings
from telepath import directory, guests
from telepath.access import Action, ObjectRef, institution_ref, lost
from telepath.actor import Role
from telepath.db.schema.directory import department, expertise, institution, membership, person
from telepath.db.transaction import Reader, Transaction
from telepath.errors import Conflict
from telepath.identifiers import PSC

KEPT: Final = "kept"
"""For a department: as it was."""


async def add_institution(tx: Transaction, *, finess: str, name: str, city: str, region: str, time_zone: str) -> str:
    """Return the new institution's id. ``region``: INSEE code, ``03`` is Guyane; ``time_zone``: ``America/Cayenne``.

    Raises Conflict: an institution has this FINESS already."""
    if await tx.scalar(select(institution.c.id).where(institution.c.finess == finess)) is not None:
        raise Conflict("error-directory-institution-exists", finess=finess)
    key = tx.new_id()
    with _first("error-directory-institution-exists", finess=finess):
        await tx.insert(institution, id=key, finess=finess, name=name, city=city, region=region, time_zone=time_zone)
    await tx.audit("directory.changed", institution_ref(key), change="institution-added", finess=finess)
    return key


async def add_person(
    tx: Transaction,
    *,
    subject_name_id: str,
    given_name: str,
    family_name: str,
    title: str = "Dr",
    profession: str = "10",
    know_how: str = "SM01",
    email: str = "",
    language: str = "fr",
    provider: str = PSC,
) -> str:
    """Return the new person's id. ``subject_name_id``: Pro Santé Connect's, ``8`` and the RPPS number; ``provider``: the key
    of who else proves their identity.

    Raises Conflict: somebody has this identifier already."""
    if await tx.scalar(select(person.c.id).where(person.c.subject_name_id == subject_name_id)) is not None:
        raise Conflict("error-directory-person-exists", subject_name_id=subject_name_id)
    key = tx.new_id()
    with _first("error-directory-person-exists", subject_name_id=subject_name_id):
        await tx.insert(
            person,
            id=key,
            subject_name_id=subject_name_id,
            title=title,
            given_name=given_name,
            family_name=family_name,
            profession=profession,
            know_how=know_how,
            email=email,
            language=language,
            created_at=tx.now,
            provider=provider,
        )
    await tx.audit("directory.changed", ObjectRef("person", key, ""), change="person-added")
    return key


async def set_membership(
    tx: Transaction, person_id: str, institution_id: str, roles: Iterable[Role], *, department_id: str | None = KEPT
) -> None:
    """Give a person exactly these roles in an institution; none at all ends the membership. ``department_id``: where they work
    there, the one of before unless given; None is nowhere in particular.

    The record says which they had before. New rights count from the person's next request on. A right that is lost ends
    their sessions there: slides and rooms that are open in them close on all nodes, and who still has another right signs in
    again. So does what a delegate has open in their stead. The links of guests that they made there end when the membership
    does, or the right to make them.

    Raises Conflict: somebody else gave them roles there at the same instant."""
    before = (await directory.memberships(tx, person_id)).get(institution_id, frozenset())
    held = sorted(set(roles))
    here = (membership.c.person_id == person_id) & (membership.c.institution_id == institution_id)
    department_before = await tx.scalar(select(membership.c.department_id).where(here))
    department_after = department_before if department_id is KEPT else department_id
    await tx.execute(delete(membership).where(here))
    if held:
        with _first():
            await tx.insert(
                membership,
                person_id=person_id,
                institution_id=institution_id,
                roles=held,
                department_id=department_after,
            )
    await tx.audit(
        "directory.changed",
        ObjectRef("person", person_id, institution_id),
        change="membership-set",
        roles=[role.value for role in held],
        roles_before=sorted(role.value for role in before),
        department=await _called(tx, department_after if held else None),
        department_before=await _called(tx, department_before),
    )
    # A role may give nothing that `may` knows of; without any, nobody is let in at all. The person is locked before their
    # sessions, as who signs in does.
    if (before and not held) or Action.LINK_MAKE in lost(before, held):
        await guests.maker_left(tx, person_id, institution_id)
    if (before and not held) or lost(before, held):
        await endings.of_person(tx, person_id, "membership", institution_id)
    # A role that gave nothing of its own may have been all that a delegate had of theirs.
    if before - set(held):
        await delegations.absent_lost(tx, person_id, institution_id, before, held)


async def set_expertise(
    tx: Transaction,
    person_id: str,
    institution_id: str,
    organ: str,
    *,
    networks: Iterable[str] = (),
    languages: Iterable[str] = ("fr",),
    available: bool = True,
    median_hours: float | None = None,
) -> None:
    """Say that a person reads an organ (code of consults), where, vouched for by which networks, how fast as a rule.

    Raises Conflict: somebody else said so at the same instant."""
    await tx.execute(delete(expertise).where(expertise.c.person_id == person_id, expertise.c.organ == organ))
    with _first():
        await tx.insert(
            expertise,
            person_id=person_id,
            institution_id=institution_id,
            organ=organ,
            networks=list(networks),
            languages=list(languages),
            available=available,
            median_hours=median_hours,
        )
    await tx.audit(
        "directory.changed", ObjectRef("person", person_id, institution_id), change="expertise-set", organ=organ
    )


async def _called(reader: Reader, department_id: str | None) -> str:
    """The name of a department: it may be gone when somebody reads the record."""
    name = await reader.scalar(select(department.c.name).where(department.c.id == department_id))
    return name or ""


@contextmanager
def _first(code: str | None = None, **params: str) -> Iterator[None]:
    """Raises Conflict, and the transaction is lost: another one wrote the same row while this one had not seen it yet."""
    try:
        yield
    except IntegrityError:
        raise Conflict(code, **params) from None
