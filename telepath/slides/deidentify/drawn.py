"""The pseudonymous label, drawn instead of the one that was on the glass. Runs in the sandbox."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import simplejpeg
from numpy.typing import NDArray

from telepath.slides import pictures

QUALITIES: Final = (85, 60, 35, 15)
SMALLEST: Final = 16
"""px; a picture with a shorter side bears nothing."""


def jpeg(lines: Sequence[str], width: int, height: int, limit: int) -> bytes | None:
    """A JPEG of that size that says ``lines``, of at most ``limit`` bytes; blank when they do not fit; None: not even that."""
    lettered = pictures.lettered(lines, width, height) if min(width, height) >= SMALLEST else _blank(width, height)
    for pixels, qualities in ((lettered, QUALITIES), (_blank(width, height), QUALITIES[-1:])):
        for quality in qualities:
            made = encode(pixels, quality)
            if len(made) <= limit:
                return made
    return None


def fitted(lines: Sequence[str], width: int, height: int, limit: int) -> tuple[bytes, int, int] | None:
    """As ``jpeg``, as large as the room allows; None: there is room for none."""
    while width >= 1 and height >= 1:
        made = jpeg(lines, width, height, limit)
        if made is not None:
            return made, width, height
        width, height = width // 2, height // 2
    return None


def encode(pixels: NDArray[np.uint8], quality: int) -> bytes:
    """YCbCr 4:2:0, which is what TIFF 6.0 means when it says nothing of subsampling."""
    return bytes(simplejpeg.encode_jpeg(pixels, quality, colorspace="RGB", colorsubsampling="420"))


def _blank(width: int, height: int) -> NDArray[np.uint8]:
    return np.full((height, width, 3), pictures.WHITE, np.uint8)
