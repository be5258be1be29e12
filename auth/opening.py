"""Opens sessions for people whose identity is proven, whichever door they came by, and lets sessions go on under a new id."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import select, update

from auth import activities, invitations, names, refresh_tokens, repository, sessions
from auth.activities import Option, Proven
from auth.bearer import digest, new_secret
from auth.model import LoginFailed, Session, VerifiedIdentity, refused
from auth.refresh_tokens import Held
from telepath import directory
from telepath.access import ObjectRef
from telepath.actor import Actor, Origin
from telepath.db.database import Database
from telepath.db.schema.auth import emergency
from telepath.db.schema.directory import person as people
from telepath.db.transaction import Transaction
from telepath.directory import Person

LONGEST_PROVIDER_SESSION = 64
"""Characters of a ``sid``, as the session keeps it."""


class SignedIn(msgspec.Struct, frozen=True):
    """``cookie`` is the new session's secret, seen here and never again. ``must_choose``: no activity yet."""

    cookie: str
    return_to: str
    must_choose: bool


async def sign_in(
    db: Database,
    proven: VerifiedIdentity,
    return_to: str,
    cookie: str,
    limits: sessions.Limits,
    origin: Origin,
    *,
    emergency_id: str = "",
    invitation_id: str = "",
) -> SignedIn:
    """Open a session for somebody whose identity is proven. ``cookie``: that of the session which this browser may still
    have; it ends here. ``emergency_id``: the emergency access that stands for the provider while it is away;
    ``invitation_id``: the invitation that is being answered.

    Raises LoginFailed: nobody here, a member of nothing, disabled, or authenticated too long ago; a session of somebody else
    in this browser ends all the same. The caller records the refusal."""
    try:
        return await _sign_in(db, proven, return_to, cookie, limits, origin, emergency_id, invitation_id)
    except LoginFailed as failure:
        failure.ended = await _end_swapped(db, proven, cookie, origin)
        raise


async def _sign_in(
    db: Database,
    proven: VerifiedIdentity,
    return_to: str,
    cookie: str,
    limits: sessions.Limits,
    origin: Origin,
    emergency_id: str,
    invitation_id: str,
) -> SignedIn:
    secret = new_secret()
    async with db.write(proven_actor(proven, origin)) as tx:
        expires_at, only_place = sessions.expiry(proven.auth_time, limits), ""
        if emergency_id:
            until, only_place = await _emergency(tx, emergency_id)
            expires_at = min(expires_at, until)
        else:
            await invitations.bind(tx, invitation_id, proven)
        if expires_at <= tx.now:
            raise LoginFailed("error-login-stale")
        person = await _bound(tx, proven, emergency=bool(emergency_id))
        found = await _options(tx, person, proven, only_place, emergency=bool(emergency_id))
        if not emergency_id:
            await _refresh(tx, person, proven)
        swapped = await end_previous(tx, cookie, proven)
        chosen = found[0] if len(found) == 1 else None
        session = _session(tx, secret, person, chosen, proven, expires_at, emergency_id)
        await repository.keep_session(tx, await _renewable(tx, session, proven))
        tx.actor = await owner(tx, session.id, origin)
        told: dict[str, Any] = {} if chosen is None else activities.codes(chosen)
        if emergency_id:
            told = told | {"emergency": emergency_id}
        await tx.audit("session.started", session.ref, auth_mode=proven.auth_mode, **told)
    # The page that somebody else was on is not for the next person to land on.
    return SignedIn(secret, "/" if swapped else return_to, chosen is None)


async def step_up(
    db: Database, proven: VerifiedIdentity, return_to: str, cookie: str, limits: sessions.Limits, origin: Origin
) -> SignedIn:
    """Let the session of this ``cookie`` go on under a new id, its owner having proven anew who they are.

    Raises LoginFailed: the session does not live, or no provider stands behind it; or somebody else answered, and it ended.
    The caller records it."""
    secret = new_secret()
    async with db.write(proven_actor(proven, origin)) as tx:
        found = await repository.owner(tx, digest(cookie))
        if found is None or sessions.state(found[0], tx.now, limits) is not sessions.State.LIVING:
            raise LoginFailed("error-login-expired")
        old, actor = found
        if old.emergency_id or old.link_id:
            raise refused("session-without-provider")
        tx.actor = acting(actor, origin)
        # A card swapped in the reader: practitioner B's proof must never be attached to A's session.
        proof, held = (
            (proven.provider, proven.subject_name_id, proven.subject),
            (old.provider, actor.subject_name_id, old.subject),
        )
        if proof == held:
            new = msgspec.structs.replace(
                old,
                id=digest(secret),
                acr=proven.acr,
                auth_mode=proven.auth_mode,
                auth_time=proven.auth_time,
                id_token=proven.id_token,
                provider_session=_sid(proven),
                seen_at=tx.now,
                expires_at=sessions.expiry(proven.auth_time, limits),
            )
            await replace(tx, old, new, origin, proven)
            await tx.audit("session.stepped-up", old.ref, auth_mode=proven.auth_mode)
            return SignedIn(secret, return_to, new.institution_id is None)
        await repository.end(tx, old.id)
        await tx.audit("session.ended", old.ref, outcome="refused", reason="other-person")
    failure = LoginFailed("error-login-other-person")
    failure.ended = True
    raise failure


async def replace(
    tx: Transaction, old: Session, new: Session, origin: Origin, proven: VerifiedIdentity | None = None
) -> None:
    """Let ``new`` stand in the place of ``old``, and renew itself as that did, or with what was just proven.

    Raises LoginFailed: the old session ended meanwhile."""
    held = await refresh_tokens.opened(tx, tx.keys, old)
    if not await repository.end(tx, old.id):
        raise LoginFailed("error-login-expired")
    if proven is not None and proven.refresh_token:
        new = await _renewable(tx, new, proven)
    else:
        kept = await refresh_tokens.closed(tx, new.person_id, new.id, held, old.refresh_until)
        new = msgspec.structs.replace(new, refresh=kept["refresh"])
    await repository.keep_session(tx, new)
    tx.actor = await owner(tx, new.id, origin)


async def _bound(tx: Transaction, proven: VerifiedIdentity, *, emergency: bool) -> Person:
    """Who this is here, whose row this login holds: who is suspended, or loses their credential, at this moment is so before
    it, or loses the session that it opens. Raises LoginFailed: nobody, or nobody any more."""
    row = select(people.c.id).where(people.c.subject_name_id == proven.subject_name_id)
    await tx.scalar(row.with_for_update(key_share=True))
    person = await directory.person_by_subject(tx, proven.subject_name_id)
    if person is None or person.kind != "professional":
        raise LoginFailed("error-login-no-account")
    # What another provider says under somebody's national identifier is worth nothing.
    if not emergency and person.provider != proven.provider:
        raise LoginFailed("error-login-no-account", reason="other-provider")
    if person.disabled_at is not None:
        raise LoginFailed("error-login-disabled")
    return person


async def _options(
    tx: Transaction, person: Person, proven: VerifiedIdentity, only_place: str, *, emergency: bool
) -> list[Option]:
    """Raises LoginFailed: a member of nothing, or of nothing that is still there."""
    who = Proven(person=person, provider=proven.provider, practices=proven.practices, emergency=emergency)
    found = await activities.options(tx, who, only_place)
    if not found:
        member = await directory.memberships(tx, person.id)
        standing = only_place in member if only_place else bool(member)
        raise LoginFailed("error-login-disabled" if standing else "error-login-no-institution")
    return found


async def _emergency(tx: Transaction, emergency_id: str) -> tuple[datetime, str]:
    """Until when an emergency access lasts, and for which institution. Raises LoginFailed: it is over."""
    # Whoever ends it at this instant waits, and then finds the session.
    row = await tx.first(select(emergency).where(emergency.c.id == emergency_id).with_for_update())
    if row is None or row["ended_at"] is not None or row["until"] <= tx.now:
        raise refused("emergency-over")
    return row["until"], row["institution_id"]


async def _refresh(tx: Transaction, person: Person, proven: VerifiedIdentity) -> None:
    """Write down what the provider says of the person now: name, profession, know-how; and that they came."""
    profession, know_how = activities.of_directory(person, proven.practices)
    told = {
        "title": names.title(person.title, next((one.title for one in proven.practices if one.title), "")),
        "given_name": names.as_proven(person.given_name, proven.given_name),
        "family_name": names.as_proven(person.family_name, proven.family_name),
        "profession": profession,
        "know_how": know_how,
    }
    before = {name: getattr(person, name) for name in told}
    values = {name: value for name, value in told.items() if value != before[name] and _fits(name, value)}
    first: dict[str, Any] = {} if person.first_seen_at else {"first_seen_at": tx.now}
    if values or first:
        await tx.execute(update(people).where(people.c.id == person.id).values(values | first))
    if values:
        tx.actor = msgspec.structs.replace(tx.actor, person_id=person.id, name=person.name)
        await tx.audit(
            "directory.changed",
            ObjectRef("person", person.id, ""),
            change="person-refreshed",
            changed=sorted(values),
            private={"before": _written(before, values), "after": _written(values, values)},
        )


def _fits(name: str, value: str) -> bool:
    """Codes of no register are not kept; names were shortened where they were read."""
    length: int = people.c[name].type.length  # type: ignore[attr-defined]
    return len(value) <= length


def _written(values: Mapping[str, str], which: Mapping[str, str]) -> str:
    return ", ".join(values[name] or "—" for name in sorted(which))


async def end_previous(tx: Transaction, cookie: str, proven: VerifiedIdentity | None = None) -> bool:
    """A browser has one session: the one before ends here. Return whether it was somebody else's than who is ``proven`` now."""
    found = await repository.owner(tx, digest(cookie)) if cookie else None
    if found is None:
        return False
    swapped = proven is not None and _is_another(*found, proven)
    if await repository.end(tx, found[0].id):
        await tx.audit("session.ended", found[0].ref, reason="other-person" if swapped else "replaced")
    return swapped


async def _end_swapped(db: Database, proven: VerifiedIdentity, cookie: str, origin: Origin) -> bool:
    """The card in the reader is not that of the session which this browser has: it ends, though its owner is not let in.
    Return whether it did."""
    if not cookie:
        return False
    async with db.write(nobody(origin), unaudited="there may be nothing to end") as tx:
        found = await repository.owner(tx, digest(cookie))
        if found is None or not _is_another(*found, proven):
            return False
        if await repository.end(tx, found[0].id):
            tx.actor = acting(found[1], origin)
            await tx.audit("session.ended", found[0].ref, outcome="refused", reason="other-person")
        return True


def _is_another(session: Session, actor: Actor, proven: VerifiedIdentity) -> bool:
    """Whether somebody else is proven than whose session it is: another SubjectNameID, or another ``sub`` of one provider."""
    same_door = session.provider == proven.provider and not session.emergency_id
    return actor.subject_name_id != proven.subject_name_id or (same_door and session.subject != proven.subject)


def _session(
    tx: Transaction,
    secret: str,
    person: Person,
    chosen: Option | None,
    proven: VerifiedIdentity,
    expires_at: datetime,
    emergency_id: str,
) -> Session:
    return Session(
        id=digest(secret),
        person_id=person.id,
        institution_id=None if chosen is None else chosen.institution.id,
        subject=proven.subject,
        acr=proven.acr,
        auth_time=proven.auth_time,
        id_token=proven.id_token,
        provider_session=_sid(proven),
        finess=tuple(sorted(proven.finess)),
        created_at=tx.now,
        seen_at=tx.now,
        expires_at=expires_at,
        ended_at=None,
        provider=proven.provider,
        auth_mode=proven.auth_mode,
        practices=proven.practices,
        activity=None if chosen is None else chosen.chosen,
        qualified=chosen is not None and chosen.qualified,
        emergency_id=emergency_id,
    )


async def _renewable(tx: Transaction, session: Session, proven: VerifiedIdentity) -> Session:
    held = Held(proven.refresh_token, proven.authentication)
    return msgspec.structs.replace(
        session, **await refresh_tokens.closed(tx, session.person_id, session.id, held, proven.refresh_until)
    )


def _sid(proven: VerifiedIdentity) -> str:
    """Raises LoginFailed: longer than can be kept, and a logout would not find it."""
    if len(proven.provider_session) > LONGEST_PROVIDER_SESSION:
        raise refused("sid-too-long")
    return proven.provider_session


async def owner(tx: Transaction, session_id: str, origin: Origin) -> Actor:
    """Whose session it is, which was written in this very transaction."""
    found = await repository.owner(tx, session_id)
    if found is None:
        raise LookupError(session_id)
    return acting(found[1], origin)


def acting(actor: Actor, origin: Origin) -> Actor:
    return msgspec.structs.replace(actor, address=origin.address, device=origin.device)


def nobody(origin: Origin) -> Actor:
    return Actor(person_id="", name="", institution_id="", address=origin.address, device=origin.device)


def proven_actor(proven: VerifiedIdentity, origin: Origin) -> Actor:
    """Somebody whom the provider vouches for, and who may be nobody here."""
    return msgspec.structs.replace(
        nobody(origin), subject_name_id=proven.subject_name_id, acr=proven.acr, auth_time=proven.auth_time
    )
