"""What systemd hears of a node that lives."""

import asyncio
import os
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from web.watchdog import tell_systemd


@pytest.fixture
def systemd(short_folder: Path) -> Iterator[socket.socket]:
    path = short_folder / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(path))
        listening.setblocking(False)
        yield listening
    path.unlink()


async def test_a_node_that_lives_says_so_again_and_again(systemd: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    asked = {"NOTIFY_SOCKET": systemd.getsockname(), "WATCHDOG_USEC": "80000", "WATCHDOG_PID": str(os.getpid())}
    telling = asyncio.create_task(tell_systemd(asked))
    begun = loop.time()
    async with asyncio.timeout(20):
        assert [await loop.sock_recv(systemd, 100) for _ in range(3)] == [b"WATCHDOG=1"] * 3
    assert loop.time() - begun >= 0.04, "not oftener than needed"
    telling.cancel()
    with suppress(asyncio.CancelledError):
        await telling


@pytest.mark.parametrize(
    "without",
    [{"NOTIFY_SOCKET": ""}, {"WATCHDOG_USEC": ""}, {"WATCHDOG_USEC": "0"}, {"WATCHDOG_PID": "1"}],
    ids=["no socket", "no time", "a time of nothing", "another process is meant"],
)
async def test_nothing_is_said_where_nobody_asks(without: dict[str, str], systemd: socket.socket) -> None:
    async with asyncio.timeout(20):
        await tell_systemd({"NOTIFY_SOCKET": systemd.getsockname(), "WATCHDOG_USEC": "80000"} | without)
    with pytest.raises(BlockingIOError):
        systemd.recv(100)
