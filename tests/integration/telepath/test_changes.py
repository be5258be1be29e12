"""telepath/db/changes.py, and that the database tells of what it commits."""

import asyncio
from contextlib import suppress

from telepath.actor import SYSTEM
from telepath.db.changes import Changes
from telepath.db.database import Database
from telepath.errors import AuditMissing

LONG = 60.0


async def test_who_waits_goes_on_at_the_next_commit() -> None:
    changes = Changes()
    async with asyncio.timeout(10):
        waiting = [asyncio.create_task(changes.after(0, LONG)) for _ in range(3)]
        await asyncio.sleep(0)
        changes.tell()
        await asyncio.gather(*waiting)


async def test_who_missed_one_waits_for_none() -> None:
    changes = Changes()
    changes.tell()
    async with asyncio.timeout(10):
        await changes.after(0, LONG)


async def test_nobody_waits_longer_than_that() -> None:
    changes = Changes()
    async with asyncio.timeout(10):
        await changes.after(changes.count, 0.01)
    assert changes.count == 0


async def test_the_database_tells_of_its_commits_and_of_nothing_else(database: Database) -> None:
    before = database.changes.count
    async with database.read():
        pass
    with suppress(AuditMissing):
        async with database.write(SYSTEM):
            pass
    assert database.changes.count == before
    async with database.write(SYSTEM, unaudited="test"):
        pass
    await database.record(SYSTEM, "audit.verified")
    assert database.changes.count == before + 2
