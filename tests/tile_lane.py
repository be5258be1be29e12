"""The tile route by itself: a slide, who may see it, and a browser."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace

import httpx2
from starlette.types import Receive, Scope, Send

from realtime.bus_memory import MemoryBus
from telepath import grants
from telepath.access import Action
from telepath.actor import Actor
from telepath.db.database import Database
from telepath.slides import catalogue, ingest, views
from telepath.slides.decoder_pool import DecoderPool
from telepath.storage_local import LocalStorage
from tests.builders import World
from tests.builders_slides import write_svs
from web.server import Server, server_of
from web.settings import Settings
from web.tiles import TileService

KEY = bytes(range(32))


class Lane:
    """A slide of Cayenne behind the tile route, an expert of Lille who may see it, and a browser."""

    def __init__(self, db: Database, folder: Path, decoders: DecoderPool, storage: LocalStorage) -> None:
        self.db, self.folder, self.decoders, self.storage = db, folder, decoders, storage
        self.world = World(db)
        self.bus = MemoryBus()
        self.ticks = 0.0
        self.tiles = TileService(db, storage, decoders, KEY, self.bus, clock=self.time, monotonic=self.tick)
        transport = httpx2.ASGITransport(self.tiles)
        self.browser = httpx2.AsyncClient(transport=transport, base_url="http://test")
        self.owner: Actor
        self.expert: Actor
        self.slide: catalogue.Slide

    def tick(self) -> float:
        return self.ticks

    def time(self) -> float:
        return self.world.clock.now.timestamp()

    async def set_up(self) -> "Lane":
        self.owner = await self.world.person("ines", "cayenne", "Inès", "Flamboyant")
        self.expert = await self.world.expert("claire", "lille", "Claire", "Houblon")
        path = write_svs(self.folder / "slide.svs", width=1000, height=700, steps=(1, 4))
        self.slide = await ingest.add(
            self.db,
            self.storage,
            self.decoders,
            self.owner,
            path,
            case_id=await self.world.case(self.owner),
            institution_id=self.owner.institution_id,
        )
        return self

    async def open(self, actor: Actor) -> views.View:
        async with self.db.write(actor) as tx:
            allowed = await grants.require(tx, actor, Action.SLIDE_VIEW, self.slide.ref)
            return await views.open_view(tx, self.slide, allowed)

    def request(self, place: str, view: views.View) -> bytes:
        """As it goes over the wire."""
        cookie = self.tiles.mint_cookie(view)
        path = f"/slides/{self.slide.id}/tiles/{place}"
        return f"GET {path} HTTP/1.1\r\nHost: x\r\nCookie: {cookie.name}={cookie.value}\r\n\r\n".encode()

    async def get(self, place: str, view: views.View | None, **headers: str) -> httpx2.Response:
        if view is not None:
            cookie = self.tiles.mint_cookie(view)
            headers["cookie"] = f"lang=fr; {cookie.name}={cookie.value}"
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.browser.get(f"/slides/{self.slide.id}/tiles/{place}", headers=names)


class Node:
    """A real server with the tile route alone. ``asgi``: how many requests came as far as ASGI."""

    def __init__(self, port: int, server: Server) -> None:
        self.port = port
        self.server = server
        self.asgi = 0


@asynccontextmanager
async def serving(tiles: TileService, *, lane: bool = True, idle: float = 5) -> AsyncIterator[Node]:
    """A node that runs in this loop until the block ends; ``lane``: with the one in front of ASGI; ``idle``: s after which a
    connection on which nothing comes is closed."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            node.asgi += 1
            await tiles(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close"})
        else:
            scope["state"]["services"] = SimpleNamespace(tiles=tiles)
            while (await receive())["type"] != "lifespan.shutdown":
                await send({"type": "lifespan.startup.complete"})
            await send({"type": "lifespan.shutdown.complete"})

    listening = socket.create_server(("127.0.0.1", 0))
    node = Node(listening.getsockname()[1], server_of(application, Settings(log_level="warning", tile_lane=lane)))
    node.server.config.timeout_keep_alive = idle  # type: ignore[assignment]  # a test may not wait for a whole second
    running = asyncio.create_task(node.server.serve([listening]))
    try:
        yield node
    finally:
        node.server.should_exit = True
        await running
