"""Pictures from what a reader reads: tiles, areas, levels that the file lacks. Runs in the sandbox.

Where nothing was scanned a colour picture has the scanner's own background, or white; never black, which would pass for a
finding."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from telepath.errors import TileUnreadable
from telepath.slides import coding, fluorescence, pictures
from telepath.slides.messages import Coding, ComposeTile, DecodeTile
from telepath.slides.pyramid import Channel
from telepath.slides.reader import Description, Pixels, Reader, ScreenReader
from telepath.slides.tiling import extent

AREA_PIXELS: Final = 60_000_000
"""Read at most for one picture."""


def tile(reader: Reader, asked: DecodeTile) -> bytes:
    """A picture of the size of a tile, empty glass beyond the slide. Raises TileUnreadable."""
    level = asked.level
    size = level.tile_width, level.tile_height
    whole = asked.shrink == 1 and extent(level, asked.column, asked.row) == size
    if whole and asked.coding is Coding.JPEG and isinstance(reader, ScreenReader):
        corner = asked.column * level.tile_width, asked.row * level.tile_height
        return coding.encode_bgrx(reader.bgrx(asked.number, *corner, *size))
    pixels = region(reader, asked)
    if asked.light is not None:
        pixels = fluorescence.eight_bits(pixels, asked.light)
    if pixels.shape[:2] == (level.tile_height, level.tile_width):
        return encoded(pixels.astype(np.uint8, copy=False), asked.coding)
    padded = _empty(*size, asked.background, grey=pixels.ndim == 2)
    padded[: pixels.shape[0], : pixels.shape[1]] = pixels
    return encoded(padded, asked.coding)


def region(reader: Reader, asked: DecodeTile) -> Pixels:
    """The tile's samples without what lies beyond the slide: (height, width, 3), or (height, width) of a channel."""
    level, shrink = asked.level, asked.shrink
    width, height = extent(level, asked.column, asked.row)
    x, y = asked.column * level.tile_width, asked.row * level.tile_height
    found = reader.pixels(
        asked.number,
        x * shrink,
        y * shrink,
        width * shrink,
        height * shrink,
        z=asked.z,
        channel=asked.channel,
    )
    return found if shrink == 1 else shrunk(found, shrink)


def compose(asked: ComposeTile) -> bytes:
    """One tile from stored ones: coded anew, or several brought together to a level that the file lacks.

    Raises TileUnreadable: one of them is no picture of its size."""
    shrink = asked.shrink
    height, width = asked.height // shrink, asked.width // shrink
    if (asked.across, len(asked.pictures)) != (shrink, shrink**2) or asked.height % shrink or asked.width % shrink:
        raise TileUnreadable
    grey = asked.light is not None
    parts, made = _sheets(shrink, height, width, 1 if grey else 3)
    for part, stream in zip(parts, asked.pictures, strict=True):
        if not stream:
            _fill(part, (0,) if grey else fluorescence.rgb(asked.background))
        elif asked.light is not None and asked.light.companded and shrink > 1:
            part[:, :, 0] = _light(stream, asked.light, part.shape[:2], shrink)
        else:
            coding.decode_into(part, stream, shrink)
    laid = made.reshape(shrink, height, shrink, width, -1)
    laid[:] = parts.reshape(shrink, shrink, height, width, -1).swapaxes(1, 2)
    if asked.coding is Coding.JPEG and not grey and shrink > 1:
        return coding.encode(made, subsampling="420")
    return encoded(made[:, :, 0] if grey else made, asked.coding)


def _light(stream: bytes, channel: Channel, size: tuple[int, ...], shrink: int) -> NDArray[np.uint8]:
    """A stored tile of light made smaller. The mean of roots is darker than the root of the mean: of a dot on a dark ground
    hardly anything would be left. Raises TileUnreadable: it is not just ``shrink`` times larger than ``size``."""
    stored = coding.decode(stream, grey=True)
    if stored.shape != tuple(shrink * side for side in size):
        raise TileUnreadable
    return fluorescence.eight_bits(shrunk(fluorescence.samples(stored, channel), shrink), channel)


@lru_cache(maxsize=1)
def _sheets(side: int, height: int, width: int, samples: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Room for ``side``² parts of ``width`` x ``height`` px, one after the other, and for the tile that they make. The same
    room for the next tile, for it lies in the processor's caches: a worker makes one tile at a time."""
    room = np.empty(side**2 * height * width * samples + 32, np.uint8)
    # libjpeg-turbo writes rows that begin at a multiple of 32 past the processor's caches: fetching them again takes an
    # eighth of the tile's time.
    first = (16 - room.ctypes.data) % 32
    parts = room[first : first + room.size - 32].reshape(side**2, height, width, samples)
    return parts, np.empty((side * height, side * width, samples), np.uint8)


def encoded(pixels: NDArray[np.uint8], how: Coding) -> bytes:
    if how is Coding.AVIF:
        return pictures.avif(pixels)
    return coding.encode(pixels)


def shrunk(pixels: Pixels, factor: int) -> Pixels:
    """Each px the mean of ``factor`` x ``factor``; at the edges of fewer."""
    if pixels.dtype == np.uint8:
        return pictures.reduced(pixels.astype(np.uint8, copy=False), factor)
    height, width = pixels.shape[:2]
    down, across = np.arange(0, height, factor), np.arange(0, width, factor)
    sums = np.add.reduceat(np.add.reduceat(pixels, down, axis=0, dtype=np.uint32), across, axis=1)
    counts = np.outer(np.diff([*down, height]), np.diff([*across, width])).astype(np.uint32)
    return ((sums + counts // 2) // counts).astype(np.uint16)


def area(
    reader: Reader,
    channels: Mapping[int, Channel],
    x: float,
    y: float,
    across: float,
    down: float,
    width: int,
    height: int,
    *,
    plane: int | None = None,
) -> NDArray[np.uint8]:
    """(height, width, 3): what lies ``across`` and ``down`` level-0 px around ``x, y``, of these channels and this plane, or
    of the middle one where the slide has it not.

    Raises TileUnreadable; also where no level is coarse enough for AREA_PIXELS."""
    described = reader.describe()
    number = _best(described, max(1.0, across / width))
    downsample = described.downsamples[number]
    size = max(1, round(across / downsample)), max(1, round(down / downsample))
    if size[0] * size[1] > AREA_PIXELS:
        raise TileUnreadable
    corner = round((x - across / 2) / downsample), round((y - down / 2) / downsample)
    z = plane if plane is not None and plane < described.planes else described.planes // 2

    def samples(channel: int) -> Pixels:
        return reader.pixels(number, *corner, *size, z=z, channel=channel)

    numbers = list(channels)
    lit = list(channels.values())
    found = fluorescence.together(lit, lambda place: samples(numbers[place])) if channels else samples(0)
    return pictures.resized(found.astype(np.uint8, copy=False), width, height)


def channels_of(reader: Reader) -> tuple[Channel, ...]:
    """Each channel with its range, from the coarsest level. Raises TileUnreadable, SlideUnreadable."""
    described = reader.describe()
    if not described.channels:
        return ()
    number = len(described.sizes) - 1
    width, height = described.sizes[number]
    # Of a slide without a coarse level its middle must do.
    side = 4096
    x, y = max(0, (width - side) // 2), max(0, (height - side) // 2)
    size = min(width, side), min(height, side)
    plane = described.planes // 2
    return fluorescence.describe(
        described.channels, lambda channel: reader.pixels(number, x, y, *size, z=plane, channel=channel)
    )


def _best(described: Description, downsample: float) -> int:
    """The coarsest level that is fine enough."""
    fine = [number for number, one in enumerate(described.downsamples) if one <= downsample * 1.001]
    return max(fine, key=lambda number: described.downsamples[number], default=0)


def _empty(width: int, height: int, background: str, *, grey: bool) -> NDArray[np.uint8]:
    if grey:
        return np.zeros((height, width), np.uint8)
    made = np.empty((height, width, 3), np.uint8)
    _fill(made, fluorescence.rgb(background))
    return made


def _fill(made: NDArray[np.uint8], colour: tuple[int, ...]) -> None:
    for sample, value in enumerate(colour):
        made[:, :, sample] = value  # a hundred times faster than all at a time
