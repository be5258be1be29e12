"""telepath/db/audit_check.py: whatever is altered in the database is found, and called by its name."""

from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import delete, select, text, update

from telepath.access import ObjectRef
from telepath.actor import SYSTEM
from telepath.audit import Frontier, leaf_hash
from telepath.db import audit_check, audit_log
from telepath.db.audit_check import Verdict
from telepath.db.database import Database
from telepath.db.schema.audit import audit_log as audit_log_table
from telepath.db.schema.audit import audit_pending, audit_shard
from telepath.db.transaction import Reader
from telepath.errors import Unavailable
from tests.builders import MASTER_KEY, Clock

SLIDE = ObjectRef("slide", "s" * 26, "i" * 26)
LOG = "audit.test"


async def fill(db: Database, key: Ed25519PrivateKey, records: int = 12) -> str:
    """Return the signed head that an outsider would hold."""
    async with db.write(SYSTEM) as tx:
        for number in range(records):
            await tx.audit("slide.viewed", SLIDE, number=number)
    await audit_log.seal_all(db, LOG)
    note = await audit_log.checkpoint(db, LOG, key)
    assert note is not None
    return note


class _Undone(Exception):
    """Ends a transaction without a trace."""


async def verdict(db: Database, key: Ed25519PrivateKey, *outside: str) -> Verdict:
    async with db.read() as reader:
        return await verdict_of(reader, key, *outside)


async def verdict_of(reader: Reader, key: Ed25519PrivateKey, *outside: str) -> Verdict:
    return await audit_check.verify(reader, [key.public_key().public_bytes_raw()], outside)


def codes(found: Verdict) -> set[str]:
    return {problem.code for problem in found.problems}


async def test_an_untouched_log_verifies(database: Database) -> None:
    key = Ed25519PrivateKey.generate()
    notes = [await fill(database, key), await fill(database, key, records=5)]
    assert await verdict(database, key, *notes) == Verdict(records=18, checkpoints=2, anchored=2, problems=())


@pytest.mark.parametrize("records", [3, 4, 6, 7, 8])
async def test_a_log_of_several_parts_verifies_at_every_head(
    database: Database, monkeypatch: pytest.MonkeyPatch, records: int
) -> None:
    monkeypatch.setattr(audit_check, "PART", 4)
    clock = database.clock = Clock()
    key = Ed25519PrivateKey.generate()
    for _ in range(2):
        for _ in range(records):
            await fill(database, key, records=1)
        clock.advance(days=366)
    found = await verdict(database, key)
    assert found == Verdict(records=2 * records + 2, checkpoints=2 * records, anchored=0, problems=())


async def test_an_empty_log_verifies(database: Database) -> None:
    key = Ed25519PrivateKey.generate()
    assert await verdict(database, key) == Verdict(records=0, checkpoints=0, anchored=0, problems=())


TAMPERINGS = {
    "an edited record": (
        "UPDATE audit_log SET body = replace(body, 'slide.viewed', 'slide.missed') WHERE seq = 3",
        {"record-altered", "head-differs", "tree-altered"},
    ),
    "an edited copy of a column": ("UPDATE audit_log SET actor = 'x' WHERE seq = 3", {"copy-altered"}),
    "a time moved": ("UPDATE audit_log SET at = '2020-01-01 00:00:00.000000' WHERE seq = 3", {"copy-altered"}),
    "an administrator's act hidden": ("UPDATE audit_log SET privileged = FALSE WHERE seq = 3", {"copy-altered"}),
    "a deleted record": ("DELETE FROM audit_log WHERE seq = 3", {"record-missing", "records-missing", "tree-altered"}),
    "a truncated log": ("DELETE FROM audit_log WHERE seq >= 6", {"records-missing", "tree-altered"}),
    "the first records deleted": (
        "DELETE FROM audit_log WHERE seq < 2",
        {"record-missing", "records-missing", "tree-altered"},
    ),
    "everything deleted": ("DELETE FROM audit_log", {"records-missing", "tree-altered"}),
    "two records exchanged": (
        "UPDATE audit_log SET seq = CASE seq WHEN 3 THEN 104 ELSE 103 END WHERE seq IN (3, 4);"
        " UPDATE audit_log SET seq = CASE seq WHEN 104 THEN 4 ELSE 3 END WHERE seq > 100",
        {"copy-altered", "head-differs", "tree-altered"},
    ),
    "a record before the first": (
        "INSERT INTO audit_log SELECT -1, body, leaf, at, kind, outcome, actor, institution, object_kind, object_id,"
        " case_id, owner, privileged FROM audit_log WHERE seq = 3",
        {"record-foreign"},
    ),
    "a tree under another name": ("UPDATE audit_shard SET name = '2006'", {"tree-altered"}),
    "hashes that are none": ("UPDATE audit_shard SET hashes = '{}'", {"tree-altered"}),
    "a damaged tree": ("UPDATE audit_shard SET size = 6", {"tree-altered"}),
    "a damaged frontier": ("UPDATE audit_shard SET hashes = '[]'", {"tree-altered"}),
    "the tree deleted": ("DELETE FROM audit_shard", {"tree-missing", "record-missing"}),
}


@pytest.mark.parametrize("tampering", list(TAMPERINGS))
async def test_verification_finds(
    database: Database, owner: Database, monkeypatch: pytest.MonkeyPatch, tampering: str
) -> None:
    monkeypatch.setattr(audit_check, "PART", 4)  # a log of several parts
    key = Ed25519PrivateKey.generate()
    await fill(database, key)
    statements, expected = TAMPERINGS[tampering]
    async with owner.write(SYSTEM, unaudited="a crime") as tx:
        for statement in statements.split(";"):
            await tx.execute(text(statement))
    assert codes(await verdict(database, key)) == expected


async def test_a_truncation_with_the_tree_and_the_signed_heads_is_found_by_what_is_outside(
    database: Database, owner: Database
) -> None:
    key = Ed25519PrivateKey.generate()
    note = await fill(database, key)
    async with owner.write(SYSTEM, unaudited="a crime") as tx:
        for table in ("audit_log", "audit_shard", "audit_node", "audit_checkpoint"):
            await tx.execute(text(f"DELETE FROM {table}"))  # noqa: S608
    await fill(database, key, records=6)
    assert codes(await verdict(database, key)) == set()
    assert codes(await verdict(database, key, note)) == {"records-missing"}


async def test_a_whole_log_written_anew_is_found_by_what_is_outside(database: Database, owner: Database) -> None:
    key = Ed25519PrivateKey.generate()
    note = await fill(database, key)
    async with owner.write(SYSTEM, unaudited="a crime") as tx:
        for table in ("audit_log", "audit_shard", "audit_node", "audit_checkpoint"):
            await tx.execute(text(f"DELETE FROM {table}"))  # noqa: S608
    await fill(database, key, records=13)
    assert codes(await verdict(database, key)) == set()
    assert codes(await verdict(database, key, note)) == {"head-differs"}


async def test_two_heads_of_one_size_are_a_fork(database: Database, owner: Database) -> None:
    key = Ed25519PrivateKey.generate()
    note = await fill(database, key)
    async with owner.write(SYSTEM, unaudited="a crime") as tx:
        for table in ("audit_log", "audit_shard", "audit_node", "audit_checkpoint"):
            await tx.execute(text(f"DELETE FROM {table}"))  # noqa: S608
    await fill(database, key)
    assert codes(await verdict(database, key, note)) == {"two-heads"}


async def test_what_ends_a_tree_after_its_last_signed_head_is_closed_by_the_next(
    database: Database, owner: Database
) -> None:
    clock = database.clock = owner.clock = Clock(datetime(2026, 12, 31, 23, 58, tzinfo=UTC))
    key = Ed25519PrivateKey.generate()
    signed = await fill(database, key, records=3)
    async with database.write(SYSTEM) as tx:
        await tx.audit("slide.viewed", SLIDE, number=3)
    await audit_log.seal_all(database, LOG)
    clock.advance(hours=1)
    later = await fill(database, key, records=2)
    assert codes(await verdict(database, key, signed, later)) == set()
    async with owner.write(SYSTEM, unaudited="a crime") as tx:
        rows = await tx.all(select(audit_log_table).where(audit_log_table.c.seq < 5).order_by(audit_log_table.c.seq))
        body = rows[-1]["body"].replace("slide.viewed", "slide.missed")
        frontier = Frontier()
        for leaf in [*(row["leaf"] for row in rows[:-1]), leaf_hash(body.encode())]:
            frontier.append(leaf)
        last = audit_log_table.c.seq == rows[-1]["seq"]
        altered = {"body": body, "leaf": leaf_hash(body.encode()), "kind": "slide.missed"}
        await tx.execute(update(audit_log_table).where(last).values(**altered))
        hashes = [digest.hex() for digest in frontier.hashes]
        await tx.execute(update(audit_shard).where(audit_shard.c.name == "2026").values(hashes=hashes))
    assert codes(await verdict(database, key, signed, later)) == {"tree-altered"}


async def test_a_time_written_in_another_way_is_altered(sqlite_url: str) -> None:
    """SQLite keeps instants as text, and finds them by it."""
    key = Ed25519PrivateKey.generate()
    sqlite = Database(sqlite_url, MASTER_KEY)
    await fill(sqlite, key)
    for written in ("replace(at, ' ', char(1))", "replace(at, ' ', 'T')", "replace(at, '-', '')", "'x'", "''"):
        with pytest.raises(_Undone):
            async with sqlite.write(SYSTEM, unaudited="a crime") as tx:
                await tx.execute(text(f"UPDATE audit_log SET at = {written} WHERE seq = 3"))  # noqa: S608
                assert codes(await verdict_of(tx, key)) == {"copy-altered"}
                raise _Undone
    await sqlite.close()


async def test_what_waits_and_is_no_record_is_told_and_nothing_else_is_lost(database: Database) -> None:
    key = Ed25519PrivateKey.generate()
    await fill(database, key)
    for waiting in (
        {"x": 1},
        {"id": "i", "at": "2026-01-01T00:00:00Z", "kind": "k", "actor": "", "detail": {"n": 1e300}},
    ):
        async with database.write(SYSTEM, unaudited="a crime") as tx:
            await tx.insert(audit_pending, record=waiting)
        with pytest.raises(Unavailable):
            await audit_log.seal_all(database, LOG)
        assert codes(await verdict(database, key)) == set()
        async with database.write(SYSTEM, unaudited="mended") as tx:
            await tx.execute(delete(audit_pending))


async def test_nodes_that_disagree_about_the_name_do_not_open_trees_in_turn(database: Database) -> None:
    for number in range(6):
        async with database.write(SYSTEM) as tx:
            await tx.audit("slide.viewed", SLIDE)
        await audit_log.seal_all(database, ("one.test", "other.test")[number % 2])
    async with database.read() as reader:
        origins = [shard.origin.rpartition("/")[0] for shard in await audit_log.shards(reader)]
    assert origins == ["one.test", "other.test"]


async def test_another_name_of_the_log_begins_another_tree(database: Database) -> None:
    key = Ed25519PrivateKey.generate()
    before = await fill(database, key, records=300)
    async with database.write(SYSTEM) as tx:
        await tx.audit("slide.viewed", SLIDE)
    await audit_log.seal_all(database, "moved.test")
    after = await audit_log.checkpoint(database, "moved.test", key)
    assert after is not None
    assert codes(await verdict(database, key, before, after)) == set()
    async with database.read() as reader:
        old, new = await audit_log.shards(reader)
        opened = await reader.scalar(select(audit_log_table.c.body).where(audit_log_table.c.seq == new.start))
    assert (old.origin.split("/")[0], new.origin.split("/")[0]) == ("audit.test", "moved.test")
    assert '"because":"renamed"' in opened


async def test_proofs_need_no_kept_subtrees(database: Database, owner: Database) -> None:
    await fill(database, Ed25519PrivateKey.generate(), records=600)
    async with database.read() as reader:
        (tree,) = await audit_log.shards(reader)
        proofs = (
            await audit_log.inclusion_proof(reader, tree, 3, 601),
            await audit_log.consistency_proof(reader, tree, 300, 601),
        )
    async with owner.write(SYSTEM, unaudited="a log of an earlier version kept none") as tx:
        await tx.execute(text("DELETE FROM audit_node"))
    async with database.read() as reader:
        assert proofs == (
            await audit_log.inclusion_proof(reader, tree, 3, 601),
            await audit_log.consistency_proof(reader, tree, 300, 601),
        )


async def test_a_log_signed_by_another_key_is_false(database: Database) -> None:
    await fill(database, Ed25519PrivateKey.generate())
    assert codes(await verdict(database, Ed25519PrivateKey.generate())) == {"checkpoint-false"}


async def test_a_log_signed_by_an_earlier_key_is_right(database: Database) -> None:
    before, after = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    await fill(database, before)
    await fill(database, after, records=3)
    keys = [one.public_key().public_bytes_raw() for one in (after, before)]
    async with database.read() as reader:
        assert (await audit_check.verify(reader, keys)).problems == ()
