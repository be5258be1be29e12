"""The people of rooms, on both databases. A test that needs servers beside takes one database, by a fixture of its own."""

import pytest

from telepath.db.database import Database
from tests.rooms import Ward


@pytest.fixture
async def ward(database: Database) -> Ward:
    return await Ward(database).build()
