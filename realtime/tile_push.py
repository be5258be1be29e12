"""Which tiles of a slide a follower's window needs for a field, and in which order they are sent. Pure.

The window shows all of the field (``followed``); its viewer draws the finest level that is not finer than the screen, and
until then a coarse one. So the coarse picture goes first, then the sharp one, each from its middle out. A new field replaces
what waits; what was sent is remembered by name and not sent again. The client does the same arithmetic
(web/client/src): tests/vectors/tile_push.json.
"""

import math
from collections import OrderedDict
from collections.abc import Container, Iterator, Sequence
from typing import Final, NamedTuple

import msgspec

from realtime.tile_frames import COLOUR
from telepath.geometry import Region, View
from telepath.slides.pyramid import Level

FINEST: Final = 0.51
"""The finest level that is drawn: device px for each px of the level. As web/client/src/quality.ts."""
COARSE: Final = (2.5, 4.01)
"""The quick picture is so many times coarser than the sharp one, at least and at most: cheap, and one knows where one is."""
NEAR: Final = 1.2
"""A window is shown at a level's own scale when that shows no more than so many times what is to be seen."""
MOST: Final = 1024
"""Tiles of one level, in all channels, that a field may need; a window that needs more asks for them itself."""
REMEMBERED: Final = 32 << 20
"""Bytes of what was sent that are remembered by name; a client keeps twice as much."""
OVERHEAD: Final = 200
"""Bytes of remembering one, as of keeping it (web/client/src/pushed.ts): one that nobody can read has no others."""
AROUND: Final = 0.5
"""How much further than the window is looked ahead, in windows."""
_SAME: Final = 1e-6
"""So little do two scales differ that are the same."""


class Tile(NamedTuple):
    """``reduced``: in the small coding. ``channel``: COLOUR where the slide is a picture in colour."""

    level: int
    column: int
    row: int
    plane: int = 0
    reduced: bool = False
    channel: int = COLOUR


class Area(msgspec.Struct, frozen=True):
    """Tiles of one level: first and last column and row, all of them included."""

    level: int
    left: int
    top: int
    right: int
    bottom: int

    @property
    def count(self) -> int:
        return (self.right - self.left + 1) * (self.bottom - self.top + 1)


class Grid(msgspec.Struct, frozen=True):
    """The tiles of a level: ``width`` and ``height`` of one in level-0 px."""

    downsample: float
    width: float
    height: float
    columns: int
    rows: int


class Screen(msgspec.Struct, frozen=True):
    """A follower's window: CSS px, and device px for each. ``reduced``: it is served like a plain screen, over a thin link."""

    width: float
    height: float
    ratio: float
    reduced: bool = False
    across: float = 0.0
    """CSS px across the window of whom it follows: their field is shown at their magnification. 0: all of it is."""

    @property
    def finest(self) -> float:
        return FINEST * max(1.0, self.ratio) if self.reduced else FINEST


class Plan(msgspec.Struct, frozen=True):
    """What a window needs for a field. ``sharp`` is None where the slide has nothing; ``pushed``: False where it would be too
    many tiles, and the window asks for them itself."""

    view: View
    """What the window shows."""
    downsample: float
    """Level-0 px for each device px."""
    coarse: Area | None
    sharp: Area | None
    pushed: bool = True


def grids(levels: Sequence[Level]) -> tuple[Grid, ...]:
    """Of a slide's levels, finest first."""
    finest = levels[0]
    return tuple(
        Grid(
            finest.width / level.width,
            level.tile_width * finest.width / level.width,
            level.tile_height * finest.height / level.height,
            level.columns,
            level.rows,
        )
        for level in levels
    )


def followed(field: View, screen: Screen, slide: Sequence[Grid]) -> View:
    """The view of the window that shows all of ``field`` and no more than needed, at a level's own scale where one is near; or
    its middle at the same magnification."""
    if screen.across:
        scale = field.width / screen.across
        return View(field.x, field.y, scale * screen.width, scale * screen.height, field.rotation, field.flip)
    scale = max(field.width / screen.width, field.height / screen.height)
    needed = scale / screen.ratio
    native = min((one.downsample for one in slide if one.downsample >= needed * (1 - _SAME)), default=math.inf)
    if native <= NEAR * needed:
        scale = native * screen.ratio
    return View(field.x, field.y, scale * screen.width, scale * screen.height, field.rotation, field.flip)


def around(view: View) -> Region:
    """The upright rectangle around a view."""
    turn = math.radians(view.rotation)
    cos, sin = abs(math.cos(turn)), abs(math.sin(turn))
    width, height = view.width * cos + view.height * sin, view.width * sin + view.height * cos
    return Region(view.x - width / 2, view.y - height / 2, width, height)


def area(slide: Sequence[Grid], level: int, box: Region, more: float = 0.0) -> Area | None:
    """The tiles of a level that lie in ``box``, ``more`` level-0 px wider on each side; None: none of the slide does."""
    grid = slide[level]
    left, right = math.floor((box.x - more) / grid.width), math.ceil((box.x + box.width + more) / grid.width) - 1
    top, bottom = math.floor((box.y - more) / grid.height), math.ceil((box.y + box.height + more) / grid.height) - 1
    if right < 0 or bottom < 0 or left >= grid.columns or top >= grid.rows:
        return None
    return Area(level, max(left, 0), max(top, 0), min(right, grid.columns - 1), min(bottom, grid.rows - 1))


def sharp_level(slide: Sequence[Grid], downsample: float, finest: float) -> int:
    """The level that a viewer draws at last: the finest that is not too fine for the screen."""
    fit = (number for number, one in enumerate(slide) if one.downsample >= finest * downsample)
    return next(fit, len(slide) - 1)


def plan(slide: Sequence[Grid], screen: Screen, field: View, channels: int = 1) -> Plan:
    """What the window needs to show so many channels of ``field``."""
    view = followed(field, screen, slide)
    downsample = view.width / (screen.width * screen.ratio)
    box = around(view)
    level = sharp_level(slide, downsample, screen.finest)
    sharp = area(slide, level, box, downsample)
    least, most = (times * slide[level].downsample for times in COARSE)
    rough = max((n for n, one in enumerate(slide) if least <= one.downsample <= most), default=None)
    coarse = area(slide, rough, box, downsample) if rough is not None else None
    if any(one is not None and one.count * channels > MOST for one in (coarse, sharp)):
        return Plan(view, downsample, None, None, pushed=False)
    return Plan(view, downsample, coarse, sharp)


def ordered(
    slide: Sequence[Grid],
    wanted: Area,
    view: View,
    plane: int = 0,
    *,
    reduced: bool = False,
    channels: Sequence[int] = (COLOUR,),
) -> list[Tile]:
    """The tiles of an area from the middle of the view outwards; of a place all channels together: it is drawn of them."""
    grid, box = slide[wanted.level], around(view)
    middle_x, middle_y = view.x / grid.width - 0.5, view.y / grid.height - 0.5
    across, down = grid.width / box.width, grid.height / box.height
    columns = [((column - middle_x) * across, column) for column in range(wanted.left, wanted.right + 1)]
    places = sorted(
        (x * x + y * y, row, column)
        for row in range(wanted.top, wanted.bottom + 1)
        for y in ((row - middle_y) * down,)
        for x, column in columns
    )
    return [
        Tile(wanted.level, column, row, plane, reduced, channel) for _, row, column in places for channel in channels
    ]


def ahead(slide: Sequence[Grid], screen: Screen, field: View, channels: int = 1) -> Iterator[tuple[Area, View]]:
    """What the next field may need, the likeliest first: closer at the middle, around, the quick picture of further away."""
    closer = plan(slide, screen, msgspec.structs.replace(field, width=field.width / 2, height=field.height / 2))
    now = plan(slide, screen, field)
    wider = plan(slide, screen, msgspec.structs.replace(field, width=field.width * 2, height=field.height * 2))
    ring = None
    if now.sharp is not None:
        box = around(now.view)
        ring = area(slide, now.sharp.level, box, AROUND * max(box.width, box.height))
    for found, view in (
        (closer.sharp, closer.view),
        (ring, now.view),
        (wider.coarse, wider.view),
        (wider.sharp, wider.view),
    ):
        if found is not None and found.count * channels <= MOST:
            yield found, view


class Sent:
    """The tiles that one connection was sent, of whatever slide, by name: the latest ``most`` bytes of them."""

    def __init__(self, most: int = REMEMBERED) -> None:
        self._most = most
        self._bytes = 0
        self._sizes: OrderedDict[tuple[str, Tile], int] = OrderedDict()

    def of(self, slide: str, kept: Container[Tile] = ()) -> "SentOfSlide":
        """What is known of one slide; ``kept``: what the client had of it before."""
        return SentOfSlide(self, slide, kept)

    def has(self, slide: str, tile: Tile) -> bool:
        return (slide, tile) in self._sizes

    def add(self, slide: str, tile: Tile, size: int) -> None:
        weight = OVERHEAD + size
        self._bytes += weight - self._sizes.pop((slide, tile), 0)
        self._sizes[slide, tile] = weight
        while self._bytes > self._most:
            self._bytes -= self._sizes.popitem(last=False)[1]


class SentOfSlide:
    """The tiles of one slide that the client has, as far as is known."""

    def __init__(self, sent: Sent, slide: str, kept: Container[Tile]) -> None:
        self._sent, self._slide, self._kept = sent, slide, kept

    def __contains__(self, tile: Tile) -> bool:
        """Whether it has this one, or better: in the file's own coding where the small one would do."""
        native = tile._replace(reduced=False) if tile.reduced else tile
        return self._sent.has(self._slide, tile) or self._sent.has(self._slide, native) or native in self._kept

    def add(self, tile: Tile, size: int) -> None:
        self._sent.add(self._slide, tile, size)
