"""Where the pieces of encapsulated pictures lie in a DICOM file. Knows no data set. Runs in the sandbox.

A file may say where each frame begins: the extended offset table, with lengths, or the basic one. What it says is used when it
fits together over all frames, ends where the pictures end, and a sample of the items lies where it says; else every item is
visited. Source: PS3.5 A.4 (encapsulation), PS3.3 C.7.6.3.1.8 (extended offset table)."""

import os
import struct
from array import array
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from telepath.errors import SlideForbidden, SlideIncomplete
from telepath.slides.tile_index import MAX_TILES

_ITEM: Final = b"\xfe\xff\x00\xe0"
_SEQUENCE_END: Final = b"\xfe\xff\xdd\xe0"
_HEAD: Final = struct.Struct("<4sI")
SAMPLE: Final = 64
"""Items that are visited before a table is believed."""

Pieces = tuple["array[int]", "array[int]"]
"""Offset (array 'Q') and length (array 'I') of each fragment."""
Said = tuple[bytes, bytes]
"""The values of Extended Offset Table and its Lengths; empty: the file has none."""


def pieces(file: BinaryIO, start: int, size: int, frames: int = 0, said: Said = (b"", b"")) -> Pieces:
    """Of the value of Pixel Data at ``start``, in a file of ``size`` bytes that should have so many ``frames``.

    Raises SlideIncomplete: the file ends first. SlideForbidden: too many."""
    descriptor = file.fileno()
    table = _said(descriptor, start, said) if 0 < frames <= MAX_TILES else None
    if table is not None and len(table[0]) == frames:
        found = _believed(descriptor, start, size, *table)
        if found is not None:
            return found
    return _visited(descriptor, start, size)


def fragments(path: Path, start: int, frames: int = 0, said: Said = (b"", b"")) -> list[tuple[int, int]]:
    """As ``pieces``: offset and length of each. Raises SlideIncomplete, SlideForbidden."""
    with path.open("rb") as file:
        return list(zip(*pieces(file, start, path.stat().st_size, frames, said), strict=True))


def offset_table(path: Path, start: int) -> tuple[int, ...]:
    """Where each frame begins, from the first item's start: the basic offset table; empty: it has none."""
    with path.open("rb") as file:
        return tuple(_basic(file.fileno(), start).tolist())


def _basic(descriptor: int, start: int) -> NDArray[np.uint32]:
    head = os.pread(descriptor, _HEAD.size, start)
    tag, length = _HEAD.unpack(head) if len(head) == _HEAD.size else (b"", 0)
    if tag != _ITEM or length > 4 * MAX_TILES:
        return np.zeros(0, "<u4")
    data = os.pread(descriptor, length, start + _HEAD.size)
    return np.frombuffer(data, "<u4", len(data) // 4)


def _said(descriptor: int, start: int, said: Said) -> tuple[NDArray[np.uint64], NDArray[np.uint64] | None] | None:
    """Offsets from the first fragment's item, and lengths where they are known."""
    offsets, lengths = said
    if offsets:
        if len(offsets) % 8 or len(lengths) != len(offsets):
            return None
        return np.frombuffer(offsets, "<u8"), np.frombuffer(lengths, "<u8")
    return _basic(descriptor, start).astype(np.uint64), None


def _believed(
    descriptor: int, start: int, size: int, offsets: NDArray[np.uint64], lengths: NDArray[np.uint64] | None
) -> Pieces | None:
    """None: the table is not true of this file."""
    if offsets[0] != 0 or offsets.max() > size or (offsets[1:] < offsets[:-1]).any():
        return None
    table = os.pread(descriptor, _HEAD.size, start)
    if len(table) < _HEAD.size:
        return None
    places = offsets.astype(np.int64) + (start + _HEAD.size + _HEAD.unpack(table)[1])
    last = _item(descriptor, int(places[-1]))
    if last is None:
        return None
    end = int(places[-1]) + _HEAD.size + last
    after = os.pread(descriptor, _HEAD.size, end)
    if len(after) < _HEAD.size or not after.startswith(_SEQUENCE_END):
        return None
    found = np.diff(places, append=end) - _HEAD.size
    if found.min() < 0 or found.max() >= 1 << 32:
        return None
    # A frame of an odd length is followed by one byte that pads it.
    if lengths is not None and (lengths + (lengths & np.uint64(1)) != found.astype(np.uint64)).any():
        return None
    for number in np.unique(np.linspace(0, len(places) - 1, SAMPLE).astype(int)).tolist():
        if _item(descriptor, int(places[number])) != int(found[number]):
            return None  # of several fragments too: none of them is the frame
    starts = (places + _HEAD.size).astype(np.uint64)
    return array("Q", starts.tobytes()), array("I", found.astype(np.uint32).tobytes())


def _item(descriptor: int, place: int) -> int | None:
    """The length of the item there; None: there is none."""
    head = os.pread(descriptor, _HEAD.size, place)
    if len(head) < _HEAD.size:
        return None
    tag, length = _HEAD.unpack(head)
    return int(length) if tag == _ITEM else None


def _visited(descriptor: int, start: int, size: int) -> Pieces:
    offsets, lengths = array("Q"), array("I")
    position, table_seen = start, False
    while True:
        head = os.pread(descriptor, _HEAD.size, position)
        if len(head) < _HEAD.size:
            raise SlideIncomplete
        tag, length = _HEAD.unpack(head)
        if tag == _SEQUENCE_END:
            return offsets, lengths
        position += _HEAD.size
        if tag != _ITEM or position + length > size:
            raise SlideIncomplete
        if table_seen:
            offsets.append(position)
            lengths.append(length)
            if len(offsets) > MAX_TILES:
                raise SlideForbidden("error-slide-limit", what="tiles")
        table_seen = True  # the first item is the basic offset table
        position += length
