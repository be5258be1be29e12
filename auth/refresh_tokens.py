"""Refresh tokens as they lie in a session's row: under the person's key of the vault, and bound to that session's id."""

from datetime import datetime, timedelta
from typing import Any, Final

from auth.model import Session
from telepath.actor import Subject
from telepath.db.transaction import Reader, Transaction
from telepath.db.vault_store import Keys
from telepath.vault import Vault

USUAL_LIFE: Final = timedelta(minutes=30)
"""Where the provider does not say how long one lives: that of Pro Santé Connect's (ansforge/IG-securisation-transport)."""


async def closed(
    tx: Transaction, person_id: str, session_id: str, token: str, until: datetime | None
) -> dict[str, Any]:
    """The columns of a session that keep a token, due at half of its life. Empty: none, or the person was erased."""
    text = ""
    if token:
        subject = Subject("person", person_id)
        text = await tx.keys.closed(tx.connection, tx.now, subject, _context(session_id), {"refresh_token": token})
    if not text:
        return {"refresh": "", "refresh_due_at": None, "refresh_until": None}
    life = USUAL_LIFE if until is None else until - tx.now
    return {"refresh": text, "refresh_due_at": tx.now + life / 2, "refresh_until": until}


async def opened(reader: Reader, keys: Keys, session: Session) -> str:
    """The session's token; empty: it has none, or it cannot be read any more."""
    subject = Subject("person", session.person_id)
    key = (await keys.of(reader.connection, [subject])).get(subject) if session.refresh else None
    if key is None:
        return ""
    try:
        token: str = Vault.opened(key, _context(session.id), session.refresh)["refresh_token"]
    except ValueError:
        return ""
    return token


def _context(session_id: str) -> str:
    return f"session {session_id}"
