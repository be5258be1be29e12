"""How bright the samples of a channel become where a coarse level does not show it: a dot of light is lost in the mean of its
surroundings. Runs in the sandbox."""

import math
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

import msgspec
import numpy as np

from telepath.errors import TileUnreadable
from telepath.slides.pyramid import Channel
from telepath.slides.reader import Description, Pixels, Reader

SIDE: Final = 256
"""px of the finest level that are looked at in one place."""
PLACES: Final = 12
"""Around the brightest of the coarsest level, and as many spread over the slide."""
COARSE: Final = 4096
"""px of the coarsest level that are looked at, at most, in both directions."""
_BLOCKS: Final = 512
ROOM: Final = 2
"""Times as bright as the brightest that was seen: there is more on a slide than was looked at."""


def with_room(channels: tuple[Channel, ...], reader: Reader) -> tuple[Channel, ...]:
    """The same, with a range that holds what is seen at the finest level too. Raises TileUnreadable, SlideUnreadable."""
    described = reader.describe()
    return tuple(
        _with_room(channel, number, described, reader) if channel.companded else channel
        for number, channel in enumerate(channels)
    )


def _with_room(channel: Channel, number: int, described: Description, reader: Reader) -> Channel:
    most = (1 << described.channels[number].bits) - 1
    width, height = described.sizes[0]
    highest, plane = channel.highest, described.planes // 2
    for x, y in (*_bright(number, described, reader), *_spread(described)):
        if highest >= most:
            break
        left, top = max(0, min(x - SIDE // 2, width - SIDE)), max(0, min(y - SIDE // 2, height - SIDE))
        with suppress(TileUnreadable):  # one bad tile is no reason to refuse a slide
            found = reader.pixels(0, left, top, min(SIDE, width), min(SIDE, height), z=plane, channel=number)
            highest = max(highest, min(most, ROOM * int(found.max(initial=0))))
    return msgspec.structs.replace(channel, highest=highest)


def _spread(described: Description) -> Iterator[tuple[int, int]]:
    """Level-0 px."""
    width, height = described.sizes[0]
    across = math.ceil(math.sqrt(PLACES))
    for number in range(PLACES):
        row, column = divmod(number, across)
        yield int((column + 0.5) * width / across), int((row + 0.5) * height / math.ceil(PLACES / across))


def _bright(number: int, described: Description, reader: Reader) -> Iterator[tuple[int, int]]:
    """The brightest places of the coarsest level, one after the other, level-0 px."""
    level = len(described.sizes) - 1
    width, height = described.sizes[level]
    left, top = max(0, (width - COARSE) // 2), max(0, (height - COARSE) // 2)
    size = min(width, COARSE), min(height, COARSE)
    found = reader.pixels(level, left, top, *size, z=described.planes // 2, channel=number)
    step = math.ceil(max(size) / _BLOCKS)
    blocks, scale = _brightest_of(found, step), described.downsamples[level]
    apart = math.ceil(SIDE / 2 / (scale * step))
    for _ in range(PLACES):
        row, column = (int(at) for at in np.unravel_index(blocks.argmax(), blocks.shape))
        if not blocks[row, column]:
            return
        blocks[max(0, row - apart) : row + apart + 1, max(0, column - apart) : column + apart + 1] = 0
        yield int((left + (column + 0.5) * step) * scale), int((top + (row + 0.5) * step) * scale)


def _brightest_of(pixels: Pixels, step: int) -> Pixels:
    """Of each ``step`` x ``step`` px the brightest."""
    down, across = (np.arange(0, length, step) for length in pixels.shape)
    found: Pixels = np.maximum.reduceat(np.maximum.reduceat(pixels, down, axis=0), across, axis=1)
    return found
