"""Slides as Deep Zoom pyramids, for viewers that know no other. Pure.

Each level is half of the next, the finest has the highest number, the coarsest is one pixel; tiles do not overlap and are cut
off at the edges. Source: schemas.microsoft.com/deepzoom/2008 and OpenSlide's own examples of it."""

import math
from typing import Final

from telepath.slides.iiif import Picture
from telepath.slides.pyramid import Pyramid

_TILE: Final = 256


def tile_side(pyramid: Pyramid) -> int:
    """That of the slide's own tiles where they are square, so that most of them go out as they are."""
    finest = pyramid.levels[0]
    return finest.tile_width if finest.tile_width == finest.tile_height else _TILE


def deepest(pyramid: Pyramid) -> int:
    """The number of the finest level."""
    return (max(pyramid.width, pyramid.height) - 1).bit_length()


def description(pyramid: Pyramid) -> str:
    """The .dzi file."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<Image xmlns="http://schemas.microsoft.com/deepzoom/2008" '
        f'Format="jpeg" Overlap="0" TileSize="{tile_side(pyramid)}">'
        f'<Size Width="{pyramid.width}" Height="{pyramid.height}"/></Image>\n'
    )


def tile(pyramid: Pyramid, level: int, column: int, row: int) -> Picture | None:
    """What a tile shows; None: there is no such tile."""
    if not 0 <= level <= deepest(pyramid):
        return None
    scale, side = 1 << (deepest(pyramid) - level), tile_side(pyramid)
    width, height = math.ceil(pyramid.width / scale), math.ceil(pyramid.height / scale)
    across, down = min(side, width - column * side), min(side, height - row * side)
    if column < 0 or row < 0 or across <= 0 or down <= 0:
        return None
    x, y = column * side * scale, row * side * scale
    return Picture(
        x=x,
        y=y,
        width=min(across * scale, pyramid.width - x),
        height=min(down * scale, pyramid.height - y),
        across=across,
        down=down,
    )


def native(pyramid: Pyramid, level: int, column: int, row: int) -> int | None:
    """The number of the slide's own level that has this very tile, whole; None: it must be drawn."""
    scale, side = 1 << (deepest(pyramid) - level), tile_side(pyramid)
    for number, own in enumerate(pyramid.levels):
        same = abs(own.downsample - scale) < 0.001 * scale and (own.tile_width, own.tile_height) == (side, side)
        if same and (column + 1) * side <= own.width and (row + 1) * side <= own.height:
            return number
    return None
