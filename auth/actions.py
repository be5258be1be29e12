"""Logging in, proving again, choosing where one works, logging out: each one transaction with its audit.

    begin_login ──► the identity provider ──► finish_login ──► signed in ──► log_out
                                                   └─(several activities)─► choose ─► signed in
    begin_login(STEP_UP) ──► the provider ──► finish_login ──► signed in, under a new session id

A session's id changes at every one of these steps: what was known before it is worth nothing after it.
"""

import hmac
import logging
from collections.abc import Mapping
from datetime import timedelta

import msgspec
from sqlalchemy import select

from auth import activities, repository, sessions
from auth.activities import Option, Proven
from auth.bearer import digest, new_secret
from auth.identity import IdentityProvider, Providers
from auth.model import LoginFailed, Purpose, Session, refused
from auth.opening import SignedIn, acting, nobody, proven_actor, replace, sign_in, step_up
from auth.repository import LoginUnderWay
from telepath import directory
from telepath.access import institution_ref
from telepath.actor import Actor, Origin
from telepath.db.database import Database
from telepath.db.schema.auth import emergency
from telepath.db.transaction import Reader

__all__ = [
    "Begun",
    "Providers",
    "SignedIn",
    "begin_login",
    "choices",
    "choose",
    "finish_login",
    "log_out",
    "provider_of",
    "recognise",
    "sign_in",
    "step_up",
    "tab_of",
]

FORGET_LOGINS_AFTER = timedelta(hours=1)
"""Until then an expired login is told from one that never was."""

log = logging.getLogger("telepath.auth")


class Begun(msgspec.Struct, frozen=True):
    """Send the browser to ``url``, and leave ``browser`` in a cookie named after ``tab``."""

    url: str
    tab: str
    browser: str


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
    browser = new_secret()
    async with db.write(nobody(Origin()), unaudited="a login under way is nobody's act yet") as tx:
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
    who = nobody(origin)
    async with db.write(who, unaudited="a login under way is nobody's act yet") as tx:
        under_way = await repository.consume_login(tx, answer.get("state", ""))
        now = tx.now
        stepping_up = under_way is not None and under_way.purpose is Purpose.STEP_UP
        asking = await repository.owner(tx, digest(cookie)) if stepping_up else None
    if asking is not None:
        who = acting(asking[1], origin)
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
        proven = await provider.finish(
            answer,
            nonce=under_way.nonce,
            verifier=under_way.verifier,
            authenticated_since=under_way.created_at if stepping_up else None,
        )
        if stepping_up:
            return await step_up(db, proven, under_way.return_to, cookie, limits, origin)
        who = proven_actor(proven, origin)
        return await sign_in(
            db, proven, under_way.return_to, cookie, limits, origin, invitation_id=under_way.invitation_id
        )
    except LoginFailed as failure:
        log.warning("a login failed: %s", failure.reason)
        failure.return_to = under_way.return_to if under_way else "/"
        # Whoever invents states must not be able to fill the audit; turning back at the provider is no event either.
        if failure.code not in {"error-login-unknown", "error-login-cancelled"}:
            if stepping_up:
                await db.refusals.record(who, "session.step-up-refused", reason=failure.reason)
            else:
                await db.refusals.record(who, "session.refused", reason=failure.reason)
        raise


async def choices(db: Database, cookie: str, limits: sessions.Limits) -> list[Option]:
    """The activities that this session's person may act in; those that the provider vouches for come first.

    Raises LoginFailed: the session does not live."""
    async with db.read() as reader:
        session = await repository.session_by_id(reader, digest(cookie))
        if session is None or sessions.state(session, reader.now, limits) is not sessions.State.LIVING:
            raise LoginFailed("error-login-expired")
        return await _options(reader, session)


async def choose(db: Database, cookie: str, key: str, *, limits: sessions.Limits, origin: Origin) -> str:
    """Act in the activity of this key (``Option.key``) from now on; return the new session's cookie.

    Raises LoginFailed: the session does not live, or the activity is not one of the person's."""
    secret = new_secret()
    async with db.write(nobody(origin)) as tx:
        found = await repository.owner(tx, digest(cookie))
        if found is None or sessions.state(found[0], tx.now, limits) is not sessions.State.LIVING:
            raise LoginFailed("error-login-expired")
        old, _ = found
        option = next((one for one in await _options(tx, old) if one.key == key), None)
        if option is None:
            raise LoginFailed("error-login-not-a-choice")
        place = option.institution.id
        new = msgspec.structs.replace(
            old,
            id=digest(secret),
            institution_id=place,
            activity=option.chosen,
            qualified=option.qualified,
            seen_at=tx.now,
        )
        await replace(tx, old, new, origin)
        await tx.audit("session.activity-chosen", institution_ref(place), **activities.codes(option))
    return secret


async def _options(reader: Reader, session: Session) -> list[Option]:
    """None for a guest; for who came in an emergency one institution, and none once it is over."""
    person = (await directory.people(reader, [session.person_id])).get(session.person_id)
    if person is None or person.disabled_at is not None or session.link_id:
        return []
    came_by_code = bool(session.emergency_id)
    if came_by_code:
        same = (emergency.c.id == session.emergency_id) & emergency.c.ended_at.is_(None)
        if await reader.scalar(select(emergency.c.id).where(same, emergency.c.until > reader.now)) is None:
            return []
    who = Proven(person=person, provider=session.provider, practices=session.practices, emergency=came_by_code)
    return await activities.options(reader, who, (session.institution_id or "") if came_by_code else "")


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
    actor = acting(person, origin)
    state = sessions.state(session, now, limits)
    if state in {sessions.State.EXPIRED, sessions.State.IDLE}:
        async with db.write(actor, unaudited="another request may have ended it first") as tx:
            if await repository.end(tx, session.id):
                await tx.audit("session.ended", session.ref, reason=state.value)
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
    provider behind it. One that had ended by itself leaves the provider all the same, once and before its limit.

    Raises Unavailable: the provider does not answer, and the session has ended all the same; or the database, and it has
    not."""
    async with db.write(nobody(origin), unaudited="there may be nothing to end") as tx:
        found = await repository.owner(tx, digest(cookie))
        if found is None:
            return None
        session = found[0]
        if await repository.end(tx, session.id):
            tx.actor = acting(found[1], origin)
            await tx.audit("session.ended", session.ref, reason="logout")
        over = session.expires_at <= tx.now
    provider = providers(session.provider)
    if provider is None or not session.id_token or over:
        return None
    leave = await provider.leave(session.id_token)
    # What a cookie was good for once must not give an ID token away later.
    async with db.write(nobody(origin), unaudited="the session has ended, and that is on record") as tx:
        await repository.forget_id_token(tx, session.id)
    return leave
