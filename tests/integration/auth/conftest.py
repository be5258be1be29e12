"""The door of the service, with the simulator behind it, on each kind of database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from telepath.db.database import Database
from tests.builders import MASTER_KEY
from tests.entrance import Entrance, opened
from tests.simulator_stand import Stand, standing


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


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def one_stand() -> AsyncIterator[Stand]:
    async with standing() as made:
        yield made


@pytest.fixture
def stand(one_stand: Stand) -> Stand:
    """The same for every test, and as new: keys and servers are dear."""
    one_stand.start_anew()
    return one_stand
