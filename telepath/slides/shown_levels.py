"""The levels of a TIFF without what is none: OpenSlide takes every tiled page for a level, a label that was stored in tiles
too. Runs in the sandbox."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from telepath.errors import SlideForbidden, SlideUnreadable
from telepath.slides.decoder import OpenSlideReader
from telepath.slides.deidentify.tiff_directories import Tiff
from telepath.slides.deidentify.tiff_pages import Role, alike, is_tiled, roles
from telepath.slides.reader import Description, Pixels

VENDORS: Final = frozenset({"aperio", "generic-tiff", "trestle"})
"""OpenSlide's names of the formats whose levels are tiled pages, whatever these say of themselves."""


class ShownLevels:
    """A ``reader.Reader``: some levels of another one, numbered anew."""

    def __init__(self, reader: OpenSlideReader, numbers: list[int]) -> None:
        self._reader, self._numbers = reader, numbers

    def describe(self) -> Description:
        found = self._reader.describe()
        return msgspec.structs.replace(
            found,
            sizes=tuple(found.sizes[number] for number in self._numbers),
            downsamples=tuple(found.downsamples[number] for number in self._numbers),
        )

    def pixels(self, number: int, x: int, y: int, width: int, height: int, *, z: int = 0, channel: int = 0) -> Pixels:
        return self._reader.pixels(self._numbers[number], x, y, width, height, z=z, channel=channel)

    def bgrx(self, number: int, x: int, y: int, width: int, height: int) -> NDArray[np.uint8]:
        return self._reader.bgrx(self._numbers[number], x, y, width, height)

    def companion(self, name: str) -> NDArray[np.uint8] | None:
        return self._reader.companion(name)

    def properties(self) -> dict[str, str]:
        return self._reader.properties()

    def profile(self) -> bytes | None:
        return self._reader.profile()

    def close(self) -> None:
        self._reader.close()


def of(path: Path) -> OpenSlideReader | ShownLevels:
    """The reader of a TIFF of VENDORS. Raises SlideForbidden: a label has the size of a level, which is only told by its size;
    SlideUnreadable."""
    reader = OpenSlideReader(path)
    sizes = reader.describe().sizes
    shown, withheld = _tiled(path)
    if any(size in withheld and size in shown for size in sizes):
        reader.close()
        raise SlideForbidden("error-slide-withheld-data")
    numbers = [n for n, size in enumerate(sizes) if size not in withheld and alike(size, sizes[0])]
    return reader if len(numbers) == len(sizes) or not numbers else ShownLevels(reader, numbers)


def _tiled(path: Path) -> tuple[set[tuple[int, int]], set[tuple[int, int]]]:
    """Sizes of the tiled pages that are levels, and of those that are not. Of an odd file, which OpenSlide reads and we do not,
    none: then the proportions must do."""
    found: tuple[set[tuple[int, int]], set[tuple[int, int]]] = set(), set()
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        with suppress(SlideUnreadable):
            tiff = Tiff(descriptor)
            for directory, role in zip(tiff.directories, roles(tiff), strict=True):
                if is_tiled(directory):
                    found[role is not Role.SHOWN].add(tiff.size_of(directory))
        return found
    finally:
        os.close(descriptor)
