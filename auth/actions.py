"""Logging in, proving again, choosing where one works, logging out: each one transaction with its audit.

    begin_login ──► the identity provider ──► finish_login ──► signed in ──► log_out
                                                   └─(several institutions)─► choose_institution ─► signed in
    begin_login(STEP_UP) ──► the provider ──► finish_login ──► signed in, under a new session id

A session's id changes at every one of these steps: what was known before it is worth nothing after it.
"""

import hmac
import logging
import secrets
from collections.abc import Callable, Mapping
from datetime import timedelta

import msgspec

from auth import repository, sessions
from auth.identity import IdentityProvider
from auth.model import LoginFailed, Purpose, Session, VerifiedIdentity, refused
from auth.repository import LoginUnderWay, digest
from telepath import directory
from telepath.access import ObjectRef
from telepath.actor import Actor, Origin
from telepath.db.database import Database
from telepath.db.transaction import Transaction
from telepath.directory import Institution, Person

FORGET_LOGINS_AFTER = timedelta(hours=1)
"""Until then an expired login is told from one that never was."""

Providers = Callable[[str], IdentityProvider | None]
"""From the key of an identity provider to it; None: the settings know no such provider, or no longer."""

log = logging.getLogger("telepath.auth")


class Begun(msgspec.Struct, frozen=True):
    """Send the browser to ``url``, and leave ``browser`` in a cookie named after ``tab``."""

    url: str
    tab: str
    browser: str


class SignedIn(msgspec.Struct, frozen=True):
    """``cookie`` is the new session's secret, seen here and never again. ``must_choose``: no institution yet."""

    cookie: str
    return_to: str
    must_choose: bool


class Choice(msgspec.Struct, frozen=True):
    """An institution that the person may act for."""

    institution: Institution
    declared: bool
    """The provider vouches for this place of work."""


async def begin_login(
    db: Database,
    provider: IdentityProvider,
    *,
    return_to: str,
    purpose: Purpose = Purpose.LOGIN,
    fresh: bool = False,
    invitation_id: str = "",
) -> Begun:
    """Note a login under way. ``fresh``: authenticate anew whatever the provider remembers; a step-up always does.
    ``invitation_id``: the invitation that is being answered.

    Raises Unavailable: the provider does not answer."""
    started = await provider.start(fresh=fresh or purpose is Purpose.STEP_UP)
    browser = secrets.token_urlsafe(32)
    async with db.write(_nobody(Origin()), unaudited="a login under way is nobody's act yet") as tx:
        await repository.forget_logins(tx, tx.now - FORGET_LOGINS_AFTER)
        under_way = LoginUnderWay(
            nonce=started.nonce,
            verifier=started.verifier,
            browser=digest(browser),
            return_to=return_to,
            purpose=purpose,
            created_at=tx.now,
            provider=provider.key,
            invitation_id=invitation_id,
        )
        await repository.keep_login(tx, started.state, under_way)
    return Begun(started.url, tab_of(started.state), browser)


def tab_of(state: str) -> str:
    """Names the cookie of one login, so that two tabs that log in at once do not overwrite each other's."""
    return digest(state)[:12]


async def finish_login(
    db: Database,
    providers: Providers,
    answer: Mapping[str, str],
    *,
    browser: str,
    cookie: str,
    limits: sessions.Limits,
    origin: Origin,
) -> SignedIn:
    """Turn the answer of the provider that was asked into a session. ``browser``: the cookie that ``begin_login`` left;
    ``cookie``: that of the session which this browser may still have; it ends here.

    Raises LoginFailed: no session was given; Unavailable: the provider does not answer."""
    nobody = _nobody(origin)
    async with db.write(nobody, unaudited="a login under way is nobody's act yet") as tx:
        under_way = await repository.consume_login(tx, answer.get("state", ""))
        now = tx.now
    who = nobody
    try:
        if under_way is None:
            raise LoginFailed("error-login-unknown")
        if not hmac.compare_digest(digest(browser), under_way.browser):
            raise LoginFailed("error-login-other-browser")
        if now - under_way.created_at > sessions.LOGIN_LIFE:
            raise LoginFailed("error-login-expired")
        provider = providers(under_way.provider)
        if provider is None:
            raise refused("provider-unknown")
        renewing = under_way.purpose is Purpose.STEP_UP
        proven = await provider.finish(
            answer,
            nonce=under_way.nonce,
            verifier=under_way.verifier,
            authenticated_since=under_way.created_at if renewing else None,
        )
        who = _proven(proven, origin)
        if renewing:
            return await step_up(db, proven, under_way.return_to, cookie, limits, origin)
        return await sign_in(
            db, proven, under_way.return_to, cookie, limits, origin, invitation_id=under_way.invitation_id
        )
    except LoginFailed as failure:
        log.warning("a login failed: %s", failure.reason)
        failure.return_to = under_way.return_to if under_way else "/"
        # Whoever invents states must not be able to fill the audit; turning back at the provider is no event either.
        if failure.code not in {"error-login-unknown", "error-login-cancelled"}:
            await db.refusals.record(who, "session.refused", reason=failure.reason)
        raise


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

    Raises LoginFailed: nobody here, a member of nothing, or authenticated too long ago. The caller records the refusal."""
    secret = secrets.token_urlsafe(32)
    async with db.write(_proven(proven, origin)) as tx:
        if sessions.expiry(proven.auth_time, limits) <= tx.now:
            raise LoginFailed("error-login-stale")
        person = await directory.person_by_subject(tx, proven.subject_name_id)
        if person is None:
            raise LoginFailed("error-login-no-account")
        places = list(await directory.memberships(tx, person.id))
        if not places:
            raise LoginFailed("error-login-no-institution")
        swapped = await _end_previous(tx, cookie, person, proven)
        chosen = places[0] if len(places) == 1 else None
        session = _session(tx, secret, person, chosen, proven, limits, emergency_id)
        await repository.keep_session(tx, session)
        tx.actor = await _owner(tx, session.id, origin)
        await tx.audit("session.started", _ref(session), auth_mode=proven.auth_mode)
    # The page that somebody else was on is not for the next person to land on.
    return SignedIn(secret, "/" if swapped else return_to, chosen is None)


async def step_up(
    db: Database, proven: VerifiedIdentity, return_to: str, cookie: str, limits: sessions.Limits, origin: Origin
) -> SignedIn:
    """Let the session of this ``cookie`` go on under a new id, its owner having proven anew who they are.

    Raises LoginFailed: the session does not live; or somebody else answered, and it ended. The caller records it."""
    secret = secrets.token_urlsafe(32)
    async with db.write(_proven(proven, origin)) as tx:
        found = await repository.owner(tx, digest(cookie))
        if found is None or sessions.state(found[0], tx.now, limits) is not sessions.State.LIVING:
            raise LoginFailed("error-login-expired")
        old, actor = found
        tx.actor = _from(actor, origin)
        # A card swapped in the reader: practitioner B's proof must never be attached to A's session.
        if (proven.subject_name_id, proven.subject) == (actor.subject_name_id, old.subject):
            new = msgspec.structs.replace(
                old,
                id=digest(secret),
                acr=proven.acr,
                auth_time=proven.auth_time,
                id_token=proven.id_token,
                provider_session=proven.provider_session,
                seen_at=tx.now,
                expires_at=sessions.expiry(proven.auth_time, limits),
            )
            await _replace(tx, old, new, origin)
            await tx.audit("session.stepped-up", _ref(old), auth_mode=proven.auth_mode)
            return SignedIn(secret, return_to, new.institution_id is None)
        await repository.end(tx, old.id)
        await tx.audit("session.ended", _ref(old), outcome="refused", reason="other-person")
    raise LoginFailed("error-login-other-person")


async def choices(db: Database, cookie: str, limits: sessions.Limits) -> list[Choice]:
    """The institutions that this session's person may act for; those that the provider vouches for come first.

    Raises LoginFailed: the session does not live."""
    async with db.read() as reader:
        session = await repository.session_by_id(reader, digest(cookie))
        if session is None or sessions.state(session, reader.now, limits) is not sessions.State.LIVING:
            raise LoginFailed("error-login-expired")
        held = await directory.memberships(reader, session.person_id)
        places = await directory.institutions(reader, held)
    found = [Choice(place, place.finess in session.finess) for place in places.values()]
    return sorted(found, key=lambda choice: (not choice.declared, choice.institution.name))


async def choose_institution(
    db: Database, cookie: str, institution_id: str, *, limits: sessions.Limits, origin: Origin
) -> str:
    """Act for this institution from now on; return the new session's cookie.

    Raises LoginFailed: the session does not live, or the person is not a member there."""
    secret = secrets.token_urlsafe(32)
    async with db.write(_nobody(origin)) as tx:
        found = await repository.owner(tx, digest(cookie))
        if found is None or sessions.state(found[0], tx.now, limits) is not sessions.State.LIVING:
            raise LoginFailed("error-login-expired")
        old, _ = found
        if institution_id not in await directory.memberships(tx, old.person_id):
            raise LoginFailed("error-login-not-a-choice")
        new = msgspec.structs.replace(old, id=digest(secret), institution_id=institution_id, seen_at=tx.now)
        await _replace(tx, old, new, origin)
        await tx.audit("session.activity-chosen", ObjectRef("institution", institution_id, institution_id))
    return secret


async def recognise(
    db: Database, cookie: str, limits: sessions.Limits, origin: Origin, idle: timedelta | None = timedelta()
) -> Actor | None:
    """Whose session this cookie is, or None: nobody's, ended, expired, idle, or without an institution.

    Notes when the person was last there, ``idle`` ago (None: the request does not come from a person), and records the end of
    a session that it finds dead."""
    async with db.read() as reader:
        found = await repository.owner(reader, digest(cookie))
        now = reader.now
    if found is None:
        return None
    session, person = found
    actor = _from(person, origin)
    state = sessions.state(session, now, limits)
    if state in {sessions.State.EXPIRED, sessions.State.IDLE}:
        async with db.write(actor, unaudited="another request may have ended it first") as tx:
            if await repository.end(tx, session.id):
                await tx.audit("session.ended", _ref(session), reason=state.value)
    if state is not sessions.State.LIVING:
        return None
    seen = sessions.seen(session, now, idle, limits)
    if seen is not None:
        async with db.write(actor, unaudited="only says when the person was last there") as tx:
            await repository.touch(tx, session.id, seen)
    return actor if actor.link_id or (actor.institution_id and actor.roles) else None


async def provider_of(db: Database, cookie: str) -> str:
    """The key of the identity provider that proved whose session this is. Raises LoginFailed: there is no such session."""
    async with db.read() as reader:
        session = await repository.session_by_id(reader, digest(cookie))
    if session is None or session.ended_at is not None:
        raise LoginFailed("error-login-expired")
    return session.provider


async def log_out(db: Database, providers: Providers, cookie: str, origin: Origin) -> str | None:
    """End the session, and return where to send the browser to leave the provider too; None: there was no session, or no
    provider behind it.

    Raises Unavailable: the provider does not answer; the session has ended all the same."""
    async with db.write(_nobody(origin), unaudited="there may be nothing to end") as tx:
        found = await repository.owner(tx, digest(cookie))
        if found is None or not await repository.end(tx, found[0].id):
            return None
        tx.actor = _from(found[1], origin)
        await tx.audit("session.ended", _ref(found[0]), reason="logout")
    provider = providers(found[0].provider)
    return await provider.leave(found[0].id_token) if provider is not None and found[0].id_token else None


async def _end_previous(tx: Transaction, cookie: str, person: Person, proven: VerifiedIdentity) -> bool:
    """A browser has one session: the one before ends here. Return whether it was somebody else's."""
    previous = await repository.session_by_id(tx, digest(cookie)) if cookie else None
    if previous is None:
        return False
    swapped = (previous.person_id, previous.subject) != (person.id, proven.subject)
    if await repository.end(tx, previous.id):
        await tx.audit("session.ended", _ref(previous), reason="other-person" if swapped else "replaced")
    return swapped


def _session(
    tx: Transaction,
    secret: str,
    person: Person,
    institution_id: str | None,
    proven: VerifiedIdentity,
    limits: sessions.Limits,
    emergency_id: str,
) -> Session:
    return Session(
        id=digest(secret),
        person_id=person.id,
        institution_id=institution_id,
        subject=proven.subject,
        acr=proven.acr,
        auth_time=proven.auth_time,
        id_token=proven.id_token,
        provider_session=proven.provider_session,
        finess=tuple(sorted(proven.finess)),
        created_at=tx.now,
        seen_at=tx.now,
        expires_at=sessions.expiry(proven.auth_time, limits),
        ended_at=None,
        provider=proven.provider,
        auth_mode=proven.auth_mode,
        practices=proven.practices,
        emergency_id=emergency_id,
    )


async def _replace(tx: Transaction, old: Session, new: Session, origin: Origin) -> None:
    """Raises LoginFailed: the old session ended meanwhile."""
    if not await repository.end(tx, old.id):
        raise LoginFailed("error-login-expired")
    await repository.keep_session(tx, new)
    tx.actor = await _owner(tx, new.id, origin)


async def _owner(tx: Transaction, session_id: str, origin: Origin) -> Actor:
    found = await repository.owner(tx, session_id)
    if found is None:
        raise LookupError(session_id)  # cannot be: it was written in this very transaction
    return _from(found[1], origin)


def _from(actor: Actor, origin: Origin) -> Actor:
    return msgspec.structs.replace(actor, address=origin.address, device=origin.device)


def _nobody(origin: Origin) -> Actor:
    return Actor(person_id="", name="", institution_id="", address=origin.address, device=origin.device)


def _proven(proven: VerifiedIdentity, origin: Origin) -> Actor:
    """Somebody whom the provider vouches for, and who may be nobody here."""
    return msgspec.structs.replace(
        _nobody(origin), subject_name_id=proven.subject_name_id, acr=proven.acr, auth_time=proven.auth_time
    )


def _ref(session: Session) -> ObjectRef:
    return ObjectRef("person", session.person_id, session.institution_id or "")
