"""Ends the keeping of old trees of the audit: each as a whole, once its year is over by the retention.

What stays of a tree is its row in ``audit_shard``, its last signed head, and the record ``audit.retired`` in the tree that
grows, sealed and signed before anything is deleted: verification asks for it (telepath/db/audit_check.py). Needs the role that
owns the tables."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import delete, select

from telepath.access import ObjectRef
from telepath.actor import SYSTEM, Actor
from telepath.db import audit_log
from telepath.db.audit_log import Shard
from telepath.db.database import Database
from telepath.db.schema.audit import audit_checkpoint, audit_node
from telepath.db.schema.audit import audit_log as log_table
from telepath.db.transaction import Reader
from telepath.errors import Unavailable

KIND: Final = "audit.retired"


class Retired(msgspec.Struct, frozen=True, kw_only=True):
    """What the record says of a tree: so many records, up to this moment, under this root (hex)."""

    tree: str
    size: int
    root: str
    until: str


class _Body(msgspec.Struct):
    detail: Retired


async def due(reader: Reader, years: int) -> list[Shard]:
    """The trees, oldest first, whose year is over by more than ``years`` years, and of which there are records; none for 0.

    The tree that grows is never among them, nor one that stands behind a tree that has to stay. Raises Unavailable: a tree was
    damaged."""
    found = []
    for shard in (await audit_log.shards(reader))[:-1]:
        if too_young(shard.name, reader.now, years):
            break
        if await _any(reader, shard):
            found.append(shard)
    return found


def too_young(tree: str, now: datetime, years: int) -> bool:
    """Whether a tree of this name has to be kept still; 0: for ever."""
    year = audit_log.year_of(tree)
    return not years or year is None or now.year - year <= years


async def retire(db: Database, actor: Actor, shard: Shard, signed: Callable[[], Awaitable[object]]) -> int:
    """Record that this tree is retired, have that sealed and ``signed``, delete its records; return how many. After a crash
    call it again: what was done is not done twice.

    Raises Unavailable: the record could not be sealed, and nothing was deleted."""
    thing = ObjectRef("tree", shard.name, SYSTEM.institution_id)
    async with db.read() as reader:
        told = await retired(reader)
        until = await reader.scalar(select(log_table.c.at).where(log_table.c.seq == shard.end - 1))
    if shard.name not in told:
        async with db.write(actor) as tx:
            await tx.audit(
                KIND,
                thing,
                tree=shard.name,
                size=shard.size,
                root=shard.frontier.root().hex(),
                until=until.isoformat(),
            )
        await signed()
        async with db.read() as reader:
            if shard.name not in await retired(reader):
                raise Unavailable("error-audit-tree", what="the record of what is to be deleted")
    async with db.write(actor, unaudited="recorded and sealed before") as tx:
        await audit_log.alone(tx)
        gone = await tx.execute(delete(log_table).where(log_table.c.seq >= shard.start, log_table.c.seq < shard.end))
        await tx.execute(delete(audit_node).where(audit_node.c.shard == shard.name))
        last = await audit_log.newest_checkpoint(tx, shard.name)
        if last is not None:
            older = (audit_checkpoint.c.shard == shard.name) & (audit_checkpoint.c.size != last.size)
            await tx.execute(delete(audit_checkpoint).where(older))
    return gone.rowcount


async def retired(reader: Reader) -> dict[str, Retired]:
    """What the log says it has retired, by the tree's name. A record that says nothing retires nothing."""
    said = (log_table.c.kind == KIND) & (log_table.c.seq >= 0)
    found = {}
    for row in await reader.all(select(log_table.c.body).where(said).order_by(log_table.c.seq)):
        with suppress(msgspec.DecodeError):
            one = msgspec.json.decode(row["body"], type=_Body).detail
            found[one.tree] = one
    return found


async def kept(reader: Reader) -> list[Shard]:
    """The trees of which there must be records, oldest first: those behind the last that was retired and has none any more.
    The one that grows is always among them. Raises Unavailable: a tree was damaged."""
    shards, told = await audit_log.shards(reader), await retired(reader)
    gone = 0
    for number, shard in enumerate(shards[:-1], 1):
        if shard.name in told and not await _any(reader, shard):
            gone = number
    return shards[gone:]


async def _any(reader: Reader, shard: Shard) -> bool:
    within = (log_table.c.seq >= shard.start) & (log_table.c.seq < shard.end)
    return await reader.scalar(select(log_table.c.seq).where(within).limit(1)) is not None
