"""The tile route by itself: a slide, who may see it, and a browser."""

from pathlib import Path

import httpx2

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

    async def get(self, place: str, view: views.View | None, **headers: str) -> httpx2.Response:
        if view is not None:
            cookie = self.tiles.mint_cookie(view)
            headers["cookie"] = f"lang=fr; {cookie.name}={cookie.value}"
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.browser.get(f"/slides/{self.slide.id}/tiles/{place}", headers=names)
