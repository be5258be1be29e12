"""Refresh tokens as they lie in a session's row: under the person's key of the vault, and bound to that session's id. With each
the login that gave it: what a refresh brings must be of the same."""

from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from auth.model import Authentication, Session
from telepath.actor import Subject
from telepath.db.transaction import Reader, Transaction
from telepath.db.vault_store import Keys

USUAL_LIFE: Final = timedelta(minutes=30)
"""Where the provider does not say how long one lives: that of Pro Santé Connect's (ansforge/IG-securisation-transport)."""


class Held(msgspec.Struct, frozen=True):
    """A refresh token, empty where there is none, and the login that gave it or one before it."""

    token: str = ""
    login: Authentication = Authentication()
    doubted: bool = False
    """What the provider said at the last renewal did not hold, and was forgiven once."""


async def closed(
    tx: Transaction, person_id: str, session_id: str, held: Held, until: datetime | None
) -> dict[str, Any]:
    """The columns of a session that keep a token, due at half of its life. Empty: none, or the person was erased."""
    text = ""
    if held.token:
        subject = Subject("person", person_id)
        fields = msgspec.to_builtins(held)
        text = await tx.keys.closed(tx.connection, tx.now, subject, _context(session_id), fields)
    if not text:
        return {"refresh": "", "refresh_due_at": None, "refresh_until": None}
    life = USUAL_LIFE if until is None else until - tx.now
    return {"refresh": text, "refresh_due_at": tx.now + life / 2, "refresh_until": until}


async def opened(reader: Reader, keys: Keys, session: Session) -> Held:
    """The session's token; without one: it has none, or it cannot be read any more."""
    subject = Subject("person", session.person_id)
    try:
        kept = await keys.opened(reader.connection, subject, _context(session.id), session.refresh)
        return msgspec.convert(kept or {}, Held)
    except ValueError:
        return Held()


def _context(session_id: str) -> str:
    return f"session {session_id}"
