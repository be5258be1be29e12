"""A slide in a live room whose tiles are pushed, with people who look at it."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Final

import httpx2

from realtime import opening
from realtime.bus import Bus
from realtime.bus_memory import MemoryBus
from realtime.frames import UNITS_PER_PX, Target, ViewportFrame
from realtime.tile_frames import AVIF, COLOUR, TileFrame
from realtime.tile_push import Screen, grids, ordered, plan
from telepath import grants
from telepath.access import Action
from telepath.db.database import Database
from telepath.geometry import View
from telepath.slides import catalogue, ingest, tile_names, views
from telepath.slides.decoder_pool import DecoderPool
from telepath.slides.tile_request import TileName
from telepath.storage_local import LocalStorage
from tests.rooms import Guest, Node, Ward, node, until
from web.tiles import TileService

KEY: Final = bytes(range(32))
WINDOW: Final = {"type": "window", "width": 500, "height": 300, "ratio": 1.0, "push": True}
SCREEN: Final = Screen(500, 300, 1.0)
FIELD: Final = View(1000, 750, 500, 300)
Names = list[tuple[int, int, int]]


class Gallery:
    """A ward with a slide behind it, and a room of Zoé's where Léa is."""

    def __init__(self, ward: Ward, storage: LocalStorage, decoders: DecoderPool, bus: Bus) -> None:
        self.ward, self.bus, self.db = ward, bus, ward.db
        self.later = 0.0
        """Seconds by which the tile service's clock is ahead."""
        self.tiles = TileService(ward.db, storage, decoders, KEY, bus, monotonic=lambda: time.monotonic() + self.later)
        self.storage, self.decoders = storage, decoders
        self.browser = httpx2.AsyncClient(transport=httpx2.ASGITransport(self.tiles), base_url="http://test")
        self.slide: catalogue.Slide
        self.place: Node
        """Where it is shown, once there is one."""
        self.room = ""
        self.clock: Callable[[], float] | None = None

    async def add(self, path: Path) -> catalogue.Slide:
        zoe = self.ward.actor("zoe")
        home = zoe.institution_id
        return await ingest.add(
            self.db, self.storage, self.decoders, zoe, path, case_id=self.ward.case, institution_id=home
        )

    async def show(self, path: Path) -> None:
        """Open the room on this slide."""
        self.slide = await self.add(path)
        self.room = await opening.open_room(
            self.db, self.ward.actor("zoe"), self.slide.id, invited=[self.ward.person("lea")]
        )

    async def open(self, key: str, slide: catalogue.Slide | None = None) -> views.View:
        """As the page does."""
        actor, shown = self.ward.actor(key), slide or self.slide
        async with self.db.write(actor) as tx:
            allowed = await grants.require(tx, actor, Action.SLIDE_VIEW, shown.ref)
            return await views.open_view(tx, shown, allowed)

    async def got(self, view: views.View, tile: TileFrame) -> bytes:
        """What GET answers for it."""
        cookie = self.tiles.mint_cookie(view)
        channels, ending = tile.channel != COLOUR, ".avif" if tile.coding == AVIF else ""
        name = TileName(tile.level, tile.column, tile.row, tile.plane, tile.channel if channels else 0)
        path = f"/slides/{view.slide_id}/tiles/{tile_names.written(name, channels=channels)}{ending}"
        answer = await self.browser.get(path, headers={"cookie": f"{cookie.name}={cookie.value}"})
        assert answer.status_code == 200
        return answer.content

    @asynccontextmanager
    async def node(self, bus: Bus | None = None) -> AsyncIterator[Node]:
        options: dict[str, Any] = {} if self.clock is None else {"clock": self.clock}
        async with node(self.db, bus or self.bus, tiles=self.tiles, **options) as self.place:
            yield self.place

    def needed(self, field: View = FIELD, screen: Screen = SCREEN) -> Names:
        """What the window needs of it, in order."""
        slide = grids(self.slide.pyramid.levels)
        found = plan(slide, screen, field)
        areas = [area for area in (found.coarse, found.sharp) if area is not None]
        return [(one.level, one.column, one.row) for area in areas for one in ordered(slide, area, found.view)]


@asynccontextmanager
async def opened(database: Database, storage_folder: Path, slide: Path) -> AsyncIterator[Gallery]:
    """A gallery whose room shows this slide."""
    async with AsyncExitStack() as stack:
        storage = LocalStorage(storage_folder)
        stack.push_async_callback(storage.close)
        decoders = await stack.enter_async_context(DecoderPool(storage, 1))
        bus = MemoryBus()
        stack.push_async_callback(bus.close)
        made = Gallery(await Ward(database).build(), storage, decoders, bus)
        await made.show(slide)
        await stack.enter_async_context(made.tiles)
        await stack.enter_async_context(made.browser)
        yield made


def frame(presenter: Guest, field: View = FIELD, target: View | None = None, **look: Any) -> ViewportFrame:
    """``look``: plane and channels."""

    def units(view: View) -> dict[str, int]:
        places = {"x": view.x, "y": view.y, "width": view.width, "height": view.height}
        return {name: int(value * UNITS_PER_PX) for name, value in places.items()}

    aim = None if target is None else Target(**units(target), rotation=0, milliseconds=500)
    return presenter.viewport(**units(field), target=aim, **look)


async def present(presenter: Guest, field: View = FIELD, target: View | None = None, **look: Any) -> int:
    """Show a field; its sequence."""
    moved = frame(presenter, field, target, **look)
    await presenter.send(moved)
    return moved.sequence


def names(tiles: list[TileFrame]) -> Names:
    return [(one.level, one.column, one.row) for one in tiles]


async def answered(guest: Guest) -> bool:
    """All that was sent to the guest before now has come."""
    before = len(guest.of("pong"))
    await guest.say({"type": "ping", "at": 1})
    await guest.until(lambda: len(guest.of("pong")) > before)
    return True


async def looked(place: Node, room: str, guest: Guest) -> None:
    """Wait until the node has looked for the guest's view."""
    pusher = place.hub.rooms[room].connections[guest.you].pusher
    assert pusher is not None
    await until(lambda: not pusher.looking)
