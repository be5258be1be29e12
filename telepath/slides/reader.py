"""What reads the pixels of a format. Runs only in the worker process.

decoder.py reads through OpenSlide; what OpenSlide refuses has a reader of its own. readers.py chooses."""

from typing import Final, Protocol, runtime_checkable

import msgspec
import numpy as np
from numpy.typing import NDArray

from telepath.slides.tile_index import WHITE

Pixels = NDArray[np.uint8] | NDArray[np.uint16]
"""(height, width, 3) sRGB, or (height, width) of one channel."""
COMPANION_PIXELS: Final = 16_000_000
"""Of a label or an overview photograph."""


class FoundChannel(msgspec.Struct, frozen=True):
    """``name`` and ``colour`` (``#rrggbb``) as the file has them, or empty; ``bits`` that its samples use, 1 to 16."""

    name: str
    colour: str
    bits: int


class Description(msgspec.Struct, frozen=True):
    """What a file says of its slide. ``mpp`` x and y in µm/px as the file has them, believable or not."""

    vendor: str
    """OpenSlide's name of the format, or ours where OpenSlide has none."""
    sizes: tuple[tuple[int, int], ...]
    downsamples: tuple[float, ...]
    mpp: tuple[float, float] | None
    objective: float | None
    companions: tuple[str, ...]
    """Names of the pictures that are not the slide: label, macro, thumbnail."""
    channels: tuple[FoundChannel, ...] = ()
    """None: a colour picture."""
    planes: int = 1
    plane_spacing: float | None = None
    """µm between focal planes."""
    background: str = WHITE
    """Of glass that was not scanned, ``#rrggbb``."""
    tiles: tuple[tuple[int, int], ...] = ()
    """Width and height of each level's tiles, in px, where the file's own cost the least to read."""


class Reader(Protocol):
    """One slide. It opens its file when it is first asked, and lets go of it after an error: the next question begins anew."""

    def describe(self) -> Description:
        """Raises SlideUnreadable; SlideForbidden: a limit is passed."""
        ...

    def pixels(self, number: int, x: int, y: int, width: int, height: int, *, z: int = 0, channel: int = 0) -> Pixels:
        """What lies at ``x, y`` px of level ``number``, of the plane and channel; the background's colour where nothing was
        scanned, 0 in a channel. Raises TileUnreadable."""
        ...

    def companion(self, name: str) -> NDArray[np.uint8] | None:
        """The picture of that name that came with the slide, (height, width, 3); None: none, or larger than
        COMPANION_PIXELS. Raises SlideUnreadable."""
        ...

    def properties(self) -> dict[str, str]:
        """What the file says of itself, name to text. Raises SlideUnreadable."""
        ...

    def profile(self) -> bytes | None:
        """The ICC profile of its colours; None: it has none. Raises SlideUnreadable."""
        ...

    def close(self) -> None: ...


@runtime_checkable
class ScreenReader(Protocol):
    """A reader whose library gives pixels as a screen wants them: a tile is made of these without putting them in order."""

    def bgrx(self, number: int, x: int, y: int, width: int, height: int) -> NDArray[np.uint8]:
        """As ``Reader.pixels``, (height, width, 4): blue, green, red and a byte that says nothing. Raises TileUnreadable."""
        ...
