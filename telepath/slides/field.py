"""The picture of one field of a slide, as a screen shows it: turned and mirrored, in sRGB. Runs in the sandbox."""

import math
from typing import Final

import numpy as np
from msgspec import UNSET
from numpy.typing import NDArray

from telepath.errors import TileUnreadable
from telepath.geometry import Look, View
from telepath.slides import colour, fluorescence, pictures, rendering
from telepath.slides.coding import encode
from telepath.slides.reader import Reader

SIDE: Final = 1200
"""Longest side of the picture, px; less where the slide has no more."""
QUALITY: Final = 90


def draw(opened: Reader, view: View) -> bytes:
    """A JPEG in the proportions of ``view``, in its plane and channels; white beyond the slide.

    Raises TileUnreadable: it cannot be read, or only from more px than may be."""
    if not view.valid():
        raise TileUnreadable
    scale = min(1.0, SIDE / max(view.width, view.height))
    width, height = max(1, round(view.width * scale)), max(1, round(view.height * scale))
    look = Look() if view.look is UNSET else view.look
    channels = fluorescence.looked(rendering.channels_of(opened), look.windows())
    if view.rotation % 360 == 0:
        pixels = rendering.area(opened, channels, view.x, view.y, view.width, view.height, width, height, plane=look.z)
    else:
        # A square that holds the field whichever way it lies, turned about its middle.
        across = math.hypot(view.width, view.height)
        side = max(1, math.ceil(across * scale))
        square = rendering.area(opened, channels, view.x, view.y, across, across, side, side, plane=look.z)
        pixels = _middle(pictures.turned(square, view.rotation), width, height)
    if not channels and look.colours != "off":
        pixels = colour.shown(opened.profile(), pixels)
    return encode(pixels[:, ::-1] if view.flip else pixels, QUALITY)


def _middle(pixels: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    top, left = (pixels.shape[0] - height) // 2, (pixels.shape[1] - width) // 2
    return pixels[top : top + height, left : left + width]
