"""Hands committed events to one node at a time, until they are delivered."""

from datetime import timedelta
from typing import Any

import msgspec
from sqlalchemy import delete, select, update

from telepath.actor import SYSTEM
from telepath.db.database import Database
from telepath.db.schema.outbox import outbox

HOLD = timedelta(seconds=30)
"""How long a node may take over a batch before another may try."""


class Event(msgspec.Struct, frozen=True):
    """Something that happened, committed. ``position`` is unique for ever: use it to deliver once."""

    position: int
    kind: str
    body: dict[str, Any]
    attempts: int


async def claim(db: Database, limit: int = 100) -> list[Event]:
    """Take up to ``limit`` due events, oldest first. They come back after HOLD unless ``done`` is called."""
    async with db.write(SYSTEM, unaudited="bookkeeping of the outbox") as tx:
        rows = await tx.all(
            select(outbox)
            .where(outbox.c.due_at <= tx.now)
            .order_by(outbox.c.position)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        if not rows:
            return []
        await tx.execute(
            update(outbox)
            .where(outbox.c.position.in_([row["position"] for row in rows]))
            .values(due_at=tx.now + HOLD, attempts=outbox.c.attempts + 1)
        )
    return [Event(row["position"], row["kind"], row["body"], row["attempts"]) for row in rows]


async def waiting(db: Database) -> bool:
    """Whether something is due: a cheap question for an idle node."""
    async with db.read() as reader:
        found = await reader.scalar(select(outbox.c.position).where(outbox.c.due_at <= reader.now).limit(1))
    return found is not None


async def later(db: Database, position: int, delay: timedelta) -> None:
    """The event could not be delivered: try again after ``delay``."""
    async with db.write(SYSTEM, unaudited="bookkeeping of the outbox") as tx:
        await tx.execute(update(outbox).where(outbox.c.position == position).values(due_at=tx.now + delay))


async def done(db: Database, position: int) -> None:
    """The event was delivered: forget it."""
    async with db.write(SYSTEM, unaudited="bookkeeping of the outbox") as tx:
        await tx.execute(delete(outbox).where(outbox.c.position == position))
