"""Two nodes behind a balancer, PostgreSQL and Valkey, twenty clients in one room that act and look, ten on each; one node is
killed, hangs, or is asked to stop. Beside it, in the same run and through the same balancer, the peers' own clients, as they
come.

Clients, balancer and nodes share two cores; the clients are those of the soak, which come back by the rules of the page's."""

import asyncio
import os
import signal
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from random import Random
from typing import Final

from telepath.db.database import Database
from telepath.db.migrations import upgrade
from tests.balancer import Balancer, Pipe
from tests.bench.rooms import made
from tests.builders import MASTER_KEY
from tests.durable_postgres import DurablePostgres
from tests.login import free_port
from tests.room_travellers import Traveller
from tests.rooms import Ward
from tests.soak.rooms import PEOPLE, Nodes, Place, Valkey

CLIENTS: Final = 20
ACT_EVERY: Final = 2.0
"""Seconds between two operations of a client, on average: ten a second in the room."""
HERTZ: Final = 30
ROUNDS: Final = 6
PATIENCE: Final = 40.0
PEERS: Final = {"socketio": "socket.io", "yjs": "y-websocket"}


class Service:
    """Two nodes, with half of the clients on each."""

    def __init__(self, front: Balancer, nodes: Nodes, travellers: list[Traveller]) -> None:
        self.front, self.nodes, self.travellers = front, nodes, travellers
        self.turn = 0

    @property
    def ports(self) -> list[int]:
        return [place.port for place in self.nodes.places]

    def on(self, port: int) -> list[Pipe]:
        return [pipe for pipe in self.front.pipes if pipe.node == port]

    async def settle(self) -> None:
        """Until half of them are on each node."""
        await until(lambda: len(self.front.pipes) == CLIENTS)
        less, more = sorted(self.ports, key=lambda port: len(self.on(port)))
        self.front.nodes = [less]
        for pipe in self.on(more)[CLIENTS // 2 :]:
            pipe.cut()
        await until(lambda: len(self.on(less)) == len(self.on(more)) == CLIENTS // 2)
        await until(lambda: all(one.linked for one in self.travellers))
        self.front.nodes = self.ports
        await asyncio.sleep(1.5)  # as it goes on

    async def struck(self, which: signal.Signals, *, known: bool = False) -> list[Traveller]:
        """One node gets the signal; returns when all who were on it have been welcomed on the other: these, in the order in
        which they were. ``known``: the balancer knows at once that it hangs; one that is gone refuses connections."""
        port = self.ports[self.turn]
        were = {one: len(one.welcomes) for one in self.travellers}
        count = len(self.on(port))
        if known:
            self.front.nodes = [self.ports[1 - self.turn]]
        for one in self.travellers:
            one.gap = 0.0
        self.begun = asyncio.get_running_loop().time()
        self.nodes.send(self.turn, which)
        await until(lambda: sum(len(one.welcomes) > before for one, before in were.items()) >= count)
        await asyncio.sleep(0.5)
        return [one for one, before in were.items() if len(one.welcomes) > before]

    async def resumed(self, which: signal.Signals, *, known: bool = False) -> list[float]:
        """Milliseconds from the signal until each is welcomed."""
        moved = await self.struck(which, known=known)
        return [next(at - self.begun for at, _ in one.welcomes if at > self.begun) * 1000 for one in moved]

    async def again(self, *, hung: bool = False) -> None:
        """The node is there again; the next one is the other."""
        if hung:
            self.nodes.send(self.turn, signal.SIGKILL)
        await self.nodes.ended(self.turn)
        await self.nodes.start(self.turn)
        self.turn = 1 - self.turn
        await self.settle()


async def measure(service: Service) -> None:
    await service.settle()
    killed: list[float] = []
    for _ in range(ROUNDS):
        killed += await service.resumed(signal.SIGKILL)
        await service.again()
    told("telepath, kill -9", killed)
    hung: list[float] = []
    for _ in range(ROUNDS // 2):
        hung += await service.resumed(signal.SIGSTOP, known=True)
        await service.again(hung=True)
    told("telepath, hung, balancer knows", hung)
    gaps: list[float] = []
    quiet: list[float] = []
    beside = 0
    for _ in range(ROUNDS):
        for one in service.travellers:
            one.gap = 0.0
        await asyncio.sleep(2.0)
        quiet += [one.gap * 1000 for one in service.travellers]
        moved = await service.struck(signal.SIGTERM)
        gaps += [one.gap * 1000 for one in moved]
        beside += sum(one.welcomes[-1][1] for one in moved)
        await service.again()
    told("telepath, longest pause within 2 s without any fault", quiet)
    told("telepath, longest pause while the node drains", gaps)
    print(f"  {beside} of {len(gaps)} were welcomed while the socket before still stood")


async def measure_peer(kind: str, which: signal.Signals) -> None:
    """As many of its own clients, on one of two servers; then that one is struck."""
    folder = made.node()
    if folder is None:
        print(f"{PEERS[kind]} is missing")
        return
    name = f"{PEERS[kind]}, {'kill -9' if which is signal.SIGKILL else 'hung, balancer knows'}"
    ports = [free_port(), free_port()]
    servers = [await _started(*made.command(kind), str(port), folder=folder) for port in ports]
    for port in ports:
        await _reachable(port)
    async with Balancer(ports[:1]) as front:
        clients = await _started(*made.clients(kind), str(front.port), str(CLIENTS), folder=folder)
        try:
            assert clients.stdout is not None
            assert (await clients.stdout.readline()).strip() == b"there"
            front.nodes = ports[1:]
            begun = time.time()
            os.kill(servers[0].pid, which)
            back: list[float] = []
            async with asyncio.timeout(PATIENCE):
                while len(back) < CLIENTS:
                    line = (await clients.stdout.readline()).split()
                    back.append(float(line[1]) - begun * 1000)
            told(name, back)
        except TimeoutError:
            print(f"{name}: {len(back)} of {CLIENTS} came back within {PATIENCE:.0f} s")
        finally:
            for process in (*servers, clients):
                with suppress(ProcessLookupError):
                    process.kill()
                await process.wait()


async def _started(*command: str, folder: Path) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *command, cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL, env=made.environment()
    )


async def _reachable(port: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 - it is other processes
            await asyncio.sleep(0.01)


def told(name: str, milliseconds: Sequence[float]) -> None:
    cuts = statistics.quantiles(milliseconds, n=100, method="inclusive")
    print(f"{name}: p50 {cuts[49]:.0f} ms, p99 {cuts[98]:.0f} ms, longest {max(milliseconds):.0f} ms", flush=True)


@asynccontextmanager
async def running(folder: Path, url: str) -> AsyncIterator[Service]:
    db = Database(url, MASTER_KEY)
    valkey = await asyncio.to_thread(Valkey, folder / "valkey")
    ward = await Ward(db).build()
    room = await ward.room()
    ports = [free_port(), free_port()]
    acting: list[asyncio.Task[None]] = []
    travellers: list[Traveller] = []
    async with Balancer(ports) as front:
        nodes = Nodes([Place(url=url, bus=valkey.url, origin=front.origin, port=port) for port in ports])
        try:
            await nodes.start(0)
            await nodes.start(1)
            for number in range(CLIENTS):
                key = "zoe" if not number else PEOPLE[1 + number % 2]
                one = Traveller(front.origin, key, room, f"{key}-{number}", Random(number), moves=1 / HERTZ)
                one.start(ward.person(key))
                travellers.append(one)
            acting = [asyncio.create_task(act(one)) for one in travellers]
            yield Service(front, nodes, travellers)
        finally:
            for task in acting:
                task.cancel()
            for one in travellers:
                await one.kill()
            nodes.end()
            await asyncio.to_thread(valkey.end)
            await db.close()


async def act(one: Traveller) -> None:
    chance = Random(one.name)
    while True:
        await asyncio.sleep(chance.uniform(0, 2 * ACT_EVERY))
        one.act(f"{one.name}-operation-{len(one.made)}", {"kind": "say", "text": f"Ligne {len(one.made)}."})


async def bench(folder: Path, server: DurablePostgres) -> None:
    for which in (signal.SIGKILL, signal.SIGSTOP):
        for kind in PEERS:
            await measure_peer(kind, which)
    url = server.create("resume")
    await upgrade(url)
    async with running(folder, url) as service:
        await measure(service)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="telepath-") as made_here:
        folder = Path(made_here)
        folder.chmod(0o755)  # PostgreSQL's user must be able to walk to its own
        with DurablePostgres(folder) as server:
            asyncio.run(bench(folder, server))


if __name__ == "__main__":
    main()
