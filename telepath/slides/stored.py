"""The stored tiles of one level, as a format's reader found them, judged before they become an index. Runs in the sandbox."""

from array import array

import msgspec
import numpy as np

from telepath.errors import SlideForbidden, SlideIncomplete
from telepath.slides import jpeg
from telepath.slides.pyramid import Level
from telepath.slides.tile_index import MAX_TILE_BYTES, MAX_TILES, File


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
        kept = np.array(sorted(one for one in self.withheld if one[1] > one[0]), np.uint64).reshape(-1, 2)
        if not len(kept):
            return
        # The furthest end of all ranges that begin before a tile's last byte: one beyond the tile's start touches it.
        furthest = np.maximum.accumulate(kept[:, 1])
        before = np.searchsorted(kept[:, 0], starts + lengths, side="left")
        touched = (before > 0) & (furthest[np.maximum(before, 1) - 1] > starts)
        if touched.any():
            raise SlideForbidden("error-slide-withheld-data")
