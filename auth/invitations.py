"""Who is expected: entered before their first login, sent a letter with a link, and bound by who they prove to be.

    invite ──► open ──► accepted (first login of this SubjectNameID, or of whoever answers the link of who has none)
                │ ▲ └──(30 days)──► expired ──┐
                │ └─────────── resend ────────┘
                └──(withdraw)──► withdrawn

Who has an RPPS number is known by it from the start. Who has none is a person without an identifier of any provider until
the first login that answers the invitation: it binds them once, and for good.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec
from sqlalchemy import Column, ColumnElement, select, update

from auth import administration, institutions
from auth.bearer import digest, new_secret
from auth.model import LoginFailed, VerifiedIdentity
from auth.permissions import expert_or_not
from telepath import directory, grants
from telepath.access import Action, ObjectRef, institution_ref
from telepath.actor import Actor, Role
from telepath.db.database import Database
from telepath.db.schema.directory import credential, invitation, membership, person
from telepath.db.transaction import Reader, Transaction
from telepath.directory import Person
from telepath.errors import Conflict, NotFound
from telepath.identifiers import PSC

LIFE: Final = timedelta(days=30)
"""How long a letter may be answered."""
UNBOUND: Final = "invited/"
"""Begins the SubjectNameID of a person whom no provider has identified yet. No provider's begins so: theirs have a colon."""


class State(StrEnum):
    OPEN = "open"
    EXPIRED = "expired"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    person_id: str
    institution_id: str
    provider: str
    invited_by: str
    invited_at: datetime
    expires_at: datetime
    accepted_at: datetime | None
    withdrawn_at: datetime | None

    @property
    def whose(self) -> ObjectRef:
        """Who is expected, for the record."""
        return ObjectRef("person", self.person_id, self.institution_id)

    def state(self, now: datetime) -> State:
        if self.withdrawn_at is not None:
            return State.WITHDRAWN
        if self.accepted_at is not None:
            return State.ACCEPTED
        return State.OPEN if now < self.expires_at else State.EXPIRED


class Invitee(msgspec.Struct, frozen=True, kw_only=True):
    """Who is invited, as the inviter knows them."""

    subject_name_id: str = ""
    """``8`` and the RPPS number; empty: none, and ``provider`` will say who they are."""
    provider: str = PSC
    title: str = ""
    given_name: str
    family_name: str
    email: str = ""
    language: str = "fr"
    roles: frozenset[Role]
    department_id: str = ""


class Letter(msgspec.Struct, frozen=True):
    """What the invited person is to get. ``token`` is seen here and never again."""

    invitation: Invitation
    person: Person
    roles: frozenset[Role]
    token: str


async def invite(db: Database, actor: Actor, invitee: Invitee) -> Letter:
    """Enter somebody in the actor's institution before their first login.

    Somebody who is known already, elsewhere, stays as they are known. Whom another provider is to prove may be invited as an
    expert: they are none before a coordinator noted their credential. Raises Refused; Conflict: a member here already;
    Invalid: they can be no expert; NotFound: no such department."""
    async with db.write(actor) as tx:
        place = actor.institution_id
        allowed = await grants.require(tx, actor, Action.DIRECTORY_MANAGE, institution_ref(place))
        found = await directory.person_by_subject(tx, invitee.subject_name_id) if invitee.subject_name_id else None
        if found is not None and place in await directory.memberships(tx, found.id):
            raise Conflict("error-invitation-member", name=found.name)
        person_id = found.id if found is not None else await _entered(tx, invitee)
        who = (await directory.people(tx, [person_id]))[person_id]
        if Role.EXPERT in invitee.roles and who.provider == PSC:
            # Said of the name that was typed: the directory's is not this institution's to read.
            typed = msgspec.structs.replace(
                who, title="", given_name=invitee.given_name, family_name=invitee.family_name
            )
            expert_or_not(typed, verified=False)
        if invitee.department_id:
            await institutions.department(tx, place, invitee.department_id)
        await close(tx, person_id, place)
        await administration.set_membership(
            tx, person_id, place, invitee.roles, department_id=invitee.department_id or None
        )
        token = new_secret()
        made = Invitation(
            id=tx.new_id(),
            person_id=person_id,
            institution_id=place,
            provider=invitee.provider,
            invited_by=actor.person_id,
            invited_at=tx.now,
            expires_at=tx.now + LIFE,
            accepted_at=None,
            withdrawn_at=None,
        )
        await tx.insert(invitation, **msgspec.structs.asdict(made), token=digest(token))
        await tx.audit(
            "directory.changed",
            made.whose,
            because=allowed,
            change="invited",
            provider=invitee.provider,
            roles=sorted(role.value for role in invitee.roles),
        )
        return await _letter(tx, made, token)


async def resend(db: Database, actor: Actor, invitation_id: str) -> Letter:
    """A new letter, for thirty days from now; the link of the one before is worth nothing any more.

    Raises Refused, NotFound; Conflict: accepted or withdrawn meanwhile."""
    async with db.write(actor) as tx:
        standing = await _managed(tx, actor, invitation_id)
        token = new_secret()
        renewed = msgspec.structs.replace(standing, expires_at=tx.now + LIFE)
        await tx.execute(
            update(invitation)
            .where(invitation.c.id == invitation_id)
            .values(token=digest(token), expires_at=renewed.expires_at)
        )
        await tx.audit("directory.changed", standing.whose, change="invitation-resent")
        return await _letter(tx, renewed, token)


async def withdraw(db: Database, actor: Actor, invitation_id: str) -> None:
    """Expect this person no more: the membership that waited for them ends.

    Raises Refused, NotFound; Conflict: accepted or withdrawn meanwhile."""
    async with db.write(actor) as tx:
        standing = await _managed(tx, actor, invitation_id)
        await _ended(tx, standing, "invitation-withdrawn")


async def close(tx: Transaction, person_id: str, institution_id: str) -> None:
    """Withdraw what still waits for a person here: an institution that ended their membership expects them no more, and a new
    invitation takes the place of the old."""
    for one in await _waiting(tx, person_id):
        if one.institution_id == institution_id:
            await _withdrawn(tx, one, "invitation-withdrawn")


async def listed(reader: Reader, institution_id: str) -> list[Invitation]:
    """Of an institution, those that nobody has answered or withdrawn, oldest first."""
    return await _unanswered(reader, invitation.c.institution_id == institution_id, invitation.c.invited_at)


async def answering(reader: Reader, token: str) -> Invitation:
    """The invitation of this letter. Raises NotFound: there is none, or it is no longer open."""
    row = await reader.one(select(invitation).where(invitation.c.token == digest(token)))
    found = msgspec.convert(row, Invitation)
    if found.state(reader.now) is not State.OPEN:
        raise NotFound
    return found


async def bind(tx: Transaction, invitation_id: str, proven: VerifiedIdentity) -> None:
    """Settle what this login answers, before it is looked up who it is; ``invitation_id``: of the letter whose link was
    followed, if any.

    A person without an RPPS number is bound here, once. Every open invitation of who this is counts as accepted, whatever
    way they came; one that has expired ends with the membership that waited. What is known of them otherwise auth/opening.py
    writes down.
    Raises LoginFailed: the letter is no longer good, was for somebody else, or another provider was to vouch for them."""
    if invitation_id:
        await _answer(tx, invitation_id, proven)
    known = await directory.person_by_subject(tx, proven.subject_name_id)
    if known is None:
        return
    before, tx.actor = tx.actor, msgspec.structs.replace(tx.actor, person_id=known.id, name=known.name)
    for one in await _waiting(tx, known.id):
        if one.state(tx.now) is State.EXPIRED:
            await _ended(tx, one, "invitation-expired")
        else:
            await _accepted(tx, one, proven)
    tx.actor = before


async def _answer(tx: Transaction, invitation_id: str, proven: VerifiedIdentity) -> None:
    row = await tx.first(select(invitation).where(invitation.c.id == invitation_id).with_for_update())
    found = None if row is None else msgspec.convert(row, Invitation)
    if found is None or found.state(tx.now) not in {State.OPEN, State.ACCEPTED}:
        raise LoginFailed("error-login-invitation", reason="invitation-closed")
    if found.provider != proven.provider:
        raise LoginFailed("error-login-invitation", reason="invitation-provider")
    invited = (await directory.people(tx, [found.person_id]))[found.person_id]
    if invited.subject_name_id == proven.subject_name_id:
        return
    if found.state(tx.now) is State.ACCEPTED or not invited.subject_name_id.startswith(UNBOUND):
        raise LoginFailed("error-login-invitation", reason="invitation-of-another")
    known = await directory.person_by_subject(tx, proven.subject_name_id)
    if known is not None:
        await _joined(tx, found, invited, known)
        return
    await _unchecked(tx, invited, found.institution_id)
    bound = await tx.execute(
        update(person)
        .where(person.c.id == invited.id, person.c.subject_name_id == invited.subject_name_id)
        .values(subject_name_id=proven.subject_name_id, provider=proven.provider)
    )
    if bound.rowcount != 1:
        raise LoginFailed("error-login-invitation", reason="invitation-of-another")
    await tx.audit("directory.changed", found.whose, change="person-bound", provider=proven.provider)


async def _joined(tx: Transaction, one: Invitation, invited: Person, known: Person) -> None:
    """Somebody whom another institution invited before: they are one person, and what waited here is theirs."""
    roles = (await directory.memberships(tx, invited.id)).get(one.institution_id, frozenset())
    here = (membership.c.person_id == invited.id) & (membership.c.institution_id == one.institution_id)
    department_id = await tx.scalar(select(membership.c.department_id).where(here))
    held = (await directory.memberships(tx, known.id)).get(one.institution_id, frozenset())
    await administration.set_membership(tx, invited.id, one.institution_id, ())
    await administration.set_membership(tx, known.id, one.institution_id, roles | held, department_id=department_id)
    await _unchecked(tx, invited, one.institution_id)
    await tx.execute(update(invitation).where(invitation.c.id == one.id).values(person_id=known.id))
    await tx.execute(update(person).where(person.c.id == invited.id).values(disabled_at=tx.now))
    await tx.audit(
        "directory.changed",
        ObjectRef("person", known.id, one.institution_id),
        change="person-joined",
        before=invited.id,
    )


async def _unchecked(tx: Transaction, invited: Person, institution_id: str) -> None:
    """What was checked before anybody was bound was checked of nobody, and is not for whoever holds the letter."""
    taken = await tx.execute(
        update(credential)
        .where(credential.c.person_id == invited.id, credential.c.withdrawn_at.is_(None))
        .values(withdrawn_at=tx.now)
        .returning(credential.c.authority, credential.c.number, credential.c.country)
    )
    for row in taken.mappings().all():
        await tx.audit(
            "credential.withdrawn",
            ObjectRef("person", invited.id, institution_id),
            private={"authority": row["authority"], "number": row["number"]},
            country=row["country"],
        )


async def _accepted(tx: Transaction, one: Invitation, proven: VerifiedIdentity) -> None:
    await tx.execute(update(invitation).where(invitation.c.id == one.id).values(accepted_at=tx.now))
    await tx.audit("directory.changed", one.whose, change="invitation-accepted", provider=proven.provider)
    await _tell(tx, one)


async def _tell(tx: Transaction, one: Invitation) -> None:
    """Who invited, if they still administer the institution; and its coordinators, if somebody from abroad now waits for their
    credential to be looked up."""
    place, who = one.institution_id, one.person_id
    if one.invited_by != who and one.invited_by in await directory.holding(tx, place, {Role.ADMINISTRATOR}):
        await tx.emit("invitation.accepted", person=one.invited_by, by=who, member=who)
    if one.provider != PSC and await directory.credential(tx, who) is None:
        for coordinator in await directory.holding(tx, place, {Role.COORDINATOR}):
            if coordinator != who:
                await tx.emit("credential.awaited", person=coordinator, by=who)


async def _ended(tx: Transaction, one: Invitation, change: str) -> None:
    """With the membership that waited, unless it waits for the answer to a newer letter of the same institution."""
    newer = any(
        other.id != one.id and other.institution_id == one.institution_id and other.state(tx.now) is State.OPEN
        for other in await _waiting(tx, one.person_id)
    )
    if not newer and one.institution_id in await directory.memberships(tx, one.person_id):
        await administration.set_membership(tx, one.person_id, one.institution_id, ())
    await _withdrawn(tx, one, change)


async def _withdrawn(tx: Transaction, one: Invitation, change: str) -> None:
    await tx.execute(update(invitation).where(invitation.c.id == one.id).values(withdrawn_at=tx.now))
    await tx.audit("directory.changed", one.whose, change=change)


async def _entered(tx: Transaction, invitee: Invitee) -> str:
    """A person of whom nothing is proven yet. What they are is for the provider to say: no profession until then."""
    return await administration.add_person(
        tx,
        subject_name_id=invitee.subject_name_id or f"{UNBOUND}{tx.new_id()}",
        given_name=invitee.given_name,
        family_name=invitee.family_name,
        title=invitee.title,
        profession="",
        know_how="",
        email=invitee.email,
        language=invitee.language,
        provider=invitee.provider,
    )


async def _managed(tx: Transaction, actor: Actor, invitation_id: str) -> Invitation:
    """An open or expired invitation of the actor's institution, and nobody else's until the transaction ends."""
    row = await tx.one(
        select(invitation)
        .where(invitation.c.id == invitation_id, invitation.c.institution_id == actor.institution_id)
        .with_for_update()
    )
    place = institution_ref(actor.institution_id)
    await grants.require(tx, actor, Action.DIRECTORY_MANAGE, place)
    found = msgspec.convert(row, Invitation)
    if found.accepted_at is not None or found.withdrawn_at is not None:
        raise Conflict("error-invitation-closed")
    return found


async def _waiting(reader: Reader, person_id: str) -> list[Invitation]:
    """Those of a person that nobody has answered or withdrawn, what expired first."""
    return await _unanswered(reader, invitation.c.person_id == person_id, invitation.c.expires_at)


async def _unanswered(reader: Reader, which: ColumnElement[bool], order: Column[datetime]) -> list[Invitation]:
    open_or_expired = invitation.c.accepted_at.is_(None) & invitation.c.withdrawn_at.is_(None)
    rows = await reader.all(select(invitation).where(which, open_or_expired).order_by(order, invitation.c.id))
    return [msgspec.convert(row, Invitation) for row in rows]


async def _letter(reader: Reader, one: Invitation, token: str) -> Letter:
    to = (await directory.people(reader, [one.person_id]))[one.person_id]
    roles = (await directory.memberships(reader, one.person_id)).get(one.institution_id, frozenset())
    return Letter(one, to, roles, token)
