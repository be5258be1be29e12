"""That somebody without an RPPS number may practise: a coordinator looked it up in a register, and may take it back.

What a foreign provider proves is who somebody is, never that they are a doctor. Without a credential that stands they are
no expert, whatever role they have (auth/permissions.py)."""

import msgspec
from sqlalchemy import Update, func, select, update

from auth import endings
from auth.invitations import UNBOUND
from telepath import directory, grants
from telepath.access import Action, Allowed, ObjectRef
from telepath.actor import Actor
from telepath.db.database import Database
from telepath.db.schema.directory import credential, membership, person
from telepath.db.transaction import Reader, Transaction
from telepath.directory import Credential, Person
from telepath.errors import Conflict, Forbidden, Invalid, NotFound
from telepath.identifiers import PSC


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """What a coordinator found in a register."""

    authority: str
    """Who keeps it: "Ordre des médecins, Conseil national" of Belgium."""
    number: str
    country: str
    """ISO 3166-1, two letters."""


async def waiting(reader: Reader, institution_id: str) -> int:
    """How many members have signed in, have no RPPS number, and stand in no register that anybody looked up."""
    standing = select(credential.c.person_id).where(credential.c.withdrawn_at.is_(None))
    number: int = await reader.scalar(
        select(func.count())
        .select_from(membership)
        .join(person, person.c.id == membership.c.person_id)
        .where(
            membership.c.institution_id == institution_id,
            person.c.provider != PSC,
            person.c.subject_name_id.not_like(f"{UNBOUND}%"),
            person.c.disabled_at.is_(None),
            person.c.id.not_in(standing),
        )
    )
    return number


async def verify(db: Database, actor: Actor, person_id: str, checked: Checked) -> str:
    """Record that this member of the actor's institution stands in a register, and return the credential's id.

    It counts from the person's next login on, and takes the place of what this institution recorded before. Raises Refused,
    NotFound; Forbidden: one's own; Invalid: they have an RPPS number, which is credential enough; Conflict: they have not
    signed in yet, and nobody knows who will."""
    async with db.write(actor) as tx:
        who, allowed = await _member(tx, actor, person_id)
        if person_id == actor.person_id:
            raise Forbidden("error-credential-own")
        if who.provider == PSC:
            raise Invalid("error-credential-not-needed", name=who.name)
        if who.subject_name_id.startswith(UNBOUND):
            raise Conflict("error-credential-unbound", name=who.name)
        await tx.execute(_withdrawal(tx, person_id))
        made = Credential(
            id=tx.new_id(),
            person_id=person_id,
            institution_id=actor.institution_id,
            authority=checked.authority,
            number=checked.number,
            country=checked.country,
            verified_by=actor.person_id,
            verified_at=tx.now,
            withdrawn_at=None,
        )
        await tx.insert(credential, **msgspec.structs.asdict(made))
        await tx.audit(
            "credential.verified",
            ObjectRef("person", person_id, actor.institution_id),
            because=allowed,
            private={"authority": made.authority, "number": made.number},
            country=made.country,
        )
    return made.id


async def withdraw(db: Database, actor: Actor, person_id: str) -> None:
    """Take back what the actor's institution recorded of this person. Unless another institution's stands, their sessions end,
    and with them every slide and room that is open: who signs in again is no expert.

    Raises Refused; NotFound: nobody of here, or nothing stands."""
    async with db.write(actor) as tx:
        _, allowed = await _member(tx, actor, person_id)
        taken = await tx.execute(_withdrawal(tx, person_id).returning(*credential.c))
        row = taken.mappings().first()
        if row is None:
            raise NotFound
        one = msgspec.convert(row, Credential)
        await tx.audit(
            "credential.withdrawn",
            ObjectRef("person", person_id, actor.institution_id),
            because=allowed,
            private={"authority": one.authority, "number": one.number},
            country=one.country,
        )
        # Who signs in, or takes back the other one, at this moment holds this row: they are waited for, or wait and find what
        # stands then.
        await tx.scalar(select(person.c.id).where(person.c.id == person_id).with_for_update(key_share=True))
        if await directory.credential(tx, person_id) is None:
            await endings.of_person(tx, person_id, "credential")


def _withdrawal(tx: Transaction, person_id: str) -> Update:
    """Of what the actor's institution recorded of this person, where it stands."""
    return (
        update(credential)
        .where(
            credential.c.person_id == person_id,
            credential.c.institution_id == tx.actor.institution_id,
            credential.c.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=tx.now)
    )


async def _member(tx: Transaction, actor: Actor, person_id: str) -> tuple[Person, Allowed]:
    ref = ObjectRef("person", person_id, actor.institution_id)
    allowed = await grants.require(tx, actor, Action.CREDENTIAL_VERIFY, ref)
    if actor.institution_id not in await directory.memberships(tx, person_id):
        raise NotFound
    return (await directory.people(tx, [person_id]))[person_id], allowed
