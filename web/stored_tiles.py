"""The usual tile: it lies ready in an open file, and its bytes are in memory. Cut and told without an object for each step.

Decides nothing, and answers nothing unusual: None, and ``TileService.at_once`` says what there is to say."""

import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec

from telepath.open_files import OpenFile
from telepath.slides import jpeg
from telepath.slides.tile_index import MAX_TILE_BYTES
from telepath.slides.tile_names import BATCH_LIMIT, LONGEST_BATCH
from web.tile_answers import BATCH, JPEG

ROOM: Final = 1 << 20
"""Bytes of one answer; a longer one is unusual. ``HEAD``: of the headers of a batch."""
HEAD: Final = 4096
DIGITS: Final = 6
BATCH_OF: Final = b"batch/"
PART: Final = struct.Struct(">IH")
"""Before each tile of a batch: its length and its status."""

Whole = tuple[bytes, memoryview, OpenFile, int]
"""What goes out first, then bytes that lie in a file too, and from where on. They are there until the next answer is made."""
Tile = tuple[int, int, int]
"""Level, column and row."""


class Ready(msgspec.Struct, frozen=True, gc=False):
    """A level whose tiles lie in a file, as ``TileIndex`` has them: their first channel in the lowest plane."""

    level: int
    columns: int
    rows: int
    offsets: Sequence[int]
    lengths: Sequence[int]
    key: str
    """The storage key of the file; ``size`` in bytes."""
    size: int
    prefix: bytes
    headers: bytes
    """As they go out, up to the name of the tile in its ETag."""


Levels = Mapping[bytes, Ready]
"""By number, as addresses have it."""


class StoredTiles:
    """One for all connections of a server: what it reads stands in the same memory each time."""

    def __init__(self) -> None:
        self._bytes = bytearray(ROOM)
        self._view = memoryview(self._bytes)
        self._line = JPEG.line
        self._batch_line = BATCH.line + BATCH.wire

    def say(self, common: bytes) -> None:
        """``common``: headers of every answer, as they go out."""
        self._line, self._batch_line = JPEG.line + common, b"".join((BATCH.line, common, BATCH.wire))

    def one(self, levels: Levels, opened: Callable[[str], OpenFile | None], name: bytes) -> tuple[Whole, Tile] | None:
        """``name``: as in the address, behind /tiles/."""
        level, _, place = name.partition(b"/")
        found = _located(levels, level, place)
        if found is None:
            return None
        ready, tile, offset, length = found
        file = opened(ready.key)
        if file is None or length > ROOM:
            return None
        body = self._view[:length]
        if not file.fill(body, offset) or not self._bytes.startswith(jpeg.SOI):
            return None
        prefix = ready.prefix
        head = b'%b%b%b"\r\ncontent-length: %d\r\n\r\n%b' % (
            self._line,
            ready.headers,
            name,
            len(prefix) + length - 2,
            prefix,
        )
        return (head, body[2:], file, offset + 2), tile

    def batch(
        self, levels: Levels, opened: Callable[[str], OpenFile | None], names: bytes, room: int
    ) -> tuple[memoryview, list[Tile]] | None:
        """The whole answer. ``names``: behind /tiles/batch/; at most ``room`` of them."""
        texts = names.split(b"+")
        if len(texts) > min(room, BATCH_LIMIT) or len(names) > LONGEST_BATCH:
            return None
        view, tiles, at = self._view, [], HEAD
        for text in texts:
            level, _, place = text.partition(b"-")
            found = _located(levels, level, place)
            if found is None:
                return None
            ready, tile, offset, length = found
            file, prefix = opened(ready.key), ready.prefix
            # The tile's first two bytes give way to what stands before the others.
            start = at + PART.size + len(prefix) - 2
            end = start + length
            if file is None or end > ROOM:
                return None
            if not file.fill(view[start:end], offset) or not self._bytes.startswith(jpeg.SOI, start):
                return None
            view[at : start + 2] = PART.pack(end - at - PART.size, 200) + prefix
            tiles.append(tile)
            at = end
        head = b"%bcontent-length: %d\r\n\r\n" % (self._batch_line, at - HEAD)
        view[HEAD - len(head) : HEAD] = head
        return view[HEAD - len(head) : at], tiles


def _located(levels: Levels, level: bytes, place: bytes) -> tuple[Ready, Tile, int, int] | None:
    """The level and the tile, the first of its bytes and how many they are."""
    ready = levels.get(level)
    column_text, _, row_text = place.partition(b"_")
    if ready is None or not (column_text.isdigit() and row_text.isdigit()):
        return None
    if len(column_text) > DIGITS or len(row_text) > DIGITS:
        return None
    column, row = int(column_text), int(row_text)
    if column >= ready.columns or row >= ready.rows:
        return None
    number = row * ready.columns + column
    offset, length = ready.offsets[number], ready.lengths[number]
    if not 2 <= length <= MAX_TILE_BYTES or offset + length > ready.size:
        return None
    return ready, (ready.level, column, row), offset, length
