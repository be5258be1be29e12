"""Writes a pyramid of JPEG tiles as BigTIFF, tile by tile in any order. For the slides that we make ourselves.

Source: TIFF 6.0; BigTIFF (Aware Systems); TIFF Technical Note 2 (JPEG tiles with shared tables)."""

import struct
from array import array
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import msgspec

from telepath.slides.jpeg import SOI
from telepath.slides.pyramid import Level
from telepath.slides.tile_index import little_endian

_END: Final = b"\xff\xd9"
_TABLES: Final = {0xDB, 0xC4}
_APP0: Final = 0xE0
_SCAN: Final = 0xDA
_SHORT, _LONG, _RATIONAL, _ASCII, _UNDEFINED, _LONG8 = 3, 4, 5, 2, 7, 16
_SIZES: Final = {_SHORT: 2, _LONG: 4, _RATIONAL: 8, _ASCII: 1, _UNDEFINED: 1, _LONG8: 8}


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """How the tiles of all levels are encoded."""

    rgb: bool = False
    """The components are R, G, B rather than Y, Cb, Cr."""
    subsampling: tuple[int, int] = (1, 1)
    """Horizontal and vertical, of the two chroma components."""
    mpp: float | None = None
    """µm per level-0 px."""
    profile: bytes = b""
    """ICC profile of its colours; empty: none."""
    description: str = ""
    """ImageDescription of level 0: decides what a reader takes the file for."""


class TiffWriter:
    """``with TiffWriter(path, levels, picture) as writer``, then ``put`` each tile. The directories are written at the end."""

    def __init__(self, path: Path, levels: tuple[Level, ...], picture: Picture) -> None:
        self._levels = levels
        self._picture = picture
        self._tables = b""
        self._offsets = [array("Q", bytes(8 * level.columns * level.rows)) for level in levels]
        self._lengths = [array("Q", bytes(8 * level.columns * level.rows)) for level in levels]
        self._file = path.open("wb")
        self._file.write(struct.pack("<2sHHHQ", b"II", 43, 8, 0, 0))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._finish()
        finally:
            self._file.close()

    def put(self, level: int, column: int, row: int, picture: bytes) -> None:
        """``picture``: a JPEG file of the tile's full size; all of them were made with the same quality."""
        tables, tile = abbreviate(picture)
        self._tables = self._tables or tables
        number = row * self._levels[level].columns + column
        self._offsets[level][number] = self._file.tell()
        self._lengths[level][number] = len(tile)
        self._file.write(tile)

    def _finish(self) -> None:
        link = 8  # where the offset of the next directory is written
        for number, level in enumerate(self._levels):
            entries = self._entries(number, level)
            self._file.seek(0, 2)
            placed: list[tuple[int, int, int, bytes]] = []
            for tag, kind, data in entries:
                count = len(data) // _SIZES[kind]
                if kind == _RATIONAL:
                    count = len(data) // 8
                if len(data) > 8:
                    self._file.write(b"\0" * (-self._file.tell() % 8))
                    position = self._file.tell()
                    self._file.write(data)
                    data = struct.pack("<Q", position)
                placed.append((tag, kind, count, data.ljust(8, b"\0")))
            self._file.write(b"\0" * (-self._file.tell() % 8))
            directory = self._file.tell()
            self._file.write(struct.pack("<Q", len(placed)))
            for tag, kind, count, data in placed:
                self._file.write(struct.pack("<HHQ", tag, kind, count) + data)
            next_link = self._file.tell()
            self._file.write(struct.pack("<Q", 0))
            self._file.seek(link)
            self._file.write(struct.pack("<Q", directory))
            link = next_link

    def _entries(self, number: int, level: Level) -> list[tuple[int, int, bytes]]:
        picture = self._picture
        entries = [
            (254, _LONG, struct.pack("<I", 1 if number else 0)),
            (256, _LONG, struct.pack("<I", level.width)),
            (257, _LONG, struct.pack("<I", level.height)),
            (258, _SHORT, struct.pack("<3H", 8, 8, 8)),
            (259, _SHORT, struct.pack("<H", 7)),
            (262, _SHORT, struct.pack("<H", 2 if picture.rgb else 6)),
            (277, _SHORT, struct.pack("<H", 3)),
            (284, _SHORT, struct.pack("<H", 1)),
            (322, _LONG, struct.pack("<I", level.tile_width)),
            (323, _LONG, struct.pack("<I", level.tile_height)),
            (324, _LONG8, little_endian(self._offsets[number])),
            (325, _LONG8, little_endian(self._lengths[number])),
            (347, _UNDEFINED, self._tables),
        ]
        if not picture.rgb:
            entries.append((530, _SHORT, struct.pack("<2H", *picture.subsampling)))
        if picture.description and not number:
            entries.append((270, _ASCII, picture.description.encode() + b"\0"))
        if picture.profile:
            entries.append((34675, _UNDEFINED, picture.profile))
        if picture.mpp is not None:
            per_centimetre = struct.pack("<2I", round(10_000_000 / (picture.mpp * level.downsample)), 1000)
            entries += [(282, _RATIONAL, per_centimetre), (283, _RATIONAL, per_centimetre), (296, _SHORT, b"\3\0")]
        return sorted(entries)


def abbreviate(picture: bytes) -> tuple[bytes, bytes]:
    """Take the tables, and the JFIF marker, out of a JPEG file: the stream of its tables, and what is left of it."""
    tables, rest = [SOI], [SOI]
    position = 2
    while picture[position + 1] != _SCAN:
        length = int.from_bytes(picture[position + 2 : position + 4], "big") + 2
        segment = picture[position : position + length]
        if segment[1] in _TABLES:
            tables.append(segment)
        elif segment[1] != _APP0:
            rest.append(segment)
        position += length
    return b"".join([*tables, _END]), b"".join([*rest, picture[position:]])
