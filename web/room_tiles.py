"""The tiles that a room pushes to one person (realtime/pushing.py): those that GET would give them (web/tiles.py), under the
same rules. The view that their page opened was allowed, and recorded before its first byte; each tile is counted before it
leaves; when the view has ended, or nobody knows whether it has, nothing leaves any more."""

from collections.abc import Iterable

from realtime.messages import Kept
from realtime.tile_frames import COLOUR
from realtime.tile_push import Grid, Tile, grids
from telepath.actor import Actor
from telepath.db.database import Database
from telepath.errors import TileUnreadable
from telepath.slides import views
from telepath.slides.messages import Coding
from telepath.slides.tile_request import TileName
from telepath.slides.views import View
from web import warming
from web.tile_answers import UNREADABLE, Asked
from web.tile_indexes import Held
from web.tiles import OK, TileService


class RoomTiles:
    """A ``realtime.tile_supply.Supply`` for one socket. ``request``: of its handshake."""

    def __init__(self, tiles: TileService, db: Database, actor: Actor, request: Asked) -> None:
        self._tiles, self._db, self._actor, self._request = tiles, db, actor, request

    async def open(self, slide_id: str, kept: Kept | None) -> "SlideTiles | None":
        async with self._db.read() as reader:
            view = await views.looking(reader, self._actor, slide_id)
        if view is None:
            return None
        there = await warming.kept(self._db, self._tiles, self._actor, kept) if kept is not None else []
        return SlideTiles(self._tiles, await self._tiles.index(slide_id), view, self._request, there)


class SlideTiles:
    """A ``realtime.tile_supply.Source``: a slide under one view."""

    def __init__(
        self, tiles: TileService, held: Held, view: View, request: Asked, kept: Iterable[TileName] = ()
    ) -> None:
        self._tiles, self._view, self._request = tiles, view, request
        self._capability = view.capability
        header = held.index.header
        self.grids: tuple[Grid, ...] = grids(header.levels)
        self.channels, self.planes = len(header.channels), header.planes
        self.kept = {
            Tile(one.level, one.column, one.row, one.z, channel=one.channel if self.channels else COLOUR)
            for one in kept
        }

    async def tile(self, tile: Tile) -> bytes | None:
        held = await self._tiles.index(self._view.slide_id)  # read again while levels are being built
        coding = Coding.AVIF if tile.reduced else Coding.JPEG
        channel = tile.channel if self.channels else 0
        name = TileName(tile.level, tile.column, tile.row, tile.plane, channel, coding)
        answer = await self._tiles.part(held, name, self._view.id)
        if answer is UNREADABLE:
            raise TileUnreadable
        return b"".join(answer.pieces) if answer.kind.status == OK else None

    def leaves(self, tile: Tile) -> bool:
        now = self._tiles.clock()
        if not self._tiles.admits(self._capability, now):
            return False
        request = self._request
        sent = self._tiles.sent.of(self._view.id, request.asked_from, request.scope, self._view.slide_id)
        if sent is None:
            return False
        sent.add(tile.level, tile.column, tile.row, now)
        return True
