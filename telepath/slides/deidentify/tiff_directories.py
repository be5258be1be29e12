"""The structure of a TIFF file, byte for byte: where each directory, value and picture stands. Runs in the sandbox.

By our own few lines: a library shows values, and here each byte of the file must be accounted for. Sources: TIFF 6.0, Adobe's
BigTIFF, and for Hamamatsu's NDPI what its files show: 64-bit offsets of directories, and above 4 GiB the upper halves of all
values behind a directory."""

import os
import struct
from array import array
from collections.abc import Iterator
from typing import Final

import msgspec

from telepath.errors import SlideForbidden, SlideIncomplete, SlideUnreadable

MAX_DIRECTORIES: Final = 4096
MAX_ENTRIES: Final = 4096
MAX_VALUE: Final = 512 << 20
"""Bytes of one value: the offsets of a slide's tiles are the longest."""
SIZES: Final = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
"""Bytes of a value of each type."""
_CODES: Final = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}
_MAGIC: Final = {b"II*\0": "<", b"MM\0*": ">", b"II+\0": "<", b"MM\0+": ">"}
NDPI_FORMAT: Final = 65420
SUBDIRECTORIES: Final = 330
DATA: Final = ((273, 279), (324, 325), (513, 514))
"""Tags of where pictures lie and how long they are: strips, tiles, old JPEG."""


class Entry(msgspec.Struct, frozen=True):
    """``start``: where its bytes stand, ``bytes`` of them; ``inline``: within the entry itself."""

    tag: int
    type: int
    count: int
    start: int
    bytes: int
    inline: bool


class Directory(msgspec.Struct, frozen=True):
    """``start`` to ``end`` are the bytes of the table itself, ``entries_start`` is where its first entry stands."""

    start: int
    end: int
    entries_start: int
    next_at: int
    entries: dict[int, Entry]
    parent: int | None = None
    """The directory that it is a SubIFD of, by its number."""


class Tiff:
    """An open TIFF. Raises SlideUnreadable: not understood; SlideIncomplete; SlideForbidden: past a limit."""

    def __init__(self, descriptor: int) -> None:
        self._file = descriptor
        self.size = os.fstat(descriptor).st_size
        magic = self.read(0, 4)
        if magic not in _MAGIC:
            raise SlideUnreadable
        self.order, self.big = _MAGIC[magic], b"+" in magic
        self.ndpi = False
        self.directories: list[Directory] = []
        self._walk(self._number(8, "Q") if self.big else self._number(4, "I"), None)
        if not self.directories:
            raise SlideUnreadable

    @property
    def header_bytes(self) -> int:
        return 16 if self.big else 8

    @property
    def inline_bytes(self) -> int:
        return 8 if self.big else 4

    @property
    def entry_bytes(self) -> int:
        return 20 if self.big else 12

    def read(self, start: int, length: int) -> bytes:
        """Raises SlideIncomplete: it leaves the file."""
        if start < 0 or length < 0 or start + length > self.size:
            raise SlideIncomplete
        found = bytearray()
        while len(found) < length:
            chunk = os.pread(self._file, length - len(found), start + len(found))
            if not chunk:
                raise SlideIncomplete
            found += chunk
        return bytes(found)

    def _number(self, start: int, code: str) -> int:
        layout = self.order + code
        number: int = struct.unpack(layout, self.read(start, struct.calcsize(layout)))[0]
        return number

    def _walk(self, offset: int, parent: int | None) -> None:
        while offset:
            if len(self.directories) >= MAX_DIRECTORIES or any(one.start == offset for one in self.directories):
                raise SlideForbidden("error-slide-limit", what="directories")
            directory = self._directory(offset, parent)
            self.directories.append(directory)
            number = len(self.directories) - 1
            below = directory.entries.get(SUBDIRECTORIES)
            for place in self.numbers(below) if below is not None else ():
                self._walk(place, number)
            offset = self._next(directory)

    def _next(self, directory: Directory) -> int:
        if self.big:
            return self._number(directory.next_at, "Q")
        if self.ndpi and directory.next_at + 8 <= self.size:
            offset = self._number(directory.next_at, "Q")
            if offset < self.size:
                return offset
        return self._number(directory.next_at, "I")

    def _directory(self, offset: int, parent: int | None) -> Directory:
        count = self._number(offset, "Q" if self.big else "H")
        if not 0 < count <= MAX_ENTRIES:
            raise SlideForbidden("error-slide-limit", what="directories")
        start = offset + (8 if self.big else 2)
        table = self.read(start, count * self.entry_bytes)
        next_at = start + len(table)
        rows = [
            struct.unpack_from(self.order + ("HHQ" if self.big else "HHI"), table, number * self.entry_bytes)
            for number in range(count)
        ]
        self.ndpi = self.ndpi or (not self.big and any(tag == NDPI_FORMAT for tag, _, _ in rows))
        end = next_at + (8 if self.big or (self.ndpi and self._has_long_next(next_at)) else 4)
        upper = self._upper_halves(end, count)
        end += 4 * len(upper)
        entries: dict[int, Entry] = {}
        for number, (tag, kind, values) in enumerate(rows):
            length = values * SIZES.get(kind, 0)
            if kind not in SIZES or length > MAX_VALUE or tag in entries:
                raise SlideUnreadable
            place = start + number * self.entry_bytes + (12 if self.big else 8)
            inline = length <= self.inline_bytes
            value_at = place if inline else self._number(place, "Q" if self.big else "I")
            if upper and not inline:
                value_at += upper[number] << 32
            if value_at + length > self.size:
                raise SlideIncomplete
            entries[tag] = Entry(tag, kind, values, value_at, length, inline)
        return Directory(offset, end, start, next_at, entries, parent)

    def _has_long_next(self, next_at: int) -> bool:
        return next_at + 8 <= self.size and self._number(next_at, "Q") < self.size

    def _upper_halves(self, start: int, count: int) -> list[int]:
        """Of an NDPI file above 4 GiB."""
        if not self.ndpi or self.size < 2**32:
            return []
        return list(struct.unpack(f"{self.order}{count}I", self.read(start, 4 * count)))

    def numbers(self, entry: Entry) -> "array[int]":
        """The values of an entry of whole numbers. Raises SlideUnreadable: it has others."""
        code = _CODES.get(entry.type)
        if code is None:
            raise SlideUnreadable
        found = array(code)
        found.frombytes(self.read(entry.start, entry.bytes))
        if self.order == ">":
            found.byteswap()
        return found

    def number(self, directory: Directory, tag: int, otherwise: int = 0) -> int:
        """The first value of an entry."""
        entry = directory.entries.get(tag)
        return self.numbers(entry)[0] if entry is not None and entry.count else otherwise

    def size_of(self, directory: Directory) -> tuple[int, int]:
        """Width and height in px."""
        return self.number(directory, 256), self.number(directory, 257)

    def text(self, directory: Directory, tag: int) -> str:
        """Each byte a sign, so that places are kept."""
        entry = directory.entries.get(tag)
        return self.read(entry.start, entry.bytes).decode("latin-1") if entry is not None else ""

    def data(self, directory: Directory) -> Iterator[tuple[int, int]]:
        """Where its pictures stand, start and end. Raises SlideIncomplete."""
        for where, how_long in DATA:
            starts, lengths = directory.entries.get(where), directory.entries.get(how_long)
            if starts is None:
                continue
            if lengths is None or lengths.count != starts.count:
                raise SlideUnreadable
            for start, length in zip(self._places(directory, starts), self.numbers(lengths), strict=True):
                if length and start:
                    if start + length > self.size:
                        raise SlideIncomplete
                    yield start, start + length

    def _places(self, directory: Directory, entry: Entry) -> list[int]:
        found = list(self.numbers(entry))
        if self.ndpi and self.size >= 2**32 and entry.inline:
            place = list(directory.entries).index(entry.tag)
            found[0] += self._upper_halves(directory.next_at + 8, len(directory.entries))[place] << 32
        return found
