"""Which tiles of a slide are worth having before it is opened, and the key under which a browser keeps them. Only computes.

The overview first: every level of few tiles. Then the fields that somebody pinned, at every scale up to that of the reader's
screen. Then all tissue up to ×10. What a stored tile weighs tells tissue from glass: a JPEG of empty glass is small."""

import hashlib
import hmac
import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Annotated, Final

import msgspec
from msgspec import UNSET

from telepath.geometry import View, plausible_mpp
from telepath.slides.pyramid import Level
from telepath.slides.tile_index import Built, TileIndex
from telepath.slides.tile_request import TileName

SLIDE_BYTES: Final = 32 << 20
"""Of one slide at most."""
USUAL_BYTES: Final = 12_000
"""Of a tile that is made when it is asked for."""
OVERVIEW_TILES: Final = 64
FINEST: Final = 0.51
"""Device px per px of the finest level that the viewer asks for (web/client/src/quality.ts)."""
MPP_AT_10X: Final = 1.0
OF_TISSUE: Final = 0.25
"""A tile that weighs less than this part of the heaviest tiles of its level is glass."""
HEAVIEST: Final = 0.98
SAMPLED: Final = 20_000
"""Tiles of a level that are weighed to know the heaviest."""
TISSUE_TILES: Final = 200_000
"""A level of more is no scanner's ×10: it is not looked through for its tissue."""
BLOCK: Final = 5
"""Tiles beside each other that come together: what is looked at is a field, not a row."""
WIDER: Final = 1.35
"""The window has less height than the screen that it is on."""
SNAPPED: Final = 1.25
"""A field may be shown so much smaller: at a level's own scale."""


class Screen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Device px of the screen that the slide will be shown on."""

    width: Annotated[int, msgspec.Meta(ge=240, le=16_384)] = 1920
    height: Annotated[int, msgspec.Meta(ge=240, le=16_384)] = 1080


def key(secret: bytes, session_id: str, slide_id: str) -> bytes:
    """32 bytes for AES-256-GCM: another session or slide has another. HMAC-SHA-256 (RFC 2104)."""
    return hmac.digest(secret, f"warm\0{session_id}\0{slide_id}".encode(), hashlib.sha256)


def tiles(
    index: TileIndex,
    fields: Iterable[View],
    screen: Screen,
    *,
    mpp: float | None,
    objective: float | None,
    limit: int = SLIDE_BYTES,
) -> tuple[list[TileName], int]:
    """What to send ahead, the most useful first, and about how many bytes that is; at most ``limit``. Looks at each tile of
    the levels up to ×10: call it in a thread."""
    chosen: dict[TileName, None] = {}
    total = 0
    for name in _in_order(index, fields, screen, _at_10x(index.header.levels, mpp, objective)):
        if name in chosen:
            continue
        total += _weight(index, name)
        if total > limit:
            return list(chosen), total - _weight(index, name)
        chosen[name] = None
    return list(chosen), total


def _in_order(index: TileIndex, fields: Iterable[View], screen: Screen, ten: int) -> Iterator[TileName]:
    levels = [number for number, way in enumerate(index.header.ways) if not isinstance(way, Built)]
    levels.reverse()  # the coarsest first
    grids = index.header.levels
    for number in levels:
        level = grids[number]
        if level.columns * level.rows <= OVERVIEW_TILES:
            yield from _pictures(index, number, _all(level))
    for view in fields:
        finest = FINEST * max(view.width / screen.width, view.height / screen.height)
        needed = [number for number in levels if grids[number].downsample >= finest] or levels[-1:]
        box = _box(view, screen.width / screen.height)
        for number in needed:
            yield from _pictures(index, number, _within(grids[number], box), view)
    for number in levels:
        if number >= ten and grids[number].columns * grids[number].rows <= TISSUE_TILES:
            yield from _pictures(index, number, _tissue(index, number))


def _pictures(
    index: TileIndex, level: int, places: Iterable[tuple[int, int]], view: View | None = None
) -> Iterator[TileName]:
    """Each place in the plane that is shown, and of each channel."""
    header = index.header
    look = UNSET if view is None else view.look
    plane = header.planes >> 1 if look is UNSET or look.z is None else min(look.z, header.planes - 1)
    for column, row in places:
        for channel in range(index.channels):
            yield TileName(level, column, row, plane, channel)


def _all(level: Level) -> Iterator[tuple[int, int]]:
    return ((column, row) for row in range(level.rows) for column in range(level.columns))


def _at_10x(levels: Sequence[Level], mpp: float | None, objective: float | None) -> int:
    """The level whose scale is nearest."""
    if mpp is not None and plausible_mpp(mpp):
        wanted = MPP_AT_10X / mpp
    else:
        wanted = (objective or 40.0) / 10
    wanted = max(wanted, 1.0)
    return min(range(len(levels)), key=lambda number: abs(math.log(levels[number].downsample / wanted)))


def _box(view: View, aspect: float) -> tuple[float, float, float, float]:
    """What a window that contains ``view`` may show: left, top, right, bottom in level-0 px, whatever part of the screen it
    has."""
    width = SNAPPED * max(view.width, view.height * aspect * WIDER)
    height = SNAPPED * max(view.height, view.width / aspect)
    turned = math.radians(view.rotation)
    across, along = abs(math.cos(turned)), abs(math.sin(turned))
    half_width, half_height = (width * across + height * along) / 2, (width * along + height * across) / 2
    return view.x - half_width, view.y - half_height, view.x + half_width, view.y + half_height


def _within(level: Level, box: tuple[float, float, float, float]) -> list[tuple[int, int]]:
    across, down = level.tile_width * level.downsample, level.tile_height * level.downsample
    first_column, last_column = max(0, int(box[0] // across)), min(level.columns - 1, int(box[2] // across))
    first_row, last_row = max(0, int(box[1] // down)), min(level.rows - 1, int(box[3] // down))
    places = [
        (column, row) for row in range(first_row, last_row + 1) for column in range(first_column, last_column + 1)
    ]
    return _centre_out(places)


def _tissue(index: TileIndex, level: int) -> list[tuple[int, int]]:
    grid, table = index.header.levels[level], index.tables[level]
    places = list(_all(grid))
    if table is not None:
        first = (index.header.planes >> 1) * index.channels * len(places)
        weights = table[1][first : first + len(places)]
        some = sorted(weights[:: max(1, len(places) // SAMPLED)])
        least = OF_TISSUE * some[int((len(some) - 1) * HEAVIEST)]
        places = [place for place, weight in zip(places, weights, strict=True) if weight and weight >= least]
    return _centre_out(places)


def _centre_out(places: Collection[tuple[int, int]]) -> list[tuple[int, int]]:
    """Block by block, from the middle of them all."""
    if not places:
        return []
    x = sum(column for column, _ in places) / len(places)
    y = sum(row for _, row in places) / len(places)

    def far(place: tuple[int, int]) -> tuple[float, int, int, int, int]:
        across, down = place[0] // BLOCK, place[1] // BLOCK
        middle = (across + 0.5) * BLOCK - x, (down + 0.5) * BLOCK - y
        return math.hypot(*middle), down, across, place[1], place[0]

    return sorted(places, key=far)


def _weight(index: TileIndex, name: TileName) -> int:
    if index.tables[name.level] is None:
        return USUAL_BYTES
    place = index.locate(name.level, name.column, name.row, name.z, name.channel)
    way = index.header.ways[name.level]
    return place.length + len(getattr(way, "prefix", b"")) or USUAL_BYTES
