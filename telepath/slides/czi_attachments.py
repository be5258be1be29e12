"""The pictures that lie in a CZI beside the slide: label and overview, each a small CZI of its own. Runs in the sandbox.

OpenSlide gives them too, but opens no file of JPEG XR. Source: ZISRAW (CZI) File Format, Zeiss, design specification 1.2.2."""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from telepath.errors import SlideUnreadable
from telepath.slides.dicom_codecs import jpeg_xr
from telepath.slides.reader import COMPANION_PIXELS

NAMES: Final = {b"Label": "label", b"SlidePreview": "macro"}
MOST: Final = 1000
"""Attachments, and blocks of one."""
BLOCK_BYTES: Final = 64 << 20
_HEAD, _FIXED, _ENTRY, _BLOCK, _DIMENSION = 32, 256, 128, 32, 20
_SAMPLES: Final = {0: 1, 3: 3}
"""Gray8 and Bgr24."""
_UNPACKED, _JPEG_XR = 0, 4


class _Block(msgspec.Struct, frozen=True):
    """Where a block lies in the file, and in the picture, px."""

    place: int
    samples: int
    packing: int
    x: int
    y: int
    width: int
    height: int


def names(path: Path) -> tuple[str, ...]:
    """Nothing where they cannot be told: that is no reason to refuse a slide."""
    with path.open("rb") as file:
        try:
            return tuple(dict.fromkeys(name for name, _ in _attached(file)))
        except (SlideUnreadable, struct.error, OSError):
            return ()


def picture(path: Path, name: str) -> NDArray[np.uint8] | None:
    """(height, width, 3); None: there is none of that name, or it is packed in a way that is not read here.

    Raises SlideUnreadable."""
    with path.open("rb") as file:
        try:
            start = next((start for one, start in _attached(file) if one == name), None)
            return _together(file, start) if start is not None else None
        except (ValueError, struct.error, OSError, RuntimeError, MemoryError):
            raise SlideUnreadable from None


def _attached(file: BinaryIO) -> Iterator[tuple[str, int]]:
    """Name of each, and where its own CZI begins."""
    (place,) = struct.unpack("<q", _read(file, _HEAD + 72, 8))
    if place <= 0:
        return
    (count,) = struct.unpack("<i", _read(file, place + _HEAD, 4))
    for number in range(min(count, MOST)):
        entry = _read(file, place + _HEAD + _FIXED + number * _ENTRY, _ENTRY)
        at, kind, name = struct.unpack("<12xq20x8s80s", entry)
        known = NAMES.get(name.rstrip(b"\0"))
        if known is not None and kind.rstrip(b"\0") == b"CZI":
            yield known, at + _HEAD + _FIXED


def _together(file: BinaryIO, start: int) -> NDArray[np.uint8] | None:
    blocks = list(_blocks(file, start))
    if not blocks or any(block.samples == 0 or block.packing not in (_UNPACKED, _JPEG_XR) for block in blocks):
        return None
    left, top = min(block.x for block in blocks), min(block.y for block in blocks)
    width = max(block.x + block.width for block in blocks) - left
    height = max(block.y + block.height for block in blocks) - top
    if width * height > COMPANION_PIXELS:
        return None
    made = np.full((height, width, 3), 255, np.uint8)
    for block in blocks:
        x, y = block.x - left, block.y - top
        made[y : y + block.height, x : x + block.width] = _pixels(file, block)
    return made


def _blocks(file: BinaryIO, start: int) -> Iterator[_Block]:
    """Of the finest level."""
    (directory,) = struct.unpack("<q", _read(file, start + _HEAD + 52, 8))
    (count,) = struct.unpack("<i", _read(file, start + directory + _HEAD, 4))
    at = start + directory + _HEAD + 128
    for _ in range(min(count, MOST)):
        kind, place, packing, dimensions = struct.unpack("<2xiq4xi6xi", _read(file, at, _BLOCK))
        if not 0 <= dimensions <= MOST:
            raise SlideUnreadable
        found = {}
        for number in range(dimensions):
            entry = _read(file, at + _BLOCK + number * _DIMENSION, _DIMENSION)
            name, first, size, stored = struct.unpack("<4sii4xi", entry)
            found[name.rstrip(b"\0")] = first, size, stored
        at += _BLOCK + dimensions * _DIMENSION
        (x, width, across), (y, height, down) = found.get(b"X", (0, 0, 0)), found.get(b"Y", (0, 0, 0))
        if not (0 < width <= COMPANION_PIXELS and 0 < height <= COMPANION_PIXELS):
            raise SlideUnreadable
        if (across, down) == (width, height):
            yield _Block(start + place, _SAMPLES.get(kind, 0), packing, x, y, width, height)


def _pixels(file: BinaryIO, block: _Block) -> NDArray[np.uint8]:
    start = block.place + _HEAD
    told, _, length = struct.unpack("<iiq", _read(file, start, 16))
    (dimensions,) = struct.unpack("<i", _read(file, start + 16 + 28, 4))
    data = _read(file, start + max(_FIXED, 16 + _BLOCK + _DIMENSION * dimensions) + told, length)
    shape = block.height, block.width, block.samples
    if block.packing == _JPEG_XR:
        found = jpeg_xr(data).reshape(shape)
    else:
        found = np.frombuffer(data, np.uint8, count=shape[0] * shape[1] * shape[2]).reshape(shape)[:, :, ::-1]
    return found if block.samples == 3 else np.repeat(found, 3, axis=2)


def _read(file: BinaryIO, place: int, length: int) -> bytes:
    if place < 0 or not 0 <= length <= BLOCK_BYTES:
        raise SlideUnreadable
    file.seek(place)
    data = file.read(length)
    if len(data) != length:
        raise SlideUnreadable
    return data
