"""Tiles of one generated slide over HTTP: the tile route, and OpenSlide's DeepZoomGenerator in a plain threaded application on
the same file in the same run. Real server processes, real sockets on loopback, one load process for both.

The peer is spared what the route does besides: it asks nobody's right, and its tiles (256, no overlap) lie on the file's own
grid, which is kinder to it than the defaults of its example."""

import asyncio
import io
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Final

import msgspec
import openslide
import uvicorn
import uvloop
from openslide.deepzoom import DeepZoomGenerator
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from realtime.bus_memory import MemoryBus
from telepath import grants
from telepath.access import Action
from telepath.db.database import Database
from telepath.db.migrations import upgrade
from telepath.slides import catalogue, ingest, views
from telepath.slides.decoder_pool import DecoderPool
from telepath.slides.synthetic import write_slide
from telepath.storage_local import LocalStorage
from tests.builders import MASTER_KEY, World
from tests.login import free_port
from web.server import serve
from web.settings import Settings
from web.tiles import TileService

KEY: Final = bytes(range(32))
WIDTH, HEIGHT = 12_288, 9_216
CONNECTIONS: Final = (1, 64)
WARM_UP: Final = 1.0
SECONDS: Final = 5.0
ADDRESSES: Final = 4_000
FINEST: Final = 0.7
"""Share of the tiles that are asked of level 0."""


class Measured(msgspec.Struct):
    name: str
    connections: int
    delays: list[float]
    """Milliseconds from the request's write to the answer's last byte."""
    seconds: float
    cpu: float
    """Seconds that the server was on a processor."""

    def centile(self, n: int) -> float:
        return statistics.quantiles(self.delays, n=100, method="inclusive")[n - 1]

    @property
    def rate(self) -> float:
        return len(self.delays) / self.seconds

    @property
    def cost(self) -> float:
        """Microseconds of processor per tile."""
        return self.cpu / len(self.delays) * 1e6


class Client(asyncio.Protocol):
    """A connection that asks for one tile after the other: what it costs is not the server's."""

    def __init__(self, requests: Iterator[bytes], delays: list[float]) -> None:
        self._requests, self._delays = requests, delays
        self._buffer = bytearray()
        self._length = -1
        self._asked = 0.0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._ask()

    def _ask(self) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._asked = time.perf_counter()
            self._transport.write(next(self._requests))

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if self._length < 0:
            head, found, _ = bytes(self._buffer[:2048]).partition(b"\r\n\r\n")
            if not found:
                return
            assert head.startswith(b"HTTP/1.1 200"), head
            at = head.lower().index(b"content-length:") + 15
            self._length = len(head) + 4 + int(head[at:].split(b"\r\n", 1)[0])
        if len(self._buffer) < self._length:
            return
        self._delays.append((time.perf_counter() - self._asked) * 1000)
        self._buffer.clear()
        self._length = -1
        self._ask()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()


async def measure(
    name: str, server: subprocess.Popen[bytes], port: int, paths: list[str], headers: str, n: int
) -> Measured:
    """``n`` connections for WARM_UP and then SECONDS."""
    chance = random.Random(5)
    written = [f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{headers}\r\n".encode() for path in paths]
    delays: list[float] = []
    loop = asyncio.get_running_loop()
    clients = []
    for _ in range(n):
        requests = iter(lambda: chance.choice(written), None)
        client = Client(requests, delays)
        await loop.create_connection(lambda client=client: client, "127.0.0.1", port)  # type: ignore[misc]
        clients.append(client)
    await asyncio.sleep(WARM_UP)
    delays.clear()
    cpu, began = _cpu(server), time.perf_counter()
    await asyncio.sleep(SECONDS)
    measured = Measured(name, n, list(delays), time.perf_counter() - began, _cpu(server) - cpu)
    for client in clients:
        client.close()
    return measured


def _cpu(server: subprocess.Popen[bytes]) -> float:
    """Seconds that this process has been on a processor."""
    fields = Path(f"/proc/{server.pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


# The other processes


async def run_node(database: str, storage: Path, port: int) -> None:
    """The real server with the tile service in front, as web/app.py puts it."""
    settings = Settings(origin=f"http://127.0.0.1:{port}", port=port, log_level="warning")
    db, bus, kept = Database(database, MASTER_KEY), MemoryBus(), LocalStorage(storage)

    async with DecoderPool(kept, 1) as decoders, TileService(db, kept, decoders, KEY, bus) as tiles:

        @asynccontextmanager
        async def lifespan(_app: Starlette) -> AsyncIterator[None]:
            yield

        pages = Starlette(lifespan=lifespan)

        async def application(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http" and tiles.serves(scope["path"]):
                await tiles(scope, receive, send)
            else:
                await pages(scope, receive, send)

        await serve(application, settings)


def run_peer(slide: Path, port: int) -> None:
    """As openslide-python's example does it, on a server that is as fast as ours."""
    source = DeepZoomGenerator(openslide.OpenSlide(slide), tile_size=256, overlap=0)

    def tile(request: Request) -> Response:
        level, column, row = (request.path_params[name] for name in ("level", "column", "row"))
        picture = io.BytesIO()
        source.get_tile(level, (column, row)).save(picture, "jpeg", quality=75)
        return Response(picture.getvalue(), media_type="image/jpeg")

    app = Starlette(routes=[Route("/{level:int}/{column:int}_{row:int}", tile)])
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", access_log=False)


@contextmanager
def process(*arguments: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Another process of this module, listening on a port of its own."""
    port = free_port()
    running = subprocess.Popen([sys.executable, "-m", "tests.bench.bench_tiles", *arguments, str(port)])
    try:
        deadline = time.monotonic() + 60
        while running.poll() is None and time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield running, port
    finally:
        running.kill()
        running.wait()


async def run(folder: Path) -> list[tuple[Measured, Measured]]:
    """The peer's and ours, for each number of connections."""
    database = f"sqlite+aiosqlite:///{folder / 'bench.db'}"
    await upgrade(database)
    await write_slide(folder / "slide.tiff", width=WIDTH, height=HEIGHT, seed=398)
    db, storage = Database(database, MASTER_KEY), LocalStorage(folder / "storage")
    world = World(db)
    owner = await world.person("ines", "cayenne", "Inès", "Flamboyant")
    world.clock.now = world.clock.now.now(world.clock.now.tzinfo)
    async with DecoderPool(storage, 1) as decoders:
        slide = await ingest.add(
            db,
            storage,
            decoders,
            owner,
            folder / "slide.tiff",
            case_id=await world.case(owner),
            institution_id=owner.institution_id,
        )
        async with db.write(owner) as tx:
            view = await views.open_view(tx, slide, await grants.require(tx, owner, Action.SLIDE_VIEW, slide.ref))
        cookie = TileService(db, storage, decoders, KEY, MemoryBus()).mint_cookie(view)
    await db.close()
    ours, theirs = _paths(slide)
    entry = storage.root / slide.folder / catalogue.FILES / slide.entry
    results = []
    with ExitStack() as stack:
        node = stack.enter_context(process("node", database, str(storage.root)))
        peer = stack.enter_context(process("peer", str(entry)))
        for n in CONNECTIONS:
            one = await measure("DeepZoomGenerator, threads", *peer, theirs, "", n)
            other = await measure("telepath, tile route", *node, ours, f"Cookie: {cookie.name}={cookie.value}\r\n", n)
            results.append((one, other))
    return results


def _paths(slide: catalogue.Slide) -> tuple[list[str], list[str]]:
    """The same tiles for both: their levels are counted from the coarsest, one for each halving."""
    chance = random.Random(7)
    ours, theirs = [], []
    deepest = (max(slide.width, slide.height) - 1).bit_length()
    for _ in range(ADDRESSES):
        number = 0 if chance.random() < FINEST else chance.randrange(1, len(slide.pyramid.levels))
        level = slide.pyramid.levels[number]
        column, row = chance.randrange(level.columns), chance.randrange(level.rows)
        ours.append(f"/slides/{slide.id}/tiles/{number}/{column}_{row}")
        theirs.append(f"/{deepest - number}/{column}_{row}")
    return ours, theirs


def main() -> None:
    """Print what was measured; ratios are to DeepZoomGenerator in this run."""
    with tempfile.TemporaryDirectory(prefix="telepath-") as folder:
        results = asyncio.run(run(Path(folder)))
    print(
        f"Tiles of a slide of {WIDTH} x {HEIGHT} px, {SECONDS:.0f} s each; ratios to DeepZoomGenerator in the same run"
    )
    columns = ("conn.", "tiles/s", "p50 ms", "p99 ms", "µs CPU each", "tiles ratio", "p99 ratio", "CPU ratio")
    print(f"{'':28}" + "".join(f"{column:>12}" for column in columns))
    for peer, ours in results:
        for one in (peer, ours):
            print(
                f"{one.name:28}{one.connections:12}{one.rate:12.0f}{one.centile(50):12.2f}{one.centile(99):12.2f}"
                f"{one.cost:12.0f}{one.rate / peer.rate:12.1f}{one.centile(99) / peer.centile(99):12.3f}"
                f"{one.cost / peer.cost:12.4f}"
            )


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["node", database, storage, port]:
            uvloop.run(run_node(database, Path(storage), int(port)))
        case ["peer", slide, port]:
            run_peer(Path(slide), int(port))
        case _:
            main()
