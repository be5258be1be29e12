"""Sessions that end because the identity provider says so. Source: OpenID Connect Back-Channel Logout 1.0."""

import logging
from datetime import timedelta
from functools import partial
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from auth import endings, repository
from auth.bearer import digest
from auth.identity import IdentityProvider, LoggedOut
from auth.model import LoginFailed, refused
from auth.opening import nobody
from telepath.access import ObjectRef
from telepath.actor import Origin
from telepath.db.database import Database
from telepath.db.schema.auth import logout_token
from telepath.db.transaction import Transaction

FORGET_TOKENS_AFTER: Final = timedelta(hours=1)
"""A logout token is accepted for ten minutes (auth/tokens.py): whether it comes again need not be known for longer."""

log = logging.getLogger("telepath.auth")


async def receive(db: Database, provider: IdentityProvider, token: str, origin: Origin) -> int:
    """End the sessions that a logout token of the provider names; returns how many. None is no error: "the End-User is
    already logged out" (2.7). A token that does not hold changes nothing, and is no event: anybody may send one.

    Raises LoginFailed: it does not hold, or was here before; Unavailable: it cannot be checked now, and may come again."""
    try:
        told = await provider.read_logout(token)
    except LoginFailed as failure:
        if failure.reason == "exp-missing":
            # 2.4 requires it; drafts before 1.0 did not. The provider signed it, for us: none of its logouts ends anything.
            log.error("a logout token of the provider %s was refused: %s", provider.key, failure.reason)
        else:
            log.warning("a logout token was refused: %s", failure.reason)
        raise
    who = nobody(origin)
    try:
        async with db.write(who) as tx:
            await _first_time(tx, provider.key, told.token_id)
            return await _logged_out(tx, provider.key, told)
    except LoginFailed as failure:
        log.warning("a logout token came again")
        await db.refusals.record(who, "session.logout-received", reason=failure.reason, provider=provider.key)
        raise


async def _logged_out(tx: Transaction, key: str, told: LoggedOut) -> int:
    # 2.7: "…the RP's session management… identify the session(s) … based on the sid, or on the sub when there is no sid".
    find = partial(repository.of_provider, tx, key, told.subject, told.provider_session)
    found = await find()
    thing = ObjectRef("person", found[0].person_id, "") if found else None
    await tx.audit("session.logout-received", thing, provider=key, sessions=len(found))
    return await endings.all_of(tx, find, "provider-logout")


async def _first_time(tx: Transaction, key: str, token_id: str) -> None:
    """2.6: "Verify that another Logout Token with the same jti value has not been recently received". Raises LoginFailed."""
    await tx.execute(delete(logout_token).where(logout_token.c.seen_at < tx.now - FORGET_TOKENS_AFTER))
    jti = digest(token_id)
    same = (logout_token.c.provider == key) & (logout_token.c.jti == jti)
    if await tx.scalar(select(logout_token.c.jti).where(same)) is not None:
        raise refused("logout-replayed")
    try:
        await tx.insert(logout_token, provider=key, jti=jti, seen_at=tx.now)
    except IntegrityError:
        raise refused("logout-replayed") from None
