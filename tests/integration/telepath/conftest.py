"""Who outside keeps the heads of a log, and a log whose time one sets."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from telepath.anchors.folder import FolderAnchor
from telepath.anchors.witness import WitnessAnchor
from telepath.db.database import Database
from tests.anchors import KEY, Witness
from tests.builders import Clock


@pytest.fixture
def clock(database: Database) -> Clock:
    made = Clock()
    database.clock = made
    return made


@pytest.fixture
def folder(tmp_path: Path) -> FolderAnchor:
    return FolderAnchor(tmp_path / "anchors", "the folder", timedelta())


@pytest.fixture
def witness(tmp_path: Path) -> Iterator[Witness]:
    with Witness(tmp_path / "witness.json", KEY.public_key().public_bytes_raw()).serving() as serving:
        yield serving


@pytest.fixture
async def told(witness: Witness) -> AsyncIterator[WitnessAnchor]:
    anchor = WitnessAnchor(witness.address, witness.key, "the witness", timedelta())
    yield anchor
    await anchor.close()
