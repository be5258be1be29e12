"""The door of the service, with the simulator behind it, on each kind of database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from telepath.db.database import Database
from tests.builders import MASTER_KEY
from tests.entrance import Entrance, opened


@pytest.fixture
async def entrance(database: Database, tmp_path: Path) -> AsyncIterator[Entrance]:
    async with opened(database, tmp_path) as made:
        yield made


@pytest.fixture
async def plain_entrance(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Entrance]:
    """On SQLite only: for what the database has no part in."""
    db = Database(sqlite_url, MASTER_KEY)
    async with opened(db, tmp_path) as made:
        yield made
    await db.close()
