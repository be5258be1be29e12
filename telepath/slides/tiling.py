"""Tiles and what they show of a slide. Pure."""

from typing import Final

from telepath.slides.pyramid import Level

DECODED_TILE: Final = 256
"""Side of the tiles that we cut ourselves, in pixels of their level."""


def extent(level: Level, column: int, row: int) -> tuple[int, int]:
    """Width and height of the tissue picture in this tile, in pixels of its level: less than the tile at the edges."""
    return (
        min(level.tile_width, level.width - column * level.tile_width),
        min(level.tile_height, level.height - row * level.tile_height),
    )
