"""/health: whether a node can serve."""

from pathlib import Path

import pytest

from telepath.db.database import Database
from tests.builders import MASTER_KEY
from tests.house import house, visited
from web.routes import health


async def test_a_node_whose_parts_answer_is_ready(database: Database, tmp_path: Path) -> None:
    async with visited(house(database, tmp_path), health.routes) as browser:
        answer = await browser.get("/health")
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
        assert (await browser.get("/health/live")).json() == {"status": "ok"}


async def test_a_node_without_its_bus_still_serves_and_says_so(database: Database, tmp_path: Path) -> None:
    made = house(database, tmp_path)
    await made.bus.close()
    async with visited(made, health.routes) as browser:
        answer = await browser.get("/health")
        assert (answer.status_code, answer.json()) == (200, {"status": "degraded"})


@pytest.mark.parametrize("url", ["postgresql+psycopg://nobody@127.0.0.1:1/none", "sqlite+aiosqlite:////nowhere/x.db"])
async def test_a_node_without_its_database_is_not_ready_and_gives_no_details(url: str, tmp_path: Path) -> None:
    db = Database(url, MASTER_KEY)
    async with visited(house(db, tmp_path), health.routes) as browser:
        answer = await browser.get("/health")
        assert (answer.status_code, answer.json()) == (503, {"status": "unavailable"})
        assert (await browser.get("/health/live")).status_code == 200
    await db.close()
