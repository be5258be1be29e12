"""What the runs have in common: a server that keeps what it acknowledged, and a seed that does a run again."""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.durable_postgres import DurablePostgres


@pytest.fixture(scope="module")
def server(short_folder: Path, request: pytest.FixtureRequest) -> Iterator[DurablePostgres]:
    folder = short_folder / request.node.path.stem
    folder.mkdir()
    with DurablePostgres(folder) as server:
        yield server


@pytest.fixture
def seed() -> str:
    """``SOAK_SEED`` of the environment does a run again."""
    chosen = os.environ.get("SOAK_SEED") or secrets.token_hex(4)
    print(f"SOAK_SEED={chosen}")
    return chosen
