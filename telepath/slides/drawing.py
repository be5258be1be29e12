"""A part of a slide in any size, turned and coded as somebody else's viewer asks (iiif.py). Runs in the sandbox."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from telepath.errors import TileUnreadable
from telepath.slides import coding, fluorescence, pictures
from telepath.slides.iiif import Format, Quality
from telepath.slides.messages import NO_TILE, DrawPicture

QUALITY: Final = 90
UNREADABLE: Final = 200
"""Grey of a tile that could not be read: white would pass for glass."""


def draw(asked: DrawPicture) -> bytes:
    """Raises TileUnreadable: the tiles do not fit each other."""
    wanted = asked.wanted
    box = (asked.left, asked.top, asked.left + asked.width, asked.top + asked.height)
    pixels = pictures.resized(_laid(asked), wanted.across, wanted.down, box=box)
    if wanted.mirrored:
        pixels = pixels[:, ::-1]
    pixels = np.rot90(pixels, -(wanted.rotation // 90))
    if wanted.quality in (Quality.GRAY, Quality.BITONAL):
        pixels = pictures.grey(pixels)
        if wanted.quality is Quality.BITONAL:
            pixels = np.where(pixels < 128, 0, 255).astype(np.uint8)
    if wanted.format is Format.JPEG:
        return coding.encode(pixels, QUALITY)
    return pictures.png(pixels) if wanted.format is Format.PNG else pictures.encode(np.ascontiguousarray(pixels))


def _laid(asked: DrawPicture) -> NDArray[np.uint8]:
    """The tiles beside each other, (height, width, 3)."""
    kinds = max(1, len(asked.channels))
    each = len(asked.tiles) // kinds
    if asked.across < 1 or each * kinds != len(asked.tiles) or each % asked.across:
        raise TileUnreadable
    if not asked.channels:
        return _sheet(asked, asked.tiles, grey=False)
    return fluorescence.together(
        asked.channels,
        lambda number: fluorescence.samples(
            _sheet(asked, asked.tiles[number * each : (number + 1) * each], grey=True), asked.channels[number]
        ),
    )


def _sheet(asked: DrawPicture, tiles: tuple[bytes, ...], *, grey: bool) -> NDArray[np.uint8]:
    width, height = asked.tile_width, asked.tile_height
    shape = len(tiles) // asked.across * height, asked.across * width
    empty = np.zeros(shape, np.uint8) if grey else np.full((*shape, 3), fluorescence.rgb(asked.background), np.uint8)
    sheet: NDArray[np.uint8] = empty
    for place, stream in enumerate(tiles):
        row, column = divmod(place, asked.across)
        part = sheet[row * height : (row + 1) * height, column * width : (column + 1) * width]
        if stream == NO_TILE:
            part[:] = UNREADABLE
        elif stream:
            found = coding.decode(stream, grey=grey)
            if found.shape[:2] != (height, width):
                raise TileUnreadable
            part[:] = found
    return sheet
