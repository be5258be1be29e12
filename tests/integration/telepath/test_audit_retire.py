"""telepath/db/audit_retire.py: a tree goes as a whole when it is old enough; verification knows it from one that was taken."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, select, update

from telepath.actor import SYSTEM
from telepath.audit import Frontier
from telepath.db import audit_check, audit_log, audit_retire
from telepath.db.audit_check import Verdict
from telepath.db.database import Database
from telepath.db.schema.audit import audit_checkpoint, audit_shard
from telepath.db.schema.audit import audit_log as log_table
from tests.anchors import KEY, LOG
from tests.audit_copies import fill
from tests.builders import Clock


@pytest.fixture
async def years(database: Database, owner: Database) -> list[str]:
    """Trees of 2026 to 2029, of four records each, and the signed head of each; it is now the middle of 2029."""
    clock = Clock(datetime(2026, 6, 1, tzinfo=UTC))
    database.clock = owner.clock = clock
    notes = []
    for year in (2026, 2027, 2028, 2029):
        clock.now = datetime(year, 6, 1, tzinfo=UTC)
        await fill(database, 1)
        notes.append(await fill(database, 2))
    return notes


def signing(db: Database) -> Callable[[], Awaitable[None]]:
    async def signed() -> None:
        await audit_log.seal_all(db, LOG)
        await audit_log.checkpoint(db, LOG, KEY)

    return signed


async def names(db: Database, after: int) -> list[str]:
    async with db.read() as reader:
        return [shard.name for shard in await audit_retire.due(reader, after)]


async def verdict(db: Database, *outside: str, retention: int = 1) -> Verdict:
    async with db.read() as reader:
        return await audit_check.verify(reader, [KEY.public_key().public_bytes_raw()], outside, retention=retention)


async def retire(owner: Database, after: int) -> list[int]:
    async with owner.read() as reader:
        due = await audit_retire.due(reader, after)
    return [await audit_retire.retire(owner, SYSTEM, shard, signing(owner)) for shard in due]


async def test_a_tree_is_due_when_its_year_is_over_by_the_retention(
    database: Database, owner: Database, years: list[str]
) -> None:
    database.clock = Clock(datetime(2029, 12, 31, 23, 59, tzinfo=UTC))
    assert await names(database, 3) == [], "its last day is not three years over"
    database.clock = Clock(datetime(2030, 1, 1, tzinfo=UTC))
    assert await names(database, 3) == ["2026"]
    assert await names(database, 1) == ["2026", "2027", "2028"]
    assert await names(database, 0) == [], "for ever"
    database.clock = Clock(datetime(2060, 2, 29, tzinfo=UTC))
    assert await names(database, 1) == ["2026", "2027", "2028"], "the tree that grows stays"


async def test_what_is_left_of_a_retired_tree_verifies(database: Database, owner: Database, years: list[str]) -> None:
    owner.clock = Clock(datetime(2029, 7, 1, tzinfo=UTC))
    assert await retire(owner, 1) == [4, 4]
    async with database.read() as reader:
        heads = await reader.all(select(audit_checkpoint.c.shard, audit_checkpoint.c.size))
        told = await audit_retire.retired(reader)
    assert {(row["shard"], row["size"]) for row in heads} >= {("2026", 4), ("2027", 4), ("2028", 2), ("2028", 4)}
    assert not {(row["shard"], row["size"]) for row in heads} & {("2026", 2), ("2027", 2)}
    assert [(one.tree, one.size, one.until[:10]) for one in told.values()] == [
        ("2026", 4, "2026-06-01"),
        ("2027", 4, "2027-06-01"),
    ]
    found = await verdict(database, *years, retention=1)
    assert (found.records, found.retired, found.problems) == (10, ("2026", "2027"), ())
    assert await retire(owner, 1) == [], "once"
    async with database.write(SYSTEM) as tx:  # the log goes on
        await tx.audit("audit.verified")
    await signing(database)()
    assert (await verdict(database, *years)).problems == ()


async def test_a_tree_whose_retirement_was_retired_too_still_verifies(
    database: Database, owner: Database, years: list[str]
) -> None:
    for moment, after, gone in (
        (datetime(2029, 7, 1, tzinfo=UTC), 2, [4]),
        (datetime(2034, 1, 1, tzinfo=UTC), 4, [4, 4]),
    ):
        owner.clock = Clock(moment)
        assert await retire(owner, after) == gone
    owner.clock = database.clock = Clock(datetime(2040, 1, 1, tzinfo=UTC))
    assert [await retire(owner, 5), await retire(owner, 5)] == [[5], [3]]
    found = await verdict(database, *years)
    assert found.problems == ()


async def test_after_a_crash_between_record_and_deletion_it_is_finished(
    database: Database, owner: Database, years: list[str]
) -> None:
    owner.clock = Clock(datetime(2029, 7, 1, tzinfo=UTC))
    async with owner.read() as reader:
        (shard,) = await audit_retire.due(reader, 2)

    class Killed(Exception):
        pass

    async def signed_and_killed() -> None:
        await signing(owner)()
        raise Killed

    with pytest.raises(Killed):
        await audit_retire.retire(owner, SYSTEM, shard, signed_and_killed)
    assert (await verdict(database, *years)).problems == ()
    assert await retire(owner, 2) == [4]
    async with database.read() as reader:
        kinds = await reader.all(select(log_table.c.kind).where(log_table.c.kind == audit_retire.KIND))
    assert len(kinds) == 1
    assert (await verdict(database, *years)).problems == ()


async def test_a_tree_that_was_taken_without_a_word_is_found(
    database: Database, owner: Database, years: list[str]
) -> None:
    async with owner.write(SYSTEM, unaudited="a crime") as tx:
        await tx.execute(delete(log_table).where(log_table.c.seq < 4))
    assert "record-missing" in {problem.code for problem in (await verdict(database)).problems}


async def test_one_that_was_taken_beside_one_that_was_retired_is_found(
    database: Database, owner: Database, years: list[str]
) -> None:
    owner.clock = Clock(datetime(2029, 7, 1, tzinfo=UTC))
    assert await retire(owner, 2) == [4]
    async with owner.write(SYSTEM, unaudited="a crime") as tx:
        await tx.execute(delete(log_table).where(log_table.c.seq < 8))
    assert "record-missing" in {problem.code for problem in (await verdict(database)).problems}


async def test_what_is_left_of_a_retired_tree_cannot_be_changed(
    database: Database, owner: Database, years: list[str]
) -> None:
    owner.clock = Clock(datetime(2029, 7, 1, tzinfo=UTC))
    await retire(owner, 2)
    async with owner.write(SYSTEM, unaudited="a crime") as tx:
        await tx.execute(update(audit_shard).where(audit_shard.c.name == "2026").values(hashes=["00" * 32]))
    codes = {problem.code for problem in (await verdict(database, *years)).problems}
    assert codes == {"tree-altered", "head-differs"}


async def test_a_tree_that_was_retired_too_early_is_found_whatever_the_record_says(
    database: Database, owner: Database, years: list[str]
) -> None:
    owner.clock = Clock(datetime(2049, 7, 1, tzinfo=UTC))  # who deletes also writes the record, and its date
    assert await retire(owner, 3) == [4, 4, 4]
    for retention, early in ((0, {"2026", "2027", "2028"}), (1, {"2028"}), (2, {"2027", "2028"})):
        problems = (await verdict(database, *years, retention=retention)).problems
        assert {problem.code for problem in problems} == {"tree-retired-early"}
        assert {problem.params["tree"] for problem in problems} == early


async def test_the_end_of_a_retired_tree_is_what_the_next_one_says(
    database: Database, owner: Database, years: list[str]
) -> None:
    owner.clock = Clock(datetime(2029, 7, 1, tzinfo=UTC))
    async with owner.read() as reader:
        (shard,) = await audit_retire.due(reader, 2)
    async with owner.write(SYSTEM) as tx:  # who retires by hand says what they like of it, and keeps that
        shorter = Frontier(1, [b"\x00" * 32])
        await tx.execute(delete(log_table).where(log_table.c.seq < shard.end))
        await tx.execute(delete(audit_checkpoint).where(audit_checkpoint.c.shard == shard.name))
        kept = {"size": 1, "hashes": [digest.hex() for digest in shorter.hashes]}
        await tx.execute(update(audit_shard).where(audit_shard.c.name == shard.name).values(**kept))
        await tx.audit(
            audit_retire.KIND, tree=shard.name, size=1, root=shorter.root().hex(), until="2026-06-01T00:00:00+00:00"
        )
    await signing(owner)()
    assert {problem.code for problem in (await verdict(database)).problems} == {"tree-altered"}


async def test_a_tree_is_as_old_as_outsiders_know_it(database: Database, owner: Database, years: list[str]) -> None:
    """Whoever calls the tree of this year that of twenty years ago, and has the service retire it."""
    owner.clock = database.clock = Clock(datetime(2029, 8, 1, tzinfo=UTC))
    async with owner.write(SYSTEM) as tx:
        for table, column in ((audit_shard, audit_shard.c.name), (audit_checkpoint, audit_checkpoint.c.shard)):
            await tx.execute(update(table).where(column == "2026").values({column.name: "2006"}))
        (renamed,) = [shard for shard in await audit_log.shards(tx) if shard.name == "2006"]
        root = renamed.frontier.root().hex()
        await tx.audit(audit_retire.KIND, tree="2006", size=4, root=root, until="2006-12-31T00:00:00+00:00")
        await tx.execute(delete(log_table).where(log_table.c.seq < renamed.end))
    await signing(owner)()
    assert "tree-altered" in {problem.code for problem in (await verdict(database, *years, retention=20)).problems}
    async with owner.write(SYSTEM, unaudited="a crime") as tx:
        origin = f"{LOG}/2006"
        await tx.execute(update(audit_shard).where(audit_shard.c.name == "2006").values(origin=origin))
    codes = {problem.code for problem in (await verdict(database, *years, retention=20)).problems}
    assert {"tree-missing", "tree-altered"} <= codes


async def test_a_tree_that_still_has_records_is_not_held_for_retired(database: Database, years: list[str]) -> None:
    for tree in ("2026", "2029"):  # what everybody with the service's own role can write
        async with database.write(SYSTEM) as tx:
            await tx.audit(audit_retire.KIND, tree=tree, size=4, root="", until="2006-12-31T00:00:00+00:00")
            await tx.audit(audit_retire.KIND, tree=tree)  # says nothing
    await signing(database)()
    async with database.read() as reader:
        assert [shard.name for shard in await audit_retire.kept(reader)] == ["2026", "2027", "2028", "2029"]
