"""Levels that a file lacks, so that every slide has one for each halving of the scale. Runs in the sandbox.

A viewer that finds 1:1 and 1:4 only must fetch three times the pixels at 1:2, or show a blurred picture. Levels in between are
made of four or sixteen stored tiles when somebody asks; a file that ends too fine gets its coarse levels in the background."""

import math
from collections.abc import Sequence
from typing import Final

from telepath.errors import SlideForbidden
from telepath.slides.pyramid import MAX_LEVELS, Level
from telepath.slides.tile_index import Built, Decoded, Halved, Stored, Way

COARSEST: Final = 2048
"""px of the longer side: a slide is seen whole in few tiles."""
AT_ONCE: Final = 4
"""A level more than so many times coarser than a native one is not made tile by tile when asked for."""

MAX_BUILT: Final = 500_000
"""Tiles of one slide that are made in the background: hours of work, in which no other slide gets its own."""


def to_build(levels: Sequence[Level], pictures: int) -> int:
    """How many tiles are to be made in the background. ``pictures``: planes x channels, which a file of a few bytes can declare
    by the thousand. Raises SlideForbidden: too many."""
    tiles = sum(level.columns * level.rows for level in levels if level.built) * pictures
    if tiles > MAX_BUILT:
        raise SlideForbidden("error-slide-limit", what="tiles")
    return tiles


def filled(levels: Sequence[Level], ways: Sequence[Way]) -> tuple[tuple[Level, ...], tuple[Way, ...]]:
    """``levels``, finest first, with those that the file lacks, and how the tiles of each are had."""
    found: list[tuple[Level, Way]] = []
    numbers: dict[int, int] = {}
    for native, (level, way) in enumerate(zip(levels, ways, strict=True)):
        numbers[native] = len(found)
        found.append((level, way))
        last = native == len(levels) - 1
        factor = 2
        while len(found) < MAX_LEVELS - (len(levels) - native):
            if last and max(level.width, level.height) * 2 <= COARSEST * factor:
                break
            if not last and levels[native + 1].downsample / level.downsample < factor * 1.5:
                break
            made = _way(way, numbers[native], level, factor)
            found.append((_coarser(level, factor, built=isinstance(made, Built)), made))
            factor *= 2
    return tuple(level for level, _ in found), tuple(way for _, way in found)


def _way(way: Way, number: int, level: Level, factor: int) -> Way:
    if factor > AT_ONCE:
        return Built()
    if isinstance(way, Stored) and level.tile_width % factor == 0 and level.tile_height % factor == 0:
        return Halved(number, factor)
    return Decoded(way.number, way.shrink * factor) if isinstance(way, Decoded) else Built()


def _coarser(level: Level, factor: int, *, built: bool) -> Level:
    return Level(
        width=math.ceil(level.width / factor),
        height=math.ceil(level.height / factor),
        downsample=level.downsample * factor,
        tile_width=level.tile_width,
        tile_height=level.tile_height,
        built=built,
    )
