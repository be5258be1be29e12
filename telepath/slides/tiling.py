"""Tiles and the regions they cover. Pure."""

from collections.abc import Iterator
from typing import Final

import msgspec

from telepath.geometry import Region
from telepath.slides.pyramid import Level, Pyramid

DECODED_TILE: Final = 256
"""Side of the tiles that we cut ourselves, in pixels of their level."""


class Tile(msgspec.Struct, frozen=True):
    """The place of a tile: its level (0 is the finest), and its column and row from the top left."""

    level: int
    column: int
    row: int


def exists(pyramid: Pyramid, tile: Tile) -> bool:
    """Whether the slide has such a tile; anything else in an address is simply not found."""
    return 0 <= tile.level < len(pyramid.levels) and pyramid.levels[tile.level].holds(tile.column, tile.row)


def region_of(pyramid: Pyramid, tile: Tile) -> Region:
    """What the tile shows, in level-0 px, without the padding beyond the slide's edge."""
    level = pyramid.levels[tile.level]
    width, height = extent(level, tile.column, tile.row)
    return Region(
        x=tile.column * level.tile_width * level.downsample,
        y=tile.row * level.tile_height * level.downsample,
        width=width * level.downsample,
        height=height * level.downsample,
    )


def extent(level: Level, column: int, row: int) -> tuple[int, int]:
    """Width and height of the tissue picture in this tile, in pixels of its level: less than the tile at the edges."""
    return (
        min(level.tile_width, level.width - column * level.tile_width),
        min(level.tile_height, level.height - row * level.tile_height),
    )


def tiles_over(pyramid: Pyramid, level: int, region: Region) -> Iterator[Tile]:
    """The tiles of ``level`` that touch ``region`` (level-0 px), row by row."""
    grid = pyramid.levels[level]
    wide, high = grid.tile_width * grid.downsample, grid.tile_height * grid.downsample
    first_column, last_column = _span(region.x, region.width, wide, grid.columns)
    first_row, last_row = _span(region.y, region.height, high, grid.rows)
    for row in range(first_row, last_row):
        for column in range(first_column, last_column):
            yield Tile(level, column, row)


def _span(start: float, length: float, step: float, count: int) -> tuple[int, int]:
    first = max(0, int(start // step))
    last = min(count, int(-(-(start + length) // step)))
    return first, last
