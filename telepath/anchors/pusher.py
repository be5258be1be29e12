"""Gives each anchor the newest signed heads, each at its own pace: one that hangs or fails delays no other.

A node takes an anchor by a conditional update of its row in audit_anchor, and has it until ``LEASE`` has passed."""

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import RowMapping, select, update

from telepath.actor import SYSTEM
from telepath.anchors.comparison import Log, found, newest_head
from telepath.anchors.model import Anchor, Forked, Head, away
from telepath.db import audit_log
from telepath.db.database import Database
from telepath.db.schema.audit import audit_anchor, audit_checkpoint, audit_shard
from telepath.db.transaction import Reader, Transaction
from telepath.errors import TelepathError

LEASE: Final = timedelta(seconds=30)
"""Longer than an anchor may take to answer."""
FIRST_WAIT: Final = timedelta(seconds=5)
LAST_WAIT: Final = timedelta(minutes=10)
"""After the first failure, doubled with each, up to the last."""
FORKS_AT_ONCE: Final = 3
"""Trees in a row that an anchor may refuse before it is waited for like one that does not answer."""

log = logging.getLogger("telepath.anchors")


class Pusher:
    """``push`` is called again and again for each of ``anchors``, by every node."""

    def __init__(self, db: Database, anchors: Sequence[Anchor], of: Log) -> None:
        self.anchors = anchors
        self._db = db
        self._log = of

    async def enrol(self) -> None:
        """Make the rows of new anchors, and mark those that no longer are ours: they hold what they hold."""
        async with self._db.write(SYSTEM, unaudited="who the settings name; their change is recorded by itself") as tx:
            await audit_log.alone(tx)  # of several nodes one makes a row
            known = {row["name"]: row for row in await tx.all(select(audit_anchor))}
            for anchor in self.anchors:
                row, every = known.pop(anchor.name, None), int(anchor.every.total_seconds())
                if row is None:
                    await tx.insert(audit_anchor, name=anchor.name, kind=anchor.kind, every=every, **_nothing(tx))
                elif (row["kind"], row["every"]) != (anchor.kind, every):
                    await _change(tx, anchor.name, kind=anchor.kind, every=every)
            for row in known.values():
                if row["every"] is not None:
                    await _change(tx, row["name"], every=None)

    async def push(self, anchor: Anchor) -> bool:
        """Give ``anchor`` the next head, if there is one and it is time; whether there may be more at once."""
        async with self._db.read() as reader:
            row = await reader.first(select(audit_anchor).where(audit_anchor.c.name == anchor.name))
            if row is None or row["due_at"] > reader.now:
                return False
            head = await self._next(reader, row)
        if head is None or not await self._taken(anchor, row):
            return False
        held = row["size"] if row["shard"] == head.shard else 0
        try:
            receipt = await anchor.put(head, held)
        except Forked as forked:
            await self._failed(anchor, await self._fork(anchor, head, forked), head)
        except TelepathError as error:
            log.warning("the audit's head is not with %s: %s", anchor.name, error.code)
            await self._failed(anchor, error.code, head)
        except Exception:
            log.exception("the audit's head is not with %s", anchor.name)
            await self._failed(anchor, "error-anchor-broke", head)
        else:
            await self._held(anchor, head, receipt)
            return True
        return False

    async def _fork(self, anchor: Anchor, head: Head, forked: Forked) -> str:
        """What went wrong, as a code: the fork, or what speaks against there being one."""
        try:
            gap = await found(self._db, anchor.name, forked.held, self._log, [head.shard])
        except TelepathError as error:
            return error.code
        # Without a gap: another node gave it a newer head meanwhile.
        return forked.code if gap else away().code

    async def _next(self, reader: Reader, row: RowMapping) -> Head | None:
        """The newest head of the oldest tree that the anchor does not hold to its end."""
        trees = await reader.all(select(audit_shard.c.name, audit_shard.c.start).order_by(audit_shard.c.start))
        begin = next((number for number, tree in enumerate(trees) if tree["name"] == row["shard"]), 0)
        for tree in trees[begin:]:
            name = tree["name"]
            if name == row["shard"]:
                newer = select(audit_checkpoint.c.size).where(
                    audit_checkpoint.c.shard == name, audit_checkpoint.c.size > row["size"]
                )
                if await reader.scalar(newer.limit(1)) is None:
                    continue
            # What is lost is not signed again: the tree that it was lost from is closed, and the anchor refuses its end.
            if name != trees[-1]["name"] and row["error"] == Forked.code:
                continue
            if (head := await newest_head(self._db, reader, name)) is not None:
                return head
        return None

    async def _taken(self, anchor: Anchor, row: RowMapping) -> bool:
        """Whether this node has the anchor now, and no other."""
        async with self._db.write(SYSTEM, unaudited="a lease") as tx:
            seen = (
                (audit_anchor.c.name == anchor.name)
                & (audit_anchor.c.due_at == row["due_at"])
                & (audit_anchor.c.shard == row["shard"])
                & (audit_anchor.c.size == row["size"])
            )
            done = await tx.execute(update(audit_anchor).where(seen).values(due_at=tx.now + LEASE, tried_at=tx.now))
        return done.rowcount == 1

    async def _held(self, anchor: Anchor, head: Head, receipt: str) -> None:
        async with self._db.write(SYSTEM, unaudited="only a first success after a failure is recorded") as tx:
            row = await tx.one(select(audit_anchor).where(audit_anchor.c.name == anchor.name))
            await _change(
                tx,
                anchor.name,
                shard=head.shard,
                size=head.read.size,
                held_at=tx.now,
                receipt=receipt,
                due_at=tx.now + anchor.every,
                attempts=0,
                error="",
            )
            if row["attempts"]:
                log.warning("%s holds the audit's head again", anchor.name)
                await tx.audit("audit.anchored", anchor=anchor.name, tree=head.shard, signed=head.read.size)

    async def _failed(self, anchor: Anchor, code: str, head: Head) -> None:
        async with self._db.write(SYSTEM, unaudited="only a first failure is recorded") as tx:
            row = await tx.one(select(audit_anchor).where(audit_anchor.c.name == anchor.name))
            attempts = row["attempts"] + 1
            newest = await tx.scalar(select(audit_shard.c.name).order_by(audit_shard.c.start.desc()).limit(1))
            # A new tree has begun: it need not wait because the old one was refused.
            at_once = code == Forked.code and newest != head.shard and attempts <= FORKS_AT_ONCE
            wait = timedelta() if at_once else min(FIRST_WAIT * 2 ** min(attempts - 1, 20), LAST_WAIT)
            await _change(tx, anchor.name, attempts=attempts, error=code, due_at=tx.now + wait)
            if attempts == 1:
                await tx.audit(
                    "audit.anchored",
                    outcome="failure",
                    anchor=anchor.name,
                    tree=head.shard,
                    signed=head.read.size,
                    error=code,
                )


def _nothing(tx: Transaction) -> dict[str, Any]:
    return {"shard": "", "size": 0, "receipt": "", "due_at": tx.now, "attempts": 0, "error": ""}


async def _change(tx: Transaction, name: str, **values: Any) -> None:
    await tx.execute(update(audit_anchor).where(audit_anchor.c.name == name).values(**values))
