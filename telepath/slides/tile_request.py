"""What a worker is asked for a tile that does not lie ready in the slide's file."""

from collections.abc import Awaitable, Callable

import msgspec

from telepath.errors import TileUnreadable
from telepath.slides.messages import Coding, ComposeTile, DecodeTile, TileRequest
from telepath.slides.tile_index import Decoded, Halved, Place, Stored, TileIndex

Read = Callable[[Place], Awaitable[bytes]]
"""The bytes of a place in the slide's files. Raises TileUnreadable: fewer are there."""


class TileName(msgspec.Struct, frozen=True):
    """Which tile of a slide; ``channel`` 0 of a colour picture is all of it."""

    level: int
    column: int
    row: int
    z: int = 0
    channel: int = 0
    coding: Coding = Coding.JPEG

    @property
    def text(self) -> str:
        """Tells the tiles of a slide apart."""
        return f"{self.level}-{self.column}_{self.row}_z{self.z}_c{self.channel}.{self.coding}"


async def request_for(index: TileIndex, name: TileName, read: Read) -> TileRequest:
    """Raises TileUnreadable; what ``read`` raises."""
    header = index.header
    way, level = header.ways[name.level], header.levels[name.level]
    light = header.channels[name.channel] if header.channels else None
    if isinstance(way, Decoded):
        return DecodeTile(
            entry=header.entry,
            level=level,
            number=way.number,
            shrink=way.shrink,
            column=name.column,
            row=name.row,
            z=name.z,
            channel=name.channel,
            light=light,
            background=header.background,
            coding=name.coding,
        )
    if isinstance(way, Stored):
        of, factor = name.level, 1
    elif isinstance(way, Halved):
        of, factor = way.of, way.factor
    else:
        raise TileUnreadable
    return ComposeTile(
        pictures=tuple([await picture(index, place, read) for place in _sources(name, of, factor)]),
        across=factor,
        width=level.tile_width,
        height=level.tile_height,
        shrink=factor,
        light=light,
        background=header.background,
        coding=name.coding,
    )


async def picture(index: TileIndex, name: TileName, read: Read) -> bytes:
    """The JPEG of a stored tile; empty where the slide has none or nothing was scanned. Raises TileUnreadable; what ``read``
    raises."""
    if not index.has(name.level, name.column, name.row, name.z, name.channel):
        return b""
    place = index.locate(name.level, name.column, name.row, name.z, name.channel)
    return index.picture(name.level, await read(place)) if place.length else b""


def _sources(name: TileName, of: int, factor: int) -> list[TileName]:
    """The stored tiles that make this one, row by row."""
    return [
        TileName(of, name.column * factor + across, name.row * factor + down, name.z, name.channel)
        for down in range(factor)
        for across in range(factor)
    ]
