"""telepath/db/audit_log.py: gapless, one tree a year, and every proof that it gives holds."""

from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import func, select, update

from telepath.access import ObjectRef
from telepath.actor import SYSTEM
from telepath.audit import extends, includes, parse_note, root_of
from telepath.db import audit_log
from telepath.db.database import Database
from telepath.db.schema.audit import audit_log as log
from telepath.db.schema.audit import audit_pending, audit_shard
from telepath.errors import Unavailable
from tests.builders import Clock

SLIDE = ObjectRef("slide", "s" * 26, "i" * 26)
LOG = "audit.test"


async def record(db: Database, records: int) -> None:
    async with db.write(SYSTEM) as tx:
        for number in range(records):
            await tx.audit("slide.viewed", SLIDE, number=number)


async def leaves(db: Database, shard: audit_log.Shard) -> list[bytes]:
    async with db.read() as reader:
        rows = await reader.all(select(log.c.leaf).where(log.c.seq >= shard.start).order_by(log.c.seq))
        return [row["leaf"] for row in rows[: shard.size]]


async def test_what_is_pending_is_sealed_in_order_behind_the_opening_of_the_tree(database: Database) -> None:
    await record(database, 3)
    assert await audit_log.seal(database, LOG) == 3
    async with database.read() as reader:
        kept = await reader.all(select(log.c.seq, log.c.kind).order_by(log.c.seq))
        left = await reader.scalar(select(func.count()).select_from(audit_pending))
    assert [(row["seq"], row["kind"]) for row in kept] == [
        (0, "audit.tree-opened"),
        (1, "slide.viewed"),
        (2, "slide.viewed"),
        (3, "slide.viewed"),
    ]
    assert left == 0
    assert await audit_log.seal(database, LOG) == 0


async def test_more_than_a_batch_is_sealed_in_several(database: Database) -> None:
    await record(database, audit_log.BATCH + 1)
    assert await audit_log.seal(database, LOG) == audit_log.BATCH
    assert await audit_log.seal(database, LOG) == 1


async def test_the_head_signed_is_that_of_the_leaves(database: Database) -> None:
    key = Ed25519PrivateKey.generate()
    await record(database, 300)
    await audit_log.seal_all(database, LOG)
    note = await audit_log.checkpoint(database, LOG, key)
    assert note is not None
    async with database.read() as reader:
        (shard,) = await audit_log.shards(reader)
        newest = await audit_log.newest_checkpoint(reader)
    parsed = parse_note(note)
    assert (parsed.origin, parsed.size) == (shard.origin, 301)
    assert parsed.root == root_of(await leaves(database, shard))
    assert newest is not None
    assert newest.note == note


async def test_a_head_is_signed_once_and_when_it_is_due(database: Database) -> None:
    clock = database.clock = Clock()
    key = Ed25519PrivateKey.generate()
    assert await audit_log.checkpoint(database, LOG, key) is None
    await record(database, 1)
    await audit_log.seal_all(database, LOG)
    assert await audit_log.checkpoint(database, LOG, key, due_only=True)
    assert await audit_log.checkpoint(database, LOG, key) is None
    await record(database, 1)
    await audit_log.seal_all(database, LOG)
    assert await audit_log.checkpoint(database, LOG, key, due_only=True) is None
    clock.advance(seconds=60)
    assert await audit_log.checkpoint(database, LOG, key, due_only=True)
    await record(database, audit_log.SIGN_AFTER)
    await audit_log.seal_all(database, LOG)
    assert await audit_log.checkpoint(database, LOG, key, due_only=True)


async def test_a_new_year_opens_a_tree_that_names_the_head_of_the_one_before(database: Database) -> None:
    clock = database.clock = Clock(datetime(2026, 12, 31, 23, 59, tzinfo=UTC))
    await record(database, 2)
    await audit_log.seal_all(database, LOG)
    clock.advance(minutes=2)
    await record(database, 2)
    await audit_log.seal_all(database, LOG)
    async with database.read() as reader:
        old, new = await audit_log.shards(reader)
        opening = await reader.scalar(select(log.c.body).where(log.c.seq == new.start))
    assert [(one.name, one.start, one.size) for one in (old, new)] == [("2026", 0, 3), ("2027", 3, 3)]
    assert old.frontier.root().hex() in opening


async def test_a_tree_opened_again_in_the_same_year_has_a_name_of_its_own(database: Database) -> None:
    database.clock = Clock()
    await record(database, 2)
    await audit_log.seal_all(database, LOG)
    async with database.write(SYSTEM, unaudited="the log goes on from an older copy") as tx:
        await audit_log.open_shard(tx, LOG, "restored", missing=7)
    await record(database, 1)
    await audit_log.seal_all(database, LOG)
    async with database.read() as reader:
        assert [(one.name, one.size) for one in await audit_log.shards(reader)] == [("2026", 3), ("2026-2", 2)]


async def test_proofs_hold_for_leaves_and_sizes_on_both_sides_of_a_kept_subtree(database: Database) -> None:
    await record(database, 700)
    await audit_log.seal_all(database, LOG)
    async with database.read() as reader:
        (shard,) = await audit_log.shards(reader)
        hashes = [row["leaf"] for row in await reader.all(select(log.c.leaf).order_by(log.c.seq))]
        for size in (1, 2, 255, 256, 257, 512, 513, 701):
            root = root_of(hashes[:size])
            for index in {0, size // 2, size - 1}:
                proof = await audit_log.inclusion_proof(reader, shard, index, size)
                assert includes(root, size, index, hashes[index], proof)
            proof = await audit_log.consistency_proof(reader, shard, size, 701)
            assert extends(root, size, shard.frontier.root(), 701, proof)
        with pytest.raises(ValueError, match="701 leaves"):
            await audit_log.consistency_proof(reader, shard, 5, 702)


async def test_a_damaged_tree_seals_nothing_more_and_loses_nothing(database: Database) -> None:
    await record(database, 2)
    await audit_log.seal_all(database, LOG)
    async with database.write(SYSTEM, unaudited="a crime") as tx:
        await tx.execute(update(audit_shard).values(hashes=["not a hash"]))
    await record(database, 2)
    with pytest.raises(Unavailable):
        await audit_log.seal(database, LOG)
    async with database.read() as reader:
        assert await reader.scalar(select(func.count()).select_from(audit_pending)) == 2


async def test_a_clock_that_was_put_back_does_not_hold_up_the_next_signature(database: Database) -> None:
    key = Ed25519PrivateKey.generate()
    clock = Clock()
    database.clock = clock
    for hours in (0, -1, 0):
        clock.advance(hours=hours)
        async with database.write(SYSTEM) as tx:
            await tx.audit("slide.viewed", SLIDE)
        await audit_log.seal_all(database, LOG)
        clock.advance(minutes=1)
        assert await audit_log.checkpoint(database, LOG, key, due_only=True)
        assert await audit_log.checkpoint(database, LOG, key) is None
