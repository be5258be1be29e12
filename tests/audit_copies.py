"""A log in a database, put back to how it was, or written anew by somebody who has the key."""

from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import delete, insert, select, update

from telepath.access import ObjectRef
from telepath.actor import SYSTEM
from telepath.audit import Frontier, leaf_hash
from telepath.checkpoints import signed_checkpoint
from telepath.db import audit_log
from telepath.db.database import Database
from telepath.db.schema.audit import audit_anchor, audit_checkpoint, audit_node, audit_pending, audit_shard
from telepath.db.schema.audit import audit_log as log_table
from tests.anchors import KEY, LOG

SLIDE = ObjectRef("slide", "s" * 26, "i" * 26)
TABLES = (log_table, audit_shard, audit_node, audit_checkpoint, audit_anchor, audit_pending)
Copy = dict[str, list[dict[str, Any]]]


async def fill(db: Database, records: int, key: Ed25519PrivateKey = KEY) -> str:
    """Record, seal, sign; returns the head. The first time one more record is sealed: the tree's own."""
    for number in range(records):
        async with db.write(SYSTEM) as tx:
            await tx.audit("slide.viewed", SLIDE, number=number)
    await audit_log.seal_all(db, LOG)
    note = await audit_log.checkpoint(db, LOG, key)
    assert note is not None
    return note


async def sealed(db: Database, kind: str) -> list[dict[str, Any]]:
    """What the records of this kind say, oldest first; those that wait are sealed before."""
    await audit_log.seal_all(db, LOG)
    async with db.read() as reader:
        return [
            dict(row)
            for row in await reader.all(select(log_table).where(log_table.c.kind == kind).order_by(log_table.c.seq))
        ]


async def copied(db: Database) -> Copy:
    """All of the audit, as a backup has it."""
    async with db.read() as reader:
        return {table.name: [dict(row) for row in await reader.all(select(table))] for table in TABLES}


async def put_back(owner: Database, copy: Copy) -> None:
    """All of the audit as it was when it was copied."""
    async with owner.write(SYSTEM, unaudited="a restore") as tx:
        for table in TABLES:
            await tx.execute(delete(table))
            if copy[table.name]:
                await tx.execute(insert(table), copy[table.name])


async def rewrite(owner: Database, seq: int, key: Ed25519PrivateKey = KEY) -> None:
    """Alter one record, and everything that would show it: leaves, tree, signed heads. Of a log of one small tree."""
    async with owner.write(SYSTEM, unaudited="a crime") as tx:
        rows = await tx.all(select(log_table).order_by(log_table.c.seq))
        (tree,) = await audit_log.shards(tx)
        assert tree.size < 256, "no subtrees are kept"
        signed = {row["size"]: row["at"] for row in await tx.all(select(audit_checkpoint))}
        await tx.execute(delete(audit_checkpoint))
        frontier = Frontier()
        for row in rows:
            body = row["body"].replace("slide.viewed", "slide.missed") if row["seq"] == seq else row["body"]
            leaf = leaf_hash(body.encode())
            kind = "slide.missed" if row["seq"] == seq else row["kind"]
            await tx.execute(
                update(log_table).where(log_table.c.seq == row["seq"]).values(body=body, leaf=leaf, kind=kind)
            )
            frontier.append(leaf)
            if at := signed.get(frontier.size):
                note = signed_checkpoint(key, LOG, tree.origin, frontier.size, frontier.root())
                await tx.insert(audit_checkpoint, shard=tree.name, size=frontier.size, at=at, note=note)
        hashes = [digest.hex() for digest in frontier.hashes]
        await tx.execute(update(audit_shard).values(hashes=hashes))
