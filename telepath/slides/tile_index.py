"""Where each tile of a slide lies: a plain file that says in which bytes, so that the web process only cuts bytes.

Written once from what the sandbox found, read by every node. Layout: ``TPTILES2``, length of the header (u32, little
endian), header (JSON, ``Header``), then for each stored level its offsets (u64) and its lengths (u32), row by row, one
picture of the level after the other: the channels of the first plane, then those of the next. A length of 0 is an empty area,
which ``blank`` shows. ``TPTILES1``, of before, is read too.
"""

import struct
import sys
from array import array
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Final

import msgspec

from telepath.errors import SlideForbidden, SlideUnreadable, TileUnreadable
from telepath.slides import jpeg
from telepath.slides.pyramid import MAX_CHANNELS, MAX_PLANES, Channel, Level, Pyramid

MAGIC: Final = b"TPTILES2"
MAGIC_1: Final = b"TPTILES1"
MAX_TILES: Final = 8_000_000
MAX_TILE_BYTES: Final = 16 << 20
WHITE: Final = "#ffffff"
_LENGTH: Final = struct.Struct("<I")


class Source(StrEnum):
    """How the tiles of a slide's finest level are had."""

    PASSTHROUGH = "passthrough"
    """Stored JPEG tiles, cut out of the file untouched."""
    DECODED = "decoded"
    """Decoded in a worker process and encoded again."""


class File(msgspec.Struct, frozen=True):
    """``name`` within the slide's folder, ``size`` in bytes when the index was made."""

    name: str
    size: int


class Stored(msgspec.Struct, frozen=True, kw_only=True, tag="stored"):
    """The tiles of a level lie in a file as JPEG."""

    file: int
    """Which of the header's files."""
    prefix: bytes
    """Stands in place of the first two bytes of each tile (telepath/slides/jpeg.py)."""
    blank: bytes
    """A JPEG of the size of a tile in the colour of empty glass, for areas that were not scanned."""


class Decoded(msgspec.Struct, frozen=True, tag="decoded"):
    """A worker reads them from level ``number`` of the reader, which is ``shrink`` times finer."""

    number: int
    shrink: int = 1


class Halved(msgspec.Struct, frozen=True, tag="halved"):
    """The file lacks this level: ``factor`` x ``factor`` tiles of the stored level ``of`` make one of its tiles."""

    of: int
    factor: int = 2


class Built(msgspec.Struct, frozen=True, tag="built"):
    """The file lacks this level, and it is too coarse to be made at once: it is made in the background."""


Way = Stored | Decoded | Halved | Built


class Header(msgspec.Struct, frozen=True, kw_only=True):
    entry: str
    """The file that opens the slide, within its folder."""
    levels: tuple[Level, ...]
    ways: tuple[Way, ...]
    """How the tiles of each level are had."""
    files: tuple[File, ...] = ()
    channels: tuple[Channel, ...] = ()
    """None: a colour picture."""
    planes: int = 1
    """Focal planes, from the lowest."""
    background: str = WHITE
    """Of glass that was not scanned, ``#rrggbb``."""


class _Stored1(msgspec.Struct):
    file: int
    prefix: bytes
    blank: bytes


class _Header1(msgspec.Struct, kw_only=True):
    entry: str
    source: Source
    levels: tuple[Level, ...]
    files: tuple[File, ...] = ()
    stored: tuple[_Stored1, ...] = ()

    def header(self) -> Header:
        passed = self.source is Source.PASSTHROUGH
        ways: tuple[Way, ...] = tuple(
            Stored(file=one.file, prefix=one.prefix, blank=one.blank) for one in self.stored if passed
        ) or tuple(Decoded(number) for number in range(len(self.levels)))
        return Header(entry=self.entry, levels=self.levels, ways=ways, files=self.files)


class Place(msgspec.Struct, frozen=True):
    """The bytes of a tile in the file ``name`` of the slide's folder; ``length`` 0: nothing was scanned there."""

    name: str
    offset: int
    length: int


Table = tuple[Sequence[int], Sequence[int]]
"""Offsets and lengths of a stored level."""


class TileIndex:
    """Read only, the same for all who look at the slide."""

    def __init__(self, header: Header, tables: Sequence[Table | None]) -> None:
        """``tables``: one per level, None where it is not stored."""
        self.header = header
        self.pyramid = Pyramid(header.levels)
        self.passthrough = isinstance(header.ways[0], Stored)
        self.channels = max(1, len(header.channels))
        self._grids = [(level.columns, level.rows) for level in header.levels]
        self.tables = tables

    @property
    def longest(self) -> int:
        """Bytes of the longest stored tile. Looks at all of them."""
        return max((max(table[1]) for table in self.tables if table is not None and len(table[1])), default=0)

    def has(self, level: int, column: int, row: int, z: int = 0, channel: int = 0) -> bool:
        """Whether the slide has such a tile."""
        if not (0 <= level < len(self._grids) and 0 <= z < self.header.planes and 0 <= channel < self.channels):
            return False
        columns, rows = self._grids[level]
        return 0 <= column < columns and 0 <= row < rows

    def locate(self, level: int, column: int, row: int, z: int = 0, channel: int = 0) -> Place:
        """Only for a tile that the slide has, of a level that is stored.

        Raises TileUnreadable: the range leaves the file."""
        table, way = self.tables[level], self.header.ways[level]
        if table is None or not isinstance(way, Stored):
            raise TileUnreadable
        columns, rows = self._grids[level]
        number = ((z * self.channels + channel) * rows + row) * columns + column
        offset, length = table[0][number], table[1][number]
        file = self.header.files[way.file]
        if length > MAX_TILE_BYTES or offset + length > file.size:
            raise TileUnreadable
        return Place(file.name, offset, length)

    def picture(self, level: int, stored: bytes) -> bytes:
        """The JPEG file of a tile, from the bytes that ``locate`` pointed to.

        Raises TileUnreadable: they are not a JPEG picture."""
        return b"".join(self.pieces(level, stored))

    def pieces(self, level: int, stored: bytes) -> tuple[bytes | memoryview, ...]:
        """As ``picture``, in pieces: nothing is copied."""
        way = self.header.ways[level]
        if not isinstance(way, Stored):
            raise TileUnreadable
        if not stored:
            return (way.blank,)
        if not stored.startswith(jpeg.SOI):
            raise TileUnreadable
        return way.prefix, memoryview(stored)[2:]


def dump(header: Header, tables: Iterable[tuple["array[int]", "array[int]"]] = ()) -> bytes:
    """The bytes of an index file. ``tables``: offsets (array 'Q') and lengths (array 'I') of each stored level, in order."""
    head = msgspec.json.encode(header)
    parts = [MAGIC, _LENGTH.pack(len(head)), head]
    for table in tables:
        parts += (little_endian(column) for column in table)
    return b"".join(parts)


def load(data: bytes) -> TileIndex:
    """Raises SlideUnreadable: this is not an index file. SlideForbidden: it passes a limit."""
    start = len(MAGIC) + _LENGTH.size
    magic = data[: len(MAGIC)]
    if magic not in (MAGIC, MAGIC_1) or len(data) < start:
        raise SlideUnreadable
    (length,) = _LENGTH.unpack_from(data, len(MAGIC))
    head = data[start : start + length]
    try:
        if magic == MAGIC_1:
            header = msgspec.json.decode(head, type=_Header1).header()
        else:
            header = msgspec.json.decode(head, type=Header)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise SlideUnreadable from None
    _check(header)
    position = start + length
    pictures = header.planes * max(1, len(header.channels))
    tables: list[Table | None] = []
    for level, way in zip(header.levels, header.ways, strict=True):
        if not isinstance(way, Stored):
            tables.append(None)
            continue
        count = level.columns * level.rows * pictures
        if count > MAX_TILES or position + 12 * count > len(data):
            raise SlideUnreadable
        offsets = _native("Q", data[position : position + 8 * count])
        lengths = _native("I", data[position + 8 * count : position + 12 * count])
        tables.append((offsets, lengths))
        position += 12 * count
    if position != len(data):
        raise SlideUnreadable
    return TileIndex(header, tables)


def _check(header: Header) -> None:
    Pyramid(header.levels).check()
    if len(header.ways) != len(header.levels):
        raise SlideUnreadable
    if not 1 <= header.planes <= MAX_PLANES or len(header.channels) > MAX_CHANNELS:
        raise SlideForbidden("error-slide-limit", what="levels")
    for number, way in enumerate(header.ways):
        if isinstance(way, Stored):
            wrong = not 0 <= way.file < len(header.files)
        elif isinstance(way, Halved):
            finer = header.ways[way.of] if 0 <= way.of < number else None
            wrong = not isinstance(finer, Stored) or way.factor not in (2, 4, 8)
        elif isinstance(way, Decoded):
            wrong = way.number < 0 or way.shrink < 1
        else:
            wrong = False
        if wrong:
            raise SlideUnreadable


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
