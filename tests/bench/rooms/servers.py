"""Who sends frames from one to all: a node of ours, and the peers. Each a process of its own, on the first core."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

from realtime.opening import COMING
from telepath.db.database import Database, utc_now
from telepath.db.migrations import upgrade
from tests.bench.rooms import made
from tests.bench.tiles.servers import ASKED_FROM, SERVED_ON, Server, listening, process
from tests.builders import MASTER_KEY
from tests.login import free_port
from tests.rooms import Ward


class Peer(NamedTuple):
    name: str
    dialect: str
    path: str = "/room"


FLOOR: Final = Peer("C epoll, send()", "plain")
WS: Final = Peer("Node ws", "plain")
BROADCAST: Final = Peer("websockets.broadcast", "plain")
SOCKETIO: Final = Peer("socket.io", "socketio", "/socket.io/?EIO=4&transport=websocket")
YJS: Final = Peer("y-websocket", "yjs")
_KINDS: Final = {WS: "ws", SOCKETIO: "socketio", YJS: "yjs"}


def present(*peers: Peer) -> list[Peer]:
    """Those that can be had here; the others are told."""
    found = []
    for peer in peers:
        if (peer is FLOOR and made.program("floor") is None) or (peer in _KINDS and made.node() is None):
            print(f"{peer.name} is missing")
        else:
            found.append(peer)
    return found


@contextmanager
def running(peer: Peer, folder: Path) -> Iterator[Server]:
    if peer in _KINDS:
        command = ["env", "-C", str(made.node()), *made.command(_KINDS[peer])]
    elif peer is FLOOR:
        command = [str(made.program("floor"))]
    else:
        command = [sys.executable, "-m", "tests.bench.rooms.broadcast"]
    with _listening(command, folder) as server:
        yield server


@contextmanager
def node(folder: Path, database: str, bus: str = "", *, core: int | None = SERVED_ON) -> Iterator[Server]:
    """``bus``: empty, or the address of Valkey."""
    with _listening([sys.executable, "-m", "tests.bench.rooms.node", database, bus], folder, core) as server:
        yield server


@contextmanager
def link(folder: Path, server: Server, mbits: float, delay: float) -> Iterator[int]:
    """The port of a bad link to ``server``: ``delay`` ms one way."""
    port = free_port()
    command = [sys.executable, "-m", "tests.bench.rooms.link", str(port), str(server.port), str(mbits), str(delay)]
    log = folder / f"{port}.log"
    with process(command, log=log, core=ASKED_FROM) as started:
        listening(started, log, port=port)
        yield port


@contextmanager
def _listening(command: list[str], folder: Path, core: int | None = SERVED_ON) -> Iterator[Server]:
    port = free_port()
    log = folder / f"{port}.log"
    with process([*command, str(port)], log=log, core=core) as started:
        listening(started, log, port=port)
        yield Server(port, started)


def _same(time: datetime) -> datetime:
    return time


def rooms(folder: Path, count: int) -> tuple[str, list[str]]:
    """A new database with so many rooms: its address, and their paths."""
    database = f"sqlite+aiosqlite:///{folder / 'bench.db'}"

    async def build() -> list[str]:
        await upgrade(database)
        db = Database(database, MASTER_KEY)
        try:
            ward = await Ward(db).build()
            # Opened apart: within COMING the second of two who open one would be led to the first one's.
            times = (utc_now() - 2 * number * COMING for number in range(count, 0, -1))
            paths = []
            for time in times:
                db.clock = partial(_same, time)
                paths.append(f"/rooms/{await ward.room()}/live")
            assert len(set(paths)) == count
            return paths
        finally:
            await db.close()

    return database, asyncio.run(build())
