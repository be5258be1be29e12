"""The tiles that a room pushes to one person (realtime/pushing.py): those that GET would give them (web/tiles.py), under the
same rules. The view that their page opened was allowed, and recorded before its first byte; each tile is counted before it
leaves; when the view has ended, or nobody knows whether it has, nothing leaves any more."""

import asyncio
from collections.abc import Iterable
from typing import Final

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

SOON: Final = 60.0
"""Seconds before a view ends, from when on it is looked whether its page has lengthened it."""
AGAIN: Final = 5.0
"""Seconds between two such looks."""


class RoomTiles:
    """A ``realtime.tile_supply.Supply`` for one socket. ``request``: of its handshake."""

    def __init__(self, tiles: TileService, db: Database, actor: Actor, request: Asked) -> None:
        self.tiles, self.request = tiles, request
        self._db, self._actor = db, actor

    async def open(self, slide_id: str, kept: Kept | None) -> "SlideTiles | None":
        view = await self.view(slide_id)
        if view is None:
            return None
        there = await warming.kept(self._db, self.tiles, self._actor, kept) if kept is not None else []
        return SlideTiles(self, await self.tiles.index(slide_id), view, there)

    async def view(self, slide_id: str) -> View | None:
        """Under which they are sent."""
        async with self._db.read() as reader:
            return await views.looking(reader, self._actor, slide_id)


class SlideTiles:
    """A ``realtime.tile_supply.Source``: a slide under one view."""

    def __init__(self, supply: RoomTiles, held: Held, view: View, kept: Iterable[TileName] = ()) -> None:
        self._supply, self._tiles, self._request = supply, supply.tiles, supply.request
        self._view, self._capability = view, view.capability
        self._looked_at, self._looking = float("-inf"), asyncio.Lock()
        header = held.index.header
        self.grids: tuple[Grid, ...] = grids(header.levels)
        self.channels, self.planes = len(header.channels), header.planes
        self.kept = {
            Tile(one.level, one.column, one.row, one.z, channel=one.channel if self.channels else COLOUR)
            for one in kept
        }

    async def tile(self, tile: Tile) -> bytes | None:
        await self._lengthen()
        held = await self._tiles.index(self._view.slide_id)  # read again while levels are being built
        coding = Coding.AVIF if tile.reduced else Coding.JPEG
        channel = tile.channel if self.channels else 0
        name = TileName(tile.level, tile.column, tile.row, tile.plane, channel, coding)
        answer = await self._tiles.part(held, name, self._view.id)
        if answer is UNREADABLE:
            raise TileUnreadable
        return b"".join(answer.pieces) if answer.kind.status == OK else None

    async def _lengthen(self) -> None:
        """Learn of a view that would soon be over whether its page has renewed it meanwhile."""
        async with self._looking:
            now = self._tiles.clock()
            if self._capability.expires - now > SOON or now - self._looked_at < AGAIN:
                return
            self._looked_at = now
            view = await self._supply.view(self._view.slide_id)
            if view is not None:
                self._view, self._capability = view, view.capability

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
