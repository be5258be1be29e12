"""Tiles as JPEG: the only place where one is made or read. Runs in the sandbox, for the bytes are a stranger's."""

from typing import Final

import numpy as np
import simplejpeg
from numpy.typing import NDArray

from telepath.errors import TileUnreadable

QUALITY: Final = 88
SHRINKS: Final = (8, 4, 2, 1)
"""What ``decode`` can shrink by."""


def encode(pixels: NDArray[np.uint8], quality: int = QUALITY, subsampling: str = "422") -> bytes:
    """JPEG of (height, width, 3) sRGB pixels, or of the grey ones of (height, width)."""
    if pixels.ndim == 2:
        grey = np.ascontiguousarray(pixels)[:, :, np.newaxis]
        return bytes(simplejpeg.encode_jpeg(grey, quality, colorspace="GRAY", colorsubsampling="Gray"))
    return bytes(
        simplejpeg.encode_jpeg(np.ascontiguousarray(pixels), quality, colorspace="RGB", colorsubsampling=subsampling)
    )


def encode_bgrx(pixels: NDArray[np.uint8], quality: int = QUALITY) -> bytes:
    """As ``encode``, of (height, width, 4): blue, green, red and a byte that says nothing."""
    return bytes(simplejpeg.encode_jpeg(pixels, quality, colorspace="BGRX", colorsubsampling="422"))


def decode(stream: bytes, shrink: int = 1, *, grey: bool = False) -> NDArray[np.uint8]:
    """sRGB pixels (height, width, 3) of a JPEG, or (height, width), ``shrink`` (1, 2, 4, 8) times smaller: scaled in the
    transform, so that it costs less and no sample is skipped. Raises TileUnreadable."""
    try:
        if shrink == 1:
            found = simplejpeg.decode_jpeg(stream, colorspace="GRAY" if grey else "RGB")
        else:
            height, width, _, _ = simplejpeg.decode_jpeg_header(stream)
            found = simplejpeg.decode_jpeg(
                stream,
                colorspace="GRAY" if grey else "RGB",
                min_height=-(-height // shrink),
                min_width=-(-width // shrink),
            )
    except ValueError:
        raise TileUnreadable from None
    pixels: NDArray[np.uint8] = found[:, :, 0] if grey else found
    return pixels


def decode_into(made: NDArray[np.uint8], stream: bytes, shrink: int) -> None:
    """As ``decode``, into (height, width, 3) that lie together, or (height, width, 1) of grey.

    Raises TileUnreadable; also when the JPEG is not just ``shrink`` times larger."""
    height, width, samples = made.shape
    try:
        if simplejpeg.decode_jpeg_header(stream)[:2] != (height * shrink, width * shrink):
            raise TileUnreadable
        colours = "GRAY" if samples == 1 else "RGB"
        # What libjpeg smooths between samples of chroma is smoothed once more where the tile is coded anew: 0.15 dB less.
        found = simplejpeg.decode_jpeg(
            stream, colours, fastupsample=shrink > 1, min_height=height, min_width=width, buffer=made
        )
    except ValueError:
        raise TileUnreadable from None
    if found.shape != made.shape:
        raise TileUnreadable


def one_colour(width: int, height: int, colour: tuple[int, int, int]) -> bytes:
    """What stands for an area that was not scanned."""
    return encode(np.full((height, width, 3), colour, np.uint8))
