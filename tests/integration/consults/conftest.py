"""Somebody who asks, and two who read."""

import pytest

from telepath.db.database import Database
from tests.consult_story import Story


@pytest.fixture
async def story(database: Database) -> Story:
    return await Story(database).set_up()
