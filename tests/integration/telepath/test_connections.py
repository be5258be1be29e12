"""telepath/db/connections.py: what comes out of the pool lives, and stands in no old transaction."""

import asyncio
from typing import Any

import psycopg
import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import DBAPIError

from telepath.actor import SYSTEM
from telepath.db import connections
from telepath.db.database import Database
from telepath.db.schema.outbox import outbox
from tests.builders import MASTER_KEY, NOON

ROW = {"kind": "room.invited", "body": {}, "emitted_at": NOON, "due_at": NOON, "attempts": 0}


async def rows(db: Database) -> int:
    async with db.read() as reader:
        return int(await reader.scalar(select(func.count()).select_from(outbox)))


async def test_what_was_not_committed_is_rolled_back_before_the_next_one_has_the_connection(database: Database) -> None:
    async with database._writer.connect() as connection:
        await connection.execute(insert(outbox).values(**ROW))
    assert await rows(database) == 0
    async with database.write(SYSTEM, unaudited="a test") as tx:
        await tx.insert(outbox, **ROW)
    assert await rows(database) == 1


async def test_who_is_cancelled_at_any_moment_of_a_reading_gives_the_connection_back(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The driver lets others go on wherever it has worked for long.
    monkeypatch.setattr(psycopg.waiting, "MAX_BUSY_TIME", -1.0)
    pool: Any = database.engine.pool
    await asyncio.gather(*(rows(database) for _ in range(5)))
    whole, steps = False, 0
    while not whole:
        reading = asyncio.create_task(rows(database))
        for _ in range(steps):
            await asyncio.sleep(0)
        reading.cancel()
        whole = (await asyncio.gather(reading, return_exceptions=True))[0] == 0
        async with asyncio.timeout(5):
            while pool.checkedout():  # noqa: ASYNC110 - nothing announces it
                await asyncio.sleep(0.001)
        steps += 1
    assert steps > 5, "was cancelled in the middle"


async def test_nothing_is_changed_through_what_was_opened_to_read(postgres_url: str) -> None:
    db = Database(postgres_url, MASTER_KEY)
    async with db.read() as reader:
        assert await reader.scalar(text("SHOW transaction_isolation")) == "repeatable read"
        with pytest.raises(DBAPIError, match="read-only"):
            await reader.connection.execute(insert(outbox).values(**ROW))
        await reader.connection.rollback()
    await db.close()


async def test_who_is_cancelled_in_a_transaction_leaves_nothing_of_it(database: Database) -> None:
    inside = asyncio.Event()

    async def write() -> None:
        async with database.write(SYSTEM, unaudited="a test") as tx:
            await tx.insert(outbox, **ROW)
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(write())
    await inside.wait()
    task.cancel()
    await asyncio.wait([task])
    assert await rows(database) == 0
    async with database.write(SYSTEM, unaudited="a test") as tx:
        await tx.insert(outbox, **ROW)
    assert await rows(database) == 1


async def test_connections_that_the_server_ended_while_they_rested_are_replaced_unseen(postgres_url: str) -> None:
    db = Database(postgres_url, MASTER_KEY)
    await asyncio.gather(*(rows(db) for _ in range(5)))
    with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as other:
        ended = other.execute(
            "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ).fetchone()
    assert ended is not None
    assert ended[0] >= 1
    assert await asyncio.gather(*(rows(db) for _ in range(5))) == [0] * 5
    await db.close()


@pytest.mark.parametrize(("rested", "asked"), [(0.0, 0), (connections.ASK_AFTER, 1)])
async def test_a_connection_is_asked_only_after_a_long_rest(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch, rested: float, asked: int
) -> None:
    db = Database(postgres_url, MASTER_KEY)
    await rows(db)
    pings = 0
    ping = db.engine.sync_engine.dialect.do_ping

    def count(connection: object) -> bool:
        nonlocal pings
        pings += 1
        return ping(connection)  # type: ignore[arg-type]

    monkeypatch.setattr(db.engine.sync_engine.dialect, "do_ping", count)
    before = connections.time.monotonic  # type: ignore[attr-defined]
    monkeypatch.setattr(connections.time, "monotonic", lambda: before() + rested)  # type: ignore[attr-defined]
    await rows(db)
    assert pings == asked
    await db.close()


async def test_sqlite_writes_are_durable_at_the_commit(sqlite_url: str) -> None:
    db = Database(sqlite_url, MASTER_KEY)
    async with db.write(SYSTEM, unaudited="a test") as tx:
        assert await tx.connection.scalar(text("PRAGMA synchronous")) == 2  # FULL
        assert await tx.connection.scalar(text("PRAGMA journal_mode")) == "wal"
        driver = (await tx.connection.get_raw_connection()).driver_connection
        assert driver is not None
        assert driver.in_transaction
    await db.close()
