"""Aperio slides of JPEG 2000 in red, green and blue: their tiles by the decoder of JPEG 2000 itself. Runs in the sandbox.

OpenSlide gives the same pixels, but takes half as long again to lay them on a canvas. It draws all that does not begin with a
tile, and where the file has none. Sources: openslide.org/formats/aperio (33005); ISO/IEC 15444-1 A.5.1."""

import struct
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from telepath.errors import SlideUnreadable, TileUnreadable
from telepath.slides import tiff
from telepath.slides.decoder import OpenSlideReader
from telepath.slides.dicom_codecs import jpeg_2000
from telepath.slides.reader import Description
from telepath.slides.tile_index import MAX_TILE_BYTES

MIN_SIDE, MAX_SIDE = 128, 512
"""px of tiles that are shown as the file has them."""
_RGB_2000: Final = 33005
_SIZE: Final = struct.Struct(">HHHH8IH")
"""SOC, SIZ, its length, Rsiz; Xsiz, Ysiz, XOsiz, YOsiz and the same of its own tiles; Csiz."""
_STARTS: Final = 0xFF4F, 0xFF51
_SAMPLES: Final = bytes((7, 1, 1)) * 3
"""Eight bits, not signed, one for each pixel."""


class AperioReader:
    """A ``reader.Reader``, in front of OpenSlide's."""

    def __init__(self, path: Path, openslide: OpenSlideReader) -> None:
        self._path, self._openslide = path, openslide
        self._file: Any = None
        self._pages: list[Any] = []

    def describe(self) -> Description:
        described = self._openslide.describe()
        try:
            self._open()
        except Exception:
            self.close()
            raise SlideUnreadable from None
        sides = tuple(_side(page) for page in self._pages)
        usual = all(MIN_SIDE <= side <= MAX_SIDE for one in sides for side in one)
        return msgspec.structs.replace(described, tiles=sides) if usual else described

    def pixels(
        self, number: int, x: int, y: int, width: int, height: int, *, z: int = 0, channel: int = 0
    ) -> NDArray[np.uint8]:
        if not z and not channel:
            try:
                found = self._tiles(number, x, y, width, height)
            except Exception:
                self.close()
                raise TileUnreadable from None
            if found is not None:
                return found
        return self._openslide.pixels(number, x, y, width, height, z=z, channel=channel)

    def companion(self, name: str) -> NDArray[np.uint8] | None:
        return self._openslide.companion(name)

    def properties(self) -> dict[str, str]:
        return self._openslide.properties()

    def profile(self) -> bytes | None:
        return self._openslide.profile()

    def close(self) -> None:
        self._openslide.close()
        if self._file is not None:
            with suppress(Exception):
                self._file.close()
        self._file, self._pages = None, []

    def _open(self) -> None:
        if self._file is None:
            self._file = tiff.opened(self._path)
            pages = sorted((page for page in self._file.pages if page.is_tiled), key=lambda page: -page.imagewidth)
            # OpenSlide's levels, or none: a tile of another level would be shown at a scale that is not its own.
            same = [(page.imagewidth, page.imagelength) for page in pages] == list(self._openslide.describe().sizes)
            self._pages = pages if same else []

    def _tiles(self, number: int, x: int, y: int, width: int, height: int) -> NDArray[np.uint8] | None:
        """What whole tiles show there; None: OpenSlide knows better."""
        self._open()
        if not self._pages:
            return None
        page = self._pages[number]
        side, down = _side(page)
        across = -(-page.imagewidth // side)
        inside = x >= 0 and x + width <= page.imagewidth and y >= 0 and y + height <= page.imagelength
        if not _is_plain(page) or not inside or x % side or y % down or width < 1 or height < 1:
            return None
        rows = range(y // down, -(-(y + height) // down))
        columns = range(x // side, -(-(x + width) // side))
        if not all(page.databytecounts[row * across + column] for row in rows for column in columns):
            return None  # OpenSlide fills such holes from coarser levels
        if len(rows) == len(columns) == 1:
            return self._tile(page, rows[0] * across + columns[0])[:height, :width]
        made = np.empty((len(rows) * down, len(columns) * side, 3), np.uint8)
        for top, row in enumerate(rows):
            for left, column in enumerate(columns):
                tile = self._tile(page, row * across + column)
                made[top * down : (top + 1) * down, left * side : (left + 1) * side] = tile
        return made[:height, :width]

    def _tile(self, page: Any, number: int) -> NDArray[np.uint8]:
        offset, length = page.dataoffsets[number], page.databytecounts[number]
        if length > MAX_TILE_BYTES:
            raise TileUnreadable
        self._file.filehandle.seek(offset)
        stream = self._file.filehandle.read(length)
        side, down = _side(page)
        if len(stream) != length or not _is_tile(stream, side, down):
            raise TileUnreadable
        return jpeg_2000(stream)


def takes(path: Path) -> bool:
    """Whether an Aperio slide is one for this reader."""
    with suppress(Exception), tiff.opened(path) as file:
        return bool(file.pages[0].compression == _RGB_2000)
    return False


def _side(page: Any) -> tuple[int, int]:
    return page.tilewidth, page.tilelength


def _is_plain(page: Any) -> bool:
    return bool(
        page.compression == _RGB_2000
        and page.samplesperpixel == 3
        and page.bitspersample == 8
        and page.planarconfig == 1
        and page.imagedepth == 1
    )


def _is_tile(stream: bytes, width: int, height: int) -> bool:
    """Whether it is a bare code stream of this size: no decoder is asked for a larger one."""
    if len(stream) < _SIZE.size + len(_SAMPLES):
        return False
    first, second, _, _, right, bottom, left, top, _, _, _, _, samples = _SIZE.unpack_from(stream)
    known = stream[_SIZE.size : _SIZE.size + len(_SAMPLES)] == _SAMPLES
    return (first, second) == _STARTS and (right - left, bottom - top, samples) == (width, height, 3) and known
