"""Where the tiles come from that a room pushes."""

from collections.abc import Container
from typing import Protocol

from realtime.messages import Kept
from realtime.tile_push import Grid, Tile


class Source(Protocol):
    """The tiles of one slide for one person, under the view that was recorded when they opened it."""

    @property
    def grids(self) -> tuple[Grid, ...]: ...
    @property
    def channels(self) -> int:
        """How many; 0: its tiles are pictures in colour."""

    @property
    def planes(self) -> int:
        """How many focal planes, at least one."""

    @property
    def kept(self) -> Container[Tile]:
        """Those that the client has, as the file holds them."""

    async def tile(self, tile: Tile) -> bytes | None:
        """None: it cannot be had now. Raises TileUnreadable: nobody can have it; TelepathError."""

    def leaves(self, tile: Tile) -> bool:
        """Count a tile that is about to be sent. False: it may not be; the view has ended, or nobody knows."""


class Supply(Protocol):
    """What one person may be sent."""

    async def open(self, slide_id: str, kept: Kept | None) -> Source | None:
        """None: they have no view of this slide that stands. ``kept``: what they say to have of it; believed where it is what
        they would be sent ahead now. Raises TelepathError."""
