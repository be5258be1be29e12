"""Walks the directories of a TIFF before any library does: what they declare is within limits, and leads nowhere twice.

Runs in the sandbox. Only numbers are read, no picture. Sources: TIFF 6.0; BigTIFF. Hamamatsu's NDPI is a TIFF whose offsets
above 4 GiB are bent (openslide.org/formats/hamamatsu): of such a file the first directory is looked at.
"""

import struct
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from telepath.errors import SlideForbidden, SlideIncomplete
from telepath.slides.pyramid import MAX_PIXELS, MAX_SIDE, MAX_TILE_SIDE
from telepath.slides.stored import touches
from telepath.slides.tile_index import MAX_TILES

MAGIC: Final = {b"II*\0": "<", b"MM\0*": ">", b"II+\0": "<", b"MM\0+": ">"}
MAX_DIRECTORIES: Final = 4096
MAX_ENTRIES: Final = 4096
MAX_SAMPLE_BYTES: Final = 256 << 20
"""Of one tile or strip, decoded: a worker may use sandbox.DATA."""
MAX_VALUES: Final = 256 << 20
"""Bytes of what all entries together point to: texts, tables, offsets."""
_BENT: Final = 65420
"""Hamamatsu's own tag; every one of its directories has it."""
_WIDTH, _LENGTH, _BITS, _COMPRESSION, _SAMPLES, _PLANAR, _DESCRIPTION = 256, 257, 258, 259, 277, 284, 270
_TILE_WIDTH, _TILE_LENGTH, _TILES, _TILE_LENGTHS, _STRIPS, _STRIP_LENGTHS, _BELOW = 322, 323, 324, 325, 273, 279, 330
_ARRAYS: Final = frozenset({_TILES, _TILE_LENGTHS, _STRIPS, _STRIP_LENGTHS})
_VALUES: Final = frozenset({_WIDTH, _LENGTH, _BITS, _COMPRESSION, _SAMPLES, _PLANAR, _TILE_WIDTH, _TILE_LENGTH, _BELOW})
_STRUCTURE: Final = _ARRAYS | _VALUES
Numbers = NDArray[np.uint64]
_LAYOUTS: Final = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}
_SIZES: Final = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}


def check(path: Path) -> None:
    """Raises SlideIncomplete: a directory lies beyond the end of the file, so the file was cut. SlideForbidden: they run in a
    circle, are more than any scanner makes, or declare pictures, tiles or counts beyond a limit."""
    with path.open("rb") as file:
        _Walk(file, path.stat().st_size).check()


class _Walk:
    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file, self._size = file, size
        magic = file.read(4)
        self._order, self._big = MAGIC[magic], b"+" in magic
        self._seen: set[int] = set()
        self._pointed = 0
        self._withheld: list[tuple[int, int]] = []
        self._tiles: list[tuple[Numbers, Numbers]] = []

    def check(self) -> None:
        self._file.seek(8 if self._big else 4)
        chains = [(self._number("Q" if self._big else "I"), frozenset[int]())]
        while chains:
            at, above = chains.pop()
            chain = set(above)
            while at:
                if at in chain or len(self._seen) >= MAX_DIRECTORIES:
                    raise SlideForbidden("error-slide-limit", what="directories")
                if at >= self._size:
                    raise SlideIncomplete
                chain.add(at)
                if at in self._seen:
                    break  # levels below a directory are often told by it and linked to each other too
                self._seen.add(at)
                at, below = self._directory(at)
                if len(chains) + len(below) > MAX_DIRECTORIES:
                    raise SlideForbidden("error-slide-limit", what="directories")
                path = frozenset(chain) if below else frozenset()
                chains += ((one, path) for one in below)
        for starts, lengths in self._tiles:
            if touches(starts, lengths, self._withheld):
                raise SlideForbidden("error-slide-withheld-data")

    def _directory(self, at: int) -> tuple[int, tuple[int, ...]]:
        """Where it leads: to the next one, and to those below it."""
        self._file.seek(at)
        count = self._number("Q" if self._big else "H")
        if count > MAX_ENTRIES:
            raise SlideForbidden("error-slide-limit", what="directories")
        width = 20 if self._big else 12
        table = self._file.read(count * width)
        if len(table) != count * width:
            raise SlideIncomplete
        after = self._number("Q" if self._big else "I")
        told: dict[int, tuple[int, ...]] = {}
        self._arrays: dict[int, Numbers] = {}
        for start in range(0, len(table), width):
            self._entry(table[start : start + width], told)
        _check_picture(told)
        self._check_tiles(told)
        # Hamamatsu keeps the upper half of its offsets behind the directory: the lower one leads anywhere.
        return (0, ()) if _BENT in told and self._size >> 32 else (after, told.get(_BELOW, ()))

    def _entry(self, entry: bytes, told: dict[int, tuple[int, ...]]) -> None:
        """Note a value that counts for the limits; of arrays of tiles only how many."""
        tag, kind, count = struct.unpack_from(f"{self._order}HH{'Q' if self._big else 'I'}", entry)
        value = entry[12 if self._big else 8 :]
        size = _SIZES.get(kind, 1) * count
        if size > len(value):
            self._pointed += size
            if self._pointed > MAX_VALUES:
                raise SlideForbidden("error-slide-limit", what="directories")
        if tag in _STRUCTURE and (kind not in _LAYOUTS or not count or tag in told):
            raise SlideForbidden("error-slide-limit", what="directories")  # readers differ in what they make of it
        if tag == _DESCRIPTION and size > len(value):
            (place,) = struct.unpack_from(self._order + ("Q" if self._big else "I"), value)
            self._withheld.append((place, place + size))
        if tag in _ARRAYS:
            told[tag] = (count,)
            if count > MAX_TILES:
                raise SlideForbidden("error-slide-limit", what="tiles")
            self._arrays[tag] = self._array(kind, size, value)
        elif tag == _BENT:
            told[tag] = ()
        elif tag in _VALUES:
            if count > MAX_DIRECTORIES:
                raise SlideForbidden("error-slide-limit", what="directories")
            if size > len(value):
                (place,) = struct.unpack_from(self._order + ("Q" if self._big else "I"), value)
                self._file.seek(min(place, self._size))
                value = self._file.read(size)
                if len(value) != size:
                    raise SlideIncomplete
            told[tag] = struct.unpack_from(f"{self._order}{count}{_LAYOUTS[kind]}", value)

    def _array(self, kind: int, size: int, value: bytes) -> "Numbers":
        if size > len(value):
            (place,) = struct.unpack_from(self._order + ("Q" if self._big else "I"), value)
            self._file.seek(min(place, self._size))
            value = self._file.read(size)
        if len(value) < size:
            raise SlideIncomplete
        return np.frombuffer(value[:size], self._order + _LAYOUTS[kind]).astype(np.uint64)

    def _check_tiles(self, told: dict[int, tuple[int, ...]]) -> None:
        """Note where the tiles lie, and what is none: where a picture has no tiles it is a label, or is not shown as stored."""
        tiled = _TILES in self._arrays
        starts, lengths = (
            self._arrays.get(tag) for tag in ((_TILES, _TILE_LENGTHS) if tiled else (_STRIPS, _STRIP_LENGTHS))
        )
        if starts is None or lengths is None:
            return
        if len(starts) != len(lengths):
            raise SlideForbidden("error-slide-limit", what="tiles")
        scanned = lengths > 0
        starts, lengths = starts[scanned], lengths[scanned]
        if not tiled:
            self._withheld += zip(starts.tolist(), (starts + lengths).tolist(), strict=True)
            return
        # libtiff believes no length of what is not compressed: it reads on to where a tile would end
        if told.get(_COMPRESSION, (1,))[0] == 1 and len(lengths) and (lengths != _tile_bytes(told)).any():
            raise SlideForbidden("error-slide-limit", what="tiles")
        self._tiles.append((starts, lengths))

    def _number(self, layout: str) -> int:
        data = self._file.read(struct.calcsize(layout))
        if len(data) != struct.calcsize(layout):
            raise SlideIncomplete
        number: int = struct.unpack(self._order + layout, data)[0]
        return number


def _tile_bytes(told: dict[int, tuple[int, ...]]) -> int:
    """Of a tile that is not compressed."""
    bits, samples = told.get(_BITS, (1,))[0], told.get(_SAMPLES, (1,))[0]
    if told.get(_PLANAR, (1,))[0] == 2:
        samples = 1
    return -(-told.get(_TILE_WIDTH, (0,))[0] * bits * samples // 8) * told.get(_TILE_LENGTH, (0,))[0]


def _check_picture(told: dict[int, tuple[int, ...]]) -> None:
    def first(tag: int, default: int) -> int:
        values = told.get(tag, ())
        return values[0] if values else default

    width, length = first(_WIDTH, 0), first(_LENGTH, 0)
    if max(width, length) > MAX_SIDE or width * length > MAX_PIXELS:
        raise SlideForbidden("error-slide-limit", what="pixels")
    across, down = first(_TILE_WIDTH, 0), first(_TILE_LENGTH, 0)
    if max(across, down) > MAX_TILE_SIDE:
        raise SlideForbidden("error-slide-limit", what="tile")
    if max(told.get(_TILES, (0,))[0], told.get(_STRIPS, (0,))[0]) > MAX_TILES:
        raise SlideForbidden("error-slide-limit", what="tiles")
    sample = -(-max(told.get(_BITS) or (1,)) // 8)
    if across and down and across * down * max(1, first(_SAMPLES, 1)) * sample > MAX_SAMPLE_BYTES:
        raise SlideForbidden("error-slide-limit", what="tile")
