"""Where each tile of a slide lies: a plain file that says in which bytes, so that the web process only cuts bytes.

Written once from what the sandbox found, read by every node. Layout: ``TPTILES1``, length of the header (u32, little
endian), header (JSON, ``Header``), then for each level of a passed-through slide its offsets (u64) and its lengths (u32),
row by row. A length of 0 is an empty area, which ``blank`` shows.
"""

import struct
import sys
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Final

import msgspec

from telepath.errors import SlideForbidden, SlideIncomplete, SlideUnreadable, TileUnreadable
from telepath.slides import jpeg
from telepath.slides.pyramid import Level, Pyramid

MAGIC: Final = b"TPTILES1"
MAX_TILES: Final = 8_000_000
MAX_TILE_BYTES: Final = 16 << 20
_LENGTH: Final = struct.Struct("<I")


class Source(StrEnum):
    """How tiles are had."""

    PASSTHROUGH = "passthrough"
    """Stored JPEG tiles, cut out of the file untouched."""
    DECODED = "decoded"
    """Decoded in a worker process and encoded again."""


class File(msgspec.Struct, frozen=True):
    """``name`` within the slide's folder, ``size`` in bytes when the index was made."""

    name: str
    size: int


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """How the tiles of one level are stored."""

    file: int
    """Which of the header's files."""
    prefix: bytes
    """Stands in place of the first two bytes of each tile (telepath/slides/jpeg.py)."""
    blank: bytes
    """A white JPEG of the size of a tile, for areas that were not scanned."""


class Header(msgspec.Struct, frozen=True, kw_only=True):
    entry: str
    """The file that opens the slide, within its folder."""
    source: Source
    levels: tuple[Level, ...]
    files: tuple[File, ...] = ()
    stored: tuple[Stored, ...] = ()
    """One per level when the source is passthrough, else none."""


class Place(msgspec.Struct, frozen=True):
    """The bytes of a tile in the file ``name`` of the slide's folder; ``length`` 0: nothing was scanned there."""

    name: str
    offset: int
    length: int


class TileIndex:
    """Read only, the same for all who look at the slide."""

    def __init__(self, header: Header, tables: Sequence[tuple[Sequence[int], Sequence[int]]]) -> None:
        self.header = header
        self.pyramid = Pyramid(header.levels)
        self.passthrough = header.source is Source.PASSTHROUGH
        self._grids = [(level.columns, level.rows) for level in header.levels]
        self._tables = tables

    def has(self, level: int, column: int, row: int) -> bool:
        """Whether the slide has such a tile."""
        if not 0 <= level < len(self._grids):
            return False
        columns, rows = self._grids[level]
        return 0 <= column < columns and 0 <= row < rows

    def locate(self, level: int, column: int, row: int) -> Place:
        """Only for a tile that the slide has and that is passed through.

        Raises TileUnreadable: the range leaves the file."""
        offsets, lengths = self._tables[level]
        number = row * self._grids[level][0] + column
        offset, length = offsets[number], lengths[number]
        file = self.header.files[self.header.stored[level].file]
        if length > MAX_TILE_BYTES or offset + length > file.size:
            raise TileUnreadable
        return Place(file.name, offset, length)

    def picture(self, level: int, stored: bytes) -> bytes:
        """The JPEG file of a tile, from the bytes that ``locate`` pointed to.

        Raises TileUnreadable: they are not a JPEG picture."""
        how = self.header.stored[level]
        if not stored:
            return how.blank
        if stored[:2] != jpeg.SOI:
            raise TileUnreadable
        return how.prefix + stored[2:]


class Tiles(msgspec.Struct, kw_only=True):
    """What a format's reader (tiff.py, dicom.py) found of one level; ``check`` judges it before it becomes an index."""

    level: Level
    file: File
    offsets: "array[int]"
    lengths: "array[int]"
    colour: jpeg.Colour
    tables: bytes = b""
    withheld: list[tuple[int, int]] = msgspec.field(default_factory=list)
    """Ranges (start, end) of the same file that must never leave: label, macro, thumbnail, metadata."""

    def check(self) -> None:
        """Raises SlideIncomplete: a tile lies beyond the end of the file. SlideForbidden: a tile is not of this level, too
        many or too large, or overlaps what is withheld."""
        expected = self.level.columns * self.level.rows
        if expected > MAX_TILES or len(self.offsets) != expected or len(self.lengths) != expected:
            raise SlideForbidden("error-slide-limit", what="tiles")
        withheld = _merge(self.withheld)
        starts = [start for start, _ in withheld]
        for offset, length in zip(self.offsets, self.lengths, strict=True):
            if not length:
                continue
            if length > MAX_TILE_BYTES:
                raise SlideForbidden("error-slide-limit", what="tile")
            end = offset + length
            if end > self.file.size:
                raise SlideIncomplete
            before = bisect_right(starts, end - 1) - 1
            if before >= 0 and withheld[before][1] > offset:
                raise SlideForbidden("error-slide-withheld-data")


def _merge(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(one for one in ranges if one[1] > one[0]):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def dump(header: Header, tables: Iterable[tuple["array[int]", "array[int]"]] = ()) -> bytes:
    """The bytes of an index file. ``tables``: offsets (array 'Q') and lengths (array 'I') of each level."""
    head = msgspec.json.encode(header)
    parts = [MAGIC, _LENGTH.pack(len(head)), head]
    for table in tables:
        parts += (little_endian(column) for column in table)
    return b"".join(parts)


def load(data: bytes) -> TileIndex:
    """Raises SlideUnreadable: this is not an index file. SlideForbidden: it passes a limit."""
    start = len(MAGIC) + _LENGTH.size
    if data[: len(MAGIC)] != MAGIC or len(data) < start:
        raise SlideUnreadable
    (length,) = _LENGTH.unpack_from(data, len(MAGIC))
    try:
        header = msgspec.json.decode(data[start : start + length], type=Header)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise SlideUnreadable from None
    Pyramid(header.levels).check()
    position = start + length
    tables: list[tuple[array[int], array[int]]] = []
    if header.source is Source.PASSTHROUGH:
        if len(header.stored) != len(header.levels) or any(one.file >= len(header.files) for one in header.stored):
            raise SlideUnreadable
        for level in header.levels:
            count = level.columns * level.rows
            if count > MAX_TILES or position + 12 * count > len(data):
                raise SlideUnreadable
            offsets = _native("Q", data[position : position + 8 * count])
            lengths = _native("I", data[position + 8 * count : position + 12 * count])
            tables.append((offsets, lengths))
            position += 12 * count
    if position != len(data):
        raise SlideUnreadable
    return TileIndex(header, tables)


def little_endian(column: "array[int]") -> bytes:
    """The numbers as they lie in a file of ours."""
    if sys.byteorder == "big":
        column = array(column.typecode, column)
        column.byteswap()
    return column.tobytes()


def _native(typecode: str, data: bytes) -> "array[int]":
    column = array(typecode, data)
    if sys.byteorder == "big":
        column.byteswap()
    return column
