"""A small picture of a whole slide, made tile by tile: memory does not grow with the slide. Runs in the sandbox."""

import math
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from telepath.errors import TileUnreadable
from telepath.slides.coding import encode
from telepath.slides.pyramid import Level, Pyramid
from telepath.slides.tiling import extent

SIDE: Final = 512
MAX_PIXELS: Final = 150_000_000
"""Of the level it is made from, shrink times as many where tiles come shrunk: more would take too long. Such a slide has no
overview of its own either."""
FINE: Final = 2
"""Tiles may come shrunk as long as a px of the picture is the mean of so many by so many px at least; then none stays empty."""
UNREADABLE: Final = 200
"""Grey of a tile that could not be read: white would pass for glass."""

PixelsOf = Callable[[int, int, int, int], NDArray[np.uint8]]
"""(level, column, row, shrink) → the tile, (height, width, 3), shrink times smaller. Raises TileUnreadable."""


def _as_it_is(found: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return found


def thumbnail(
    pyramid: Pyramid,
    pixels: PixelsOf,
    side: int = SIDE,
    to_srgb: Callable[[NDArray[np.uint8]], NDArray[np.uint8]] = _as_it_is,
    shrinks: Sequence[int] = (1,),
) -> bytes | None:
    """A JPEG, its longer side at most ``side`` px; None when no level is small enough to make it from. ``shrinks``: what
    ``pixels`` is good at, the largest first; the last is 1."""
    large_enough = (n for n, level in enumerate(pyramid.levels) if max(level.width, level.height) >= side)
    number = max(large_enough, default=0)
    level = pyramid.levels[number]
    shrink = next(one for one in shrinks if one == 1 or _fits(level, one, side))
    if level.width * level.height > MAX_PIXELS * shrink:
        return None
    step = max(1.0, max(level.width, level.height) / side)
    shape = max(1, int(level.height / step)), max(1, int(level.width / step))
    level = _smaller(level, shrink)
    step = max(1.0, max(level.width, level.height) / side)
    sums, counts = np.zeros((*shape, 3)), np.zeros((*shape, 1))
    columns = [
        _bins(column * level.tile_width, extent(level, column, 0)[0], step, shape[1]) for column in range(level.columns)
    ]
    for row in range(level.rows):
        down, into_rows = _bins(row * level.tile_height, extent(level, 0, row)[1], step, shape[0])
        for column in range(level.columns):
            width, height = extent(level, column, row)
            try:
                tile = pixels(number, column, row, shrink)[:height, :width]
            except TileUnreadable:
                tile = np.full((height, width, 3), UNREADABLE, np.uint8)
            across, into_columns = columns[column]
            small = (into_rows @ tile.reshape(height, -1).astype(np.float32)).reshape(-1, width, 3)
            sums[down, across] += np.matmul(into_columns, small)
            counts[down, across] += np.outer(into_rows.sum(axis=1), into_columns.sum(axis=1))[:, :, np.newaxis]
    return encode(to_srgb(np.clip(sums / np.maximum(counts, 1e-6) + 0.5, 0, 255).astype(np.uint8)))


def _fits(level: Level, shrink: int, side: int) -> bool:
    whole = level.tile_width % shrink == 0 and level.tile_height % shrink == 0
    return whole and max(level.width, level.height) >= side * shrink * FINE


def _smaller(level: Level, shrink: int) -> Level:
    """What of a shrunk level is tissue all through: a px that its last row shares with what lies beyond is left out."""
    return Level(
        width=max(1, level.width // shrink),
        height=max(1, level.height // shrink),
        downsample=level.downsample * shrink,
        tile_width=level.tile_width // shrink,
        tile_height=level.tile_height // shrink,
    )


def _bins(start: int, length: int, step: float, limit: int) -> tuple[slice, NDArray[np.float32]]:
    """Which target pixels ``length`` pixels from ``start`` fall into: the targets, and (targets, length), how much of a target
    each one covers. Its product with pixels is their sums, in half of the time that np.add.reduceat takes."""
    borders = (start + np.arange(length + 1)) / step
    targets = np.arange(int(borders[0]), max(int(borders[0]) + 1, min(limit, math.ceil(borders[-1]))))[:, np.newaxis]
    covered = np.minimum(borders[1:], targets + 1) - np.maximum(borders[:-1], targets)
    return slice(int(targets[0, 0]), int(targets[-1, 0]) + 1), np.maximum(covered, 0).astype(np.float32)
