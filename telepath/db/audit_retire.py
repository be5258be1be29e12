"""Ends the keeping of old trees of the audit: each as a whole, once its last record is older than the retention.

What stays of a tree is its row in ``audit_shard``, its last signed head, and the record ``audit.retired`` in the tree that
grows, sealed and signed before anything is deleted: verification asks for it (telepath/db/audit_check.py). Needs the role that
owns the tables."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import delete, func, select

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
    """The trees, oldest first, whose last record is more than ``years`` years old, and of which there are records; none for 0.

    The tree that grows is never among them, nor one that stands behind a tree that has to stay. Raises Unavailable: a tree was
    damaged."""
    if not years:
        return []
    limit = _years_before(reader.now, years)
    found = []
    for shard in (await audit_log.shards(reader))[:-1]:
        last = await reader.scalar(select(func.max(log_table.c.at)).where(log_table.c.seq == shard.end - 1))
        if last is None and not await _any(reader, shard):
            continue  # retired before, or never filled
        if last is None or last >= limit:
            break
        found.append(shard)
    return found


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
    """What the log says it has retired, by the tree's name. Raises Unavailable: such a record was damaged."""
    rows = await reader.all(select(log_table.c.body).where(log_table.c.kind == KIND).order_by(log_table.c.seq))
    try:
        bodies = [msgspec.json.decode(row["body"], type=_Body).detail for row in rows]
    except msgspec.DecodeError:
        raise Unavailable("error-audit-tree", what="the record of a retired tree") from None
    return {one.tree: one for one in bodies}


async def kept(reader: Reader) -> list[Shard]:
    """The trees of which there must be records, oldest first: those behind the last that was retired. Raises Unavailable: as
    ``retired``, or a tree was damaged."""
    shards, told = await audit_log.shards(reader), await retired(reader)
    gone = max((number for number, shard in enumerate(shards, 1) if shard.name in told), default=0)
    return shards[gone:]


async def _any(reader: Reader, shard: Shard) -> bool:
    within = (log_table.c.seq >= shard.start) & (log_table.c.seq < shard.end)
    return await reader.scalar(select(log_table.c.seq).where(within).limit(1)) is not None


def _years_before(moment: datetime, years: int) -> datetime:
    try:
        return moment.replace(year=moment.year - years)
    except ValueError:  # 29 February
        return moment.replace(year=moment.year - years, day=28)
