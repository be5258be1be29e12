"""The levels of a slide, finest first. Pure."""

import math
from typing import Final

import msgspec

from telepath.errors import SlideForbidden

MAX_SIDE: Final = 1_000_000
MAX_PIXELS: Final = 1 << 37
"""Level 0: a glass of 75 x 26 mm at 0.1 µm/px has 2 x 10^11 px; real scans end below 10^11."""
MAX_LEVELS: Final = 32
MAX_TILE_SIDE: Final = 4096
MIN_TILE_SIDE: Final = 16
MAX_PLANES: Final = 256
MAX_CHANNELS: Final = 64


class Level(msgspec.Struct, frozen=True, kw_only=True):
    """One picture of the whole slide. All sizes in pixels of this level; tiles at the right and bottom edges are padded."""

    width: int
    height: int
    downsample: float
    """Level-0 px per px of this level."""
    tile_width: int
    tile_height: int
    built: bool = False
    """Not in the slide's file: made once, in the background (built_levels.py)."""

    @property
    def columns(self) -> int:
        return math.ceil(self.width / self.tile_width)

    @property
    def rows(self) -> int:
        return math.ceil(self.height / self.tile_height)

    def holds(self, column: int, row: int) -> bool:
        """Whether the grid has this tile."""
        return 0 <= column < self.columns and 0 <= row < self.rows


class Channel(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of light of a fluorescence slide: a picture of single samples, which the viewer colours and adds to the others.

    A tile of it is a grey picture. Where ``companded``, its bytes are ``255 * sqrt((v - lowest) / (highest - lowest))`` of the
    samples ``v``: so the steps of eight bits stay below the noise of the light itself (Anscombe). Else they are the samples."""

    name: str
    """As the file has it: DAPI, FITC. Empty: it has none."""
    colour: str
    """``#rrggbb`` of its brightest samples."""
    lowest: int
    highest: int
    """Of the samples that occur on the slide."""
    low: int
    high: int
    """What is shown black and what in full colour, until the reader says otherwise."""
    companded: bool = False


class Pyramid(msgspec.Struct, frozen=True):
    """``levels[0]`` is the finest, as in OpenSlide. The scanner's levels are given as they are: 1:4:16 stays 1:4:16."""

    levels: tuple[Level, ...]

    @property
    def width(self) -> int:
        return self.levels[0].width

    @property
    def height(self) -> int:
        return self.levels[0].height

    def check(self) -> None:
        """Refuse what no scanner makes, before anything is decoded. Raises SlideForbidden: a limit is passed."""
        if not 1 <= len(self.levels) <= MAX_LEVELS:
            raise SlideForbidden("error-slide-limit", what="levels")
        if self.width * self.height > MAX_PIXELS:
            raise SlideForbidden("error-slide-limit", what="pixels")
        for level in self.levels:
            if not (0 < level.width <= MAX_SIDE and 0 < level.height <= MAX_SIDE):
                raise SlideForbidden("error-slide-limit", what="pixels")
            if not (0.999 <= level.downsample <= MAX_SIDE):
                raise SlideForbidden("error-slide-limit", what="levels")
            for side in (level.tile_width, level.tile_height):
                if not MIN_TILE_SIDE <= side <= MAX_TILE_SIDE:
                    raise SlideForbidden("error-slide-limit", what="tile")
