"""Barcodes in a picture of a label. Runs only in the worker process: the only module that imports zxingcpp."""

from typing import Final

import numpy as np
import zxingcpp
from numpy.typing import NDArray

TEXT_LIMIT: Final = 200
MOST: Final = 8
"""Barcodes of one label; a label has one or two."""
SIDE: Final = 4000
"""A label is a photograph of some hundred px; of what is larger nothing is read."""


def read(pixels: NDArray[np.uint8]) -> tuple[str, ...]:
    """What the barcodes in (height, width, 3) sRGB pixels say, any of the usual kinds, whichever way they lie."""
    if not pixels.size or max(pixels.shape[:2]) > SIDE:
        return ()
    found = zxingcpp.read_barcodes(np.ascontiguousarray(pixels[:, :, ::-1]))
    texts = dict.fromkeys(one.text[:TEXT_LIMIT].strip() for one in found if one.valid)
    return tuple(text for text in texts if text)[:MOST]
