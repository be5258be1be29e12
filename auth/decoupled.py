"""Signing in by the telephone: OpenID Client-Initiated Backchannel Authentication (CIBA) 1.0, poll mode.

    ask ──► the provider calls the telephone ──► look, look, look… ──► signed in
             (the page shows the same two digits)     └─► declined, or not answered in time

A workstation that several people share needs no card reader, and no session of the provider's stays in its browser. Whoever
types a number learns nothing of it: a number that nobody has is waited for like a telephone that lies in a drawer.
"""

import hmac
import logging
import secrets
from datetime import datetime, timedelta
from typing import Final

import msgspec
from sqlalchemy import delete, select, update

from auth import actions, attempts, repository, sessions
from auth.actions import SignedIn
from auth.attempts import Attempts
from auth.bearer import digest, new_secret
from auth.identity import IdentityProvider, SlowDown
from auth.model import LoginFailed, Purpose, VerifiedIdentity, refused
from auth.opening import acting, nobody, proven_actor
from telepath.actor import Actor, Origin
from telepath.db.database import Database
from telepath.db.schema.auth import decoupled_login
from telepath.errors import Unavailable

LONGEST: Final = timedelta(minutes=2)
"""How long every page waits, whatever the provider says: one that waits differently long would tell which number it knows.
Pro Santé Connect gives 120 s."""
MARGIN: Final = timedelta(seconds=1)
"""Beyond the provider's interval: a question that a network hurried along must not count as too early."""
PACE: Final = timedelta(seconds=5) + MARGIN
"""Between two questions, for a number that the provider knows and for one that it does not. Pro Santé Connect wants one second,
and the default of CIBA 7.3 is five."""
SLOWER: Final = 5
"""Seconds more between two questions, from the time on that the provider asks for fewer. OpenID CIBA 11."""
HOLD: Final = timedelta(seconds=8)
"""How long one question to the provider may take, which is given up within five seconds."""
FORGET_AFTER: Final = timedelta(hours=1)
"""Until then one that was not answered is told from one that never was."""

log = logging.getLogger("telepath.auth")


class Asked(msgspec.Struct, frozen=True):
    """``key`` names the page that waits; leave ``browser`` in a cookie named after it."""

    key: str
    browser: str


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """What the page that waits shows."""

    binding_message: str
    """Two digits: the telephone shows the same."""
    return_to: str
    purpose: Purpose
    asked_at: datetime
    expires_at: datetime
    silent: bool = False
    """The provider did not answer when it was last asked how it stands."""


class _Row(msgspec.Struct, frozen=True, kw_only=True):
    """A row of ``decoupled_login``. ``hint``: empty where the provider knows nobody of that number, or asks them no more."""

    id: str
    request: str
    binding_message: str
    browser: str
    hint: str
    return_to: str
    interval: int
    poll_at: datetime
    expires_at: datetime
    created_at: datetime
    purpose: Purpose

    def waiting(self, *, silent: bool = False) -> Waiting:
        return Waiting(
            binding_message=self.binding_message,
            return_to=self.return_to,
            purpose=self.purpose,
            asked_at=self.created_at,
            expires_at=self.expires_at,
            silent=silent,
        )


async def ask(
    db: Database,
    provider: IdentityProvider,
    counts: Attempts,
    subject_name_id: str,
    *,
    return_to: str,
    origin: Origin,
    purpose: Purpose = Purpose.LOGIN,
) -> Asked:
    """Let the provider call somebody's telephone. ``subject_name_id``: their national identifier.

    Raises LoginFailed: asked too often; Unavailable: the provider does not answer."""
    now = db.clock()
    if not (
        counts.allow(attempts.TELEPHONE, attempts.network(origin.address), now)
        and counts.allow(attempts.TELEPHONE_OF_PERSON, subject_name_id, now)
    ):
        raise LoginFailed("error-login-too-many")
    binding_message = f"{secrets.randbelow(100):02}"
    interval = PACE
    try:
        asked = await provider.ask_decoupled(subject_name_id, binding_message)
    except LoginFailed as failure:
        if failure.reason in {"decoupled-unsupported", "decoupled-unreadable"}:  # no number would do
            raise
        # CIBA 13: unknown_user_id. Whoever tries numbers must not learn which of them exist.
        log.info("nobody's telephone was asked: %s", failure.reason)
        request, known = new_secret(), False
    else:
        request, known = asked.request, True
        if asked.interval > (PACE - MARGIN).total_seconds():
            # CIBA 7.3: "the minimum amount of time in seconds that the client MUST wait between polling requests".
            log.warning(
                "the provider wants %d s between two questions: that tells numbers that it knows", asked.interval
            )
            interval = timedelta(seconds=asked.interval) + MARGIN
    key, browser = new_secret(), new_secret()
    async with db.write(nobody(origin), unaudited="a login under way is nobody's act yet") as tx:
        await tx.execute(delete(decoupled_login).where(decoupled_login.c.expires_at < tx.now - FORGET_AFTER))
        row = _Row(
            id=digest(key),
            request=request,
            binding_message=binding_message,
            browser=digest(browser),
            hint=_hint(browser, subject_name_id) if known else "",
            return_to=return_to,
            interval=int(interval.total_seconds()),
            poll_at=tx.now + interval,
            expires_at=tx.now + LONGEST,
            created_at=tx.now,
            purpose=purpose,
        )
        await tx.insert(decoupled_login, **msgspec.structs.asdict(row))
    return Asked(key, browser)


async def look(
    db: Database,
    provider: IdentityProvider,
    key: str,
    *,
    browser: str,
    cookie: str,
    limits: sessions.Limits,
    origin: Origin,
) -> Waiting | SignedIn:
    """How it stands with the login that was asked for. ``browser``: the cookie that ``ask`` left; ``cookie``: that of the
    session which this browser may still have.

    However many pages ask, on however many nodes, the provider is asked once an interval. Raises LoginFailed: declined, not
    answered in time, or something in the answer does not hold; the login is used up then."""
    row = await _find(db, key)
    if row is None:
        raise LoginFailed("error-login-unknown")
    if not hmac.compare_digest(digest(browser), row.browser):
        raise LoginFailed("error-login-other-browser")
    who = nobody(origin)
    asking = await _asking(db, cookie, origin) if row.purpose is Purpose.STEP_UP else None
    try:
        if db.clock() >= row.expires_at:
            await _consume(db, row, origin)
            raise LoginFailed("error-login-unanswered")
        if not await _may_ask(db, row, origin):
            return row.waiting()
        try:
            proven = await _answer(db, provider, row, origin)
        except SlowDown:
            row, proven = msgspec.structs.replace(row, interval=row.interval + SLOWER), None
        except LoginFailed as failure:
            if failure.code != "error-login-expired":
                raise
            # The telephone is asked no more. The page goes on as if it had never been.
            row, proven = msgspec.structs.replace(row, hint=""), None
        if proven is None:
            await _ask_again(db, row, origin)
            return row.waiting()
        who = proven_actor(proven, origin)
        if not hmac.compare_digest(_hint(browser, proven.subject_name_id), row.hint):
            raise refused("telephone-of-another")
        if row.purpose is Purpose.STEP_UP:
            return await actions.step_up(db, proven, row.return_to, cookie, limits, origin)
        return await actions.sign_in(db, proven, row.return_to, cookie, limits, origin)
    except Unavailable as failure:
        if failure.code != "error-login-unavailable":
            raise
        return row.waiting(silent=True)
    except LoginFailed as failure:
        log.warning("a login by telephone failed: %s", failure.reason)
        failure.return_to = row.return_to
        # Nobody has done anything where a telephone lay unanswered, or another page of the same browser came first.
        if failure.code not in {"error-login-unknown", "error-login-unanswered"}:
            kind = "session.step-up-refused" if asking is not None else "session.refused"
            await db.refusals.record(asking or who, kind, reason=failure.reason)
        raise


async def cancel(db: Database, key: str, *, browser: str, origin: Origin) -> str:
    """Forget a login that this browser asked for; return where the person was going. What the telephone still says is worth
    nothing then."""
    row = await _find(db, key)
    if row is None or not hmac.compare_digest(digest(browser), row.browser):
        return "/"
    await _consume(db, row, origin)
    return row.return_to


async def _answer(db: Database, provider: IdentityProvider, row: _Row, origin: Origin) -> VerifiedIdentity | None:
    """Who answered; None: nobody yet. Raises LoginFailed: ``error-login-expired``, the provider waits no more; declined, or it
    does not hold, and the row is gone then."""
    since = row.created_at if row.purpose is Purpose.STEP_UP else None
    try:
        proven = await provider.poll_decoupled(row.request, authenticated_since=since)
    except LoginFailed as failure:
        if not row.hint:  # the provider was asked all the same: the page takes as long as with a number that exists
            return None
        if failure.code == "error-login-expired":
            raise
        await _consume(db, row, origin)
        if failure.code == "error-login-cancelled":
            raise LoginFailed("error-login-declined") from None
        raise
    if proven is not None and not await _consume(db, row, origin):
        raise LoginFailed("error-login-unknown")
    return proven


async def _asking(db: Database, cookie: str, origin: Origin) -> Actor | None:
    """Whose session is to be renewed: a refusal is told of them, whoever the telephone was of."""
    async with db.read() as reader:
        found = await repository.owner(reader, digest(cookie))
    return None if found is None else acting(found[1], origin)


async def _find(db: Database, key: str) -> _Row | None:
    async with db.read() as reader:
        row = await reader.first(select(decoupled_login).where(decoupled_login.c.id == digest(key)))
    return None if row is None else msgspec.convert(row, _Row)


async def _may_ask(db: Database, row: _Row, origin: Origin) -> bool:
    """Whether it is this page's turn to ask the provider; nobody else's until it was answered, or HOLD is over: who asks while
    another is being answered would find the answer gone."""
    if db.clock() < row.poll_at:
        return False
    async with db.write(nobody(origin), unaudited="a login under way is nobody's act yet") as tx:
        moved = await tx.execute(
            update(decoupled_login)
            .where(decoupled_login.c.id == row.id, decoupled_login.c.poll_at == row.poll_at)
            .values(poll_at=tx.now + HOLD)
        )
    return moved.rowcount == 1


async def _ask_again(db: Database, row: _Row, origin: Origin) -> None:
    """Nobody has answered yet: any page may ask after the interval."""
    async with db.write(nobody(origin), unaudited="a login under way is nobody's act yet") as tx:
        await tx.execute(
            update(decoupled_login)
            .where(decoupled_login.c.id == row.id)
            .values(poll_at=tx.now + timedelta(seconds=row.interval), interval=row.interval, hint=row.hint)
        )


async def _consume(db: Database, row: _Row, origin: Origin) -> bool:
    """Whether it was this call that took the login away."""
    async with db.write(nobody(origin), unaudited="a login under way is nobody's act yet") as tx:
        taken = await tx.execute(delete(decoupled_login).where(decoupled_login.c.id == row.id))
    return taken.rowcount == 1


def _hint(browser: str, subject_name_id: str) -> str:
    """What is kept of the number that was asked for: nobody tells it from the row alone."""
    return digest(f"{browser} {subject_name_id}")
