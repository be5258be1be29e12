"""The stored tiles of one level, as a format's reader found them, judged before they become an index. Runs in the sandbox."""

import os
from array import array
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from telepath.errors import SlideForbidden, SlideIncomplete
from telepath.slides import jpeg
from telepath.slides.pyramid import Level
from telepath.slides.tile_index import MAX_TILE_BYTES, MAX_TILES, File

UNREADABLE: Final = (1 << 32) - 1
"""The length of a tile that is not served: its place in the file holds no picture of its size."""
_KINDS: Final = 64


class Tiles(msgspec.Struct, kw_only=True):
    """What a format's reader (tiff.py, dicom.py) found of one level; ``check`` judges it before it becomes an index."""

    level: Level
    file: File
    offsets: "array[int]"
    lengths: "array[int]"
    """``pictures`` times the level's tiles, row by row; a length of 0: nothing was scanned there."""
    colour: jpeg.Colour
    tables: bytes = b""
    withheld: list[tuple[int, int]] = msgspec.field(default_factory=list)
    """Ranges (start, end) of the same file that must never leave: label, macro, thumbnail, metadata."""
    pictures: int = 1
    """Planes times channels."""

    def check(self) -> None:
        """Raises SlideIncomplete: a tile lies beyond the end of the file. SlideForbidden: a tile is not of this level, too
        many or too large, or overlaps what is withheld."""
        expected = self.level.columns * self.level.rows * self.pictures
        if expected > MAX_TILES or len(self.offsets) != expected or len(self.lengths) != expected:
            raise SlideForbidden("error-slide-limit", what="tiles")
        lengths = np.frombuffer(self.lengths, np.uint32).astype(np.uint64)
        scanned = lengths > 0
        starts, lengths = np.frombuffer(self.offsets, np.uint64)[scanned], lengths[scanned]
        if not len(starts):
            return
        if lengths.max() > MAX_TILE_BYTES:
            raise SlideForbidden("error-slide-limit", what="tile")
        if starts.max() > self.file.size or (starts + lengths).max() > self.file.size:
            raise SlideIncomplete
        if touches(starts, lengths, self.withheld):
            raise SlideForbidden("error-slide-withheld-data")

    def look(self, path: Path, prefix: bytes) -> bool:
        """Mark each tile that is no JPEG picture of the declared size, so that it is never served: it would be shown at a place
        and scale that are not its own. ``path``: the file; ``prefix``: what a tile gets in front. False: half of them are none.

        Nearly all tiles of a file begin with the same bytes, as far as their size: those are only compared. The file is a copy
        of ours and does not change, so what was looked at once need not be looked at when it is served."""
        good: set[bytes] = set()
        longest, bad, seen = 0, 0, 0
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            for number, (offset, length) in enumerate(zip(self.offsets, self.lengths, strict=True)):
                if not length:
                    continue
                seen += 1
                if longest and length >= longest and os.pread(descriptor, longest, offset) in good:
                    continue
                head = os.pread(descriptor, min(length, jpeg.HEADER_BYTES), offset)
                end = self._frame(head, prefix)
                if end is None:
                    self.lengths[number], bad = UNREADABLE, bad + 1
                elif not longest or (end == longest and len(good) < _KINDS):
                    longest = end
                    good.add(head[:end])
        finally:
            os.close(descriptor)
        return 2 * bad <= seen

    def _frame(self, head: bytes, prefix: bytes) -> int | None:
        """Where the frame header of this tile ends; None: it is no picture of the declared size."""
        header = jpeg.read_header(jpeg.splice(prefix, head)) if head[:2] == jpeg.SOI else None
        if header is None or not header.readable or header.precision != 8:
            return None
        if (header.width, header.height) != (self.level.tile_width, self.level.tile_height):
            return None
        return jpeg.frame_end(head)


def touches(starts: NDArray[np.uint64], lengths: NDArray[np.uint64], ranges: Iterable[tuple[int, int]]) -> bool:
    """Whether one of the tiles reaches into one of the ranges (start, end). Bytes; lengths are not 0."""
    kept = np.array(sorted(one for one in ranges if one[1] > one[0]), np.uint64).reshape(-1, 2)
    if not len(kept):
        return False
    # The furthest end of all ranges that begin before a tile's last byte: one beyond the tile's start touches it.
    furthest = np.maximum.accumulate(kept[:, 1])
    before = np.searchsorted(kept[:, 0], starts + lengths, side="left")
    return bool(((before > 0) & (furthest[np.maximum(before, 1) - 1] > starts)).any())
