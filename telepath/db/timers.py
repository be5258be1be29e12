"""What is to happen at a time: once, on whichever node is there, through restarts and kills.

A timer's row goes in the one transaction that does what it stood for: either both happened, or neither. While a node is at it,
no other takes it up; a node that dies leaves it as it was. ``web/relay.py`` fires what is due.
"""

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias

import msgspec
from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from telepath.actor import SYSTEM
from telepath.db.database import Database
from telepath.db.schema.timers import timer
from telepath.db.transaction import Reader, Transaction
from telepath.errors import Conflict

BATCH: Final = 50
"""Timers that a node looks up at once."""
LONGEST_DELAY: Final = timedelta(minutes=5)
"""Between two attempts at one that fails."""

log = logging.getLogger("telepath.timers")


class Timer(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    kind: str
    """``<what it is about>.<what is to happen>``: a handler is registered for each."""
    subject_id: str
    body: dict[str, Any]
    """Identifiers and codes, never a patient."""
    due_at: datetime
    attempts: int
    """How often its handler has failed."""


Handler: TypeAlias = Callable[[Transaction, Timer], Awaitable[datetime | None]]
"""Does what the timer stands for, in the transaction in which it goes, and returns when it is to come again (None: never).

It finds out first whether there is still something to do: what it is about may have ended. What it changes it records. It
sets and drops other timers as it likes, but never its own."""


async def put(tx: Transaction, kind: str, subject_id: str, due_at: datetime, **body: str | int) -> None:
    """Let this happen at ``due_at``, in place of the earlier time set for it, if there was one."""
    table = sqlite.insert(timer) if tx.connection.dialect.name == "sqlite" else postgresql.insert(timer)
    # A new identifier each time: who is just firing the earlier one finds it gone.
    made = {"id": tx.new_id(), "body": body, "due_at": due_at, "attempts": 0}
    added = table.values(kind=kind, subject_id=subject_id, **made)
    await tx.execute(added.on_conflict_do_update(index_elements=[timer.c.kind, timer.c.subject_id], set_=made))


async def drop(tx: Transaction, kind: str, subject_id: str) -> None:
    """Let it not happen. Nothing when no such timer stands."""
    await tx.execute(delete(timer).where(timer.c.kind == kind, timer.c.subject_id == subject_id))


async def standing(reader: Reader, kinds: Iterable[str], subject_id: str) -> dict[str, datetime]:
    """Which of these will happen to this subject, and when."""
    rows = await reader.all(
        select(timer.c.kind, timer.c.due_at).where(timer.c.kind.in_(list(kinds)), timer.c.subject_id == subject_id)
    )
    return {row["kind"]: row["due_at"] for row in rows}


async def due(reader: Reader, kinds: Iterable[str], limit: int = BATCH) -> list[str]:
    """The identifiers of what should have happened by now, the longest overdue first."""
    rows = await reader.all(
        select(timer.c.id)
        .where(timer.c.due_at <= reader.now, timer.c.kind.in_(list(kinds)))
        .order_by(timer.c.due_at, timer.c.id)
        .limit(limit)
    )
    return [row["id"] for row in rows]


async def fire(db: Database, handlers: Mapping[str, Handler], limit: int = BATCH) -> int:
    """Do what is due, one timer a transaction; return how many were taken up. One that nobody here has a handler for stays: a
    newer node of the same service may have (rolling update). One that fails is tried again, later each time, and stands in
    no other's way. Raises Unavailable: the database does not answer."""
    async with db.read() as reader:
        waiting = await due(reader, handlers, limit)
    return sum([await _fired(db, handlers, one) for one in waiting])


async def _fired(db: Database, handlers: Mapping[str, Handler], timer_id: str) -> bool:
    """Whether this node took it up."""
    found: Timer | None = None
    try:
        async with db.write(SYSTEM, unaudited="what the timer does is recorded by its handler") as tx:
            found = await _taken(tx, timer_id)
            if found is None:
                return False
            again = await handlers[found.kind](tx, found)
            await _gone(tx, found, again)
    except Exception as error:
        if found is None:
            raise
        if isinstance(error, Conflict):
            log.info("timer %s (%s) met another change and is tried again", found.id, found.kind)
        else:
            log.exception("timer %s (%s) failed, attempt %d", found.id, found.kind, found.attempts + 1)
        await _later(db, found)
    return True


async def _taken(tx: Transaction, timer_id: str) -> Timer | None:
    """None: another node is at it, or it has happened, or it was moved.

    The row is not locked, only its identifier, among nodes that fire: whoever changes a consult and then its timers would wait
    for the row with the consult in hand, and the handler for the consult with the row. SQLite has one writer anyway."""
    if tx.connection.dialect.name == "postgresql":
        mine = func.pg_try_advisory_xact_lock(func.hashtextextended(timer_id, 0))
        if not await tx.scalar(select(mine)):
            return None
    row = await tx.first(select(timer).where(timer.c.id == timer_id))
    return None if row is None else msgspec.convert({str(name): value for name, value in row.items()}, Timer)


async def _gone(tx: Transaction, fired: Timer, again: datetime | None) -> None:
    """Raises Conflict: it was moved or dropped meanwhile, and nothing of what was done may stand."""
    same = timer.c.id == fired.id
    if again is None:
        done = await tx.execute(delete(timer).where(same))
    else:
        done = await tx.execute(update(timer).where(same).values(id=tx.new_id(), due_at=again, attempts=0))
    if done.rowcount != 1:
        raise Conflict


async def _later(db: Database, failed: Timer) -> None:
    delay = min(timedelta(seconds=1 << min(failed.attempts, 20)), LONGEST_DELAY)
    async with db.write(SYSTEM, unaudited="bookkeeping of timers") as tx:
        await tx.execute(
            update(timer)
            .where(timer.c.id == failed.id, timer.c.attempts == failed.attempts)
            .values(due_at=tx.now + delay, attempts=failed.attempts + 1)
        )
