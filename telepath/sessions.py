"""Whether a session lives, and its end, whoever ends it: auth for its reasons, telepath/guests.py with a link."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, update

from telepath.db.schema.auth import session
from telepath.db.schema.slides import slide_view
from telepath.db.transaction import Transaction

IDLE: Final = timedelta(minutes=30)
"""How long a session lives without a sign of its person, where the settings do not say otherwise."""


def living(now: datetime, idle: timedelta = IDLE) -> ColumnElement[bool]:
    """Of rows of sessions, those that live: of one at hand auth/sessions.py says the same."""
    return session.c.ended_at.is_(None) & (session.c.expires_at > now) & (session.c.seen_at > now - idle)


async def end(tx: Transaction, session_id: str) -> bool:
    """Whether it was this call that ended the session. The slides that are open in it close with it, and what would renew it
    is forgotten. The caller's transaction audits why."""
    over = {"ended_at": tx.now, "refresh": "", "refresh_due_at": None}
    ended = await tx.execute(
        update(session).where(session.c.id == session_id, session.c.ended_at.is_(None)).values(over)
    )
    if ended.rowcount == 1:
        await cut(tx, session_id)
    return ended.rowcount == 1


async def cut(tx: Transaction, session_id: str) -> None:
    """Revoke the views of a session that ends, and tell the nodes: it may have a room open too."""
    standing = (slide_view.c.session_id == session_id) & slide_view.c.revoked_at.is_(None)
    await tx.execute(update(slide_view).where(standing).values(revoked_at=tx.now))
    await tx.emit("grant.revoked", because="session", because_id=session_id[:16])
