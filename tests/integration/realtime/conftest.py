"""The people of rooms, on both databases. A test that needs servers beside takes one database, by a fixture of its own."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Final

import pytest
import uvloop

from realtime.bus_memory import MemoryBus
from telepath.db.database import Database
from tests.rooms import Node, Ward, node

SERVED: Final = frozenset(
    {"test_fan_out", "test_hostile_clients", "test_live", "test_live_coming", "test_live_facts", "test_pace"}
)
"""Modules that speak to sockets: they run on the loop that the service takes too (web/cli.py), whose transports are not
asyncio's."""


def pytest_asyncio_loop_factories(item: pytest.Item) -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    factories: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {"asyncio": asyncio.new_event_loop}
    if item.path.stem in SERVED:
        factories["uvloop"] = uvloop.new_event_loop
    return factories


@pytest.fixture
async def ward(database: Database) -> Ward:
    return await Ward(database).build()


@pytest.fixture(params=["our own socket", "plain ASGI"])
async def place(request: pytest.FixtureRequest, ward: Ward) -> AsyncIterator[Node]:
    """A node, by either way to speak to sockets."""
    async with node(ward.db, MemoryBus(), plain=request.param == "plain ASGI") as running:
        yield running


@pytest.fixture
async def ours(ward: Ward) -> AsyncIterator[Node]:
    """A node as the service runs it."""
    async with node(ward.db, MemoryBus()) as running:
        yield running
