"""The door of the service, with the simulator behind it, on each kind of database."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from telepath.db.database import Database
from tests.entrance import Entrance, opened
from web.pages import Pages


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Pages:
    """Templates, and a client that looks built."""
    folder = tmp_path_factory.mktemp("static")
    names = ("app.css", "favicon.svg", "live.js")
    (folder / "manifest.json").write_text(json.dumps({name: name for name in names}))
    return Pages(static=folder)


@pytest.fixture
async def entrance(database: Database, pages: Pages, tmp_path: Path) -> AsyncIterator[Entrance]:
    async with opened(database, pages, tmp_path) as made:
        yield made


@pytest.fixture
async def plain_entrance(sqlite_url: str, pages: Pages, tmp_path: Path) -> AsyncIterator[Entrance]:
    """On SQLite only: for what the database has no part in."""
    db = Database(sqlite_url)
    async with opened(db, pages, tmp_path) as made:
        yield made
    await db.close()
