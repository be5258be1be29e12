"""Timers on three nodes that are ended by SIGKILL again and again: none is lost, none fires twice. ``make soak`` has more."""

from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import delete, insert, select

from telepath.actor import SYSTEM
from telepath.db.database import Database
from telepath.db.migrations import upgrade
from telepath.db.schema.outbox import outbox
from tests.builders import MASTER_KEY
from tests.durable_postgres import DurablePostgres
from tests.soak.timekeepers import SECOND, Kept, check, keep

pytestmark = pytest.mark.slow

COUNT: Final = 200
KILLS: Final = 10
"""On each database. A timer sets a second one: twice as many fire."""


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_every_timer_fires_once_whatever_node_is_ended_at_whatever_moment(
    kind: str, server: DurablePostgres, tmp_path: Path, seed: str
) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'timers.db'}" if kind == "sqlite" else server.create("timers")
    await upgrade(url)
    found = await keep(url, seed, count=COUNT, kills=KILLS)
    assert (found.fired, found.kills) == (2 * COUNT, KILLS)
    db = Database(url, MASTER_KEY)
    try:
        await _is_seen(db)
    finally:
        await db.close()


async def _is_seen(db: Database) -> None:
    """What is lost or doubled would be noticed."""
    async with db.read() as reader:
        (row,) = await reader.all(select(outbox).where(outbox.c.kind == SECOND).limit(1))
    again = {name: row[name] for name in ("kind", "body", "emitted_at", "due_at", "attempts")}
    async with db.write(SYSTEM, unaudited="a test") as tx:
        await tx.execute(insert(outbox).values(again))
    with pytest.raises(AssertionError, match="fired twice"):
        await check(db, COUNT, Kept())
    async with db.write(SYSTEM, unaudited="a test") as tx:
        await tx.execute(delete(outbox).where(outbox.c.kind == SECOND))
    with pytest.raises(AssertionError, match="never fired"):
        await check(db, COUNT, Kept())
