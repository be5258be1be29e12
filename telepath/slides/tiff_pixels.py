"""Pixels of one page of a TIFF, however its samples are packed: colour, grey, a palette, planes apart. Runs in the sandbox.

Source: TIFF 6.0, PhotometricInterpretation, ColorMap, PlanarConfiguration, ExtraSamples."""

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from telepath.errors import SlideForbidden, SlideUnsupported, TileUnreadable
from telepath.slides.reader import Pixels

SEGMENT_BYTES: Final = 256 << 20
"""Of one tile or strip, unpacked."""
_BLACK_ON_LIGHT, _LIGHT_ON_BLACK, _RGB, _PALETTE, _YCBCR = 0, 1, 2, 3, 6
_JPEG: Final = {6, 7, 33007, 34892}
"""Compressions whose decoders undo YCbCr themselves."""
_APERIO_YCBCR: Final = 33003
_PLANAR: Final = 2
_ALPHA: Final = {1, 2}
"""ExtraSamples: how much of the pixel is there, already in its colours or not."""
_WHITE: Final = 255


def bits_of(page: Any) -> int:
    """Of a sample."""
    bits = page.bitspersample
    return int(bits if isinstance(bits, int) else max(bits))


def is_colour(page: Any) -> bool:
    return bool(page.photometric == _PALETTE or (page.photometric in (_RGB, _YCBCR) and page.samplesperpixel >= 3))


def check(page: Any, name: str) -> None:
    """Limits on what one piece unpacks to, before any is, and whether its samples are of a kind that is shown. ``name``: of the
    format. Raises SlideForbidden, SlideUnsupported."""
    width, height = _side(page)
    if width < 1 or height < 1 or width * height * page.samplesperpixel * max(1, bits_of(page) // 8) > SEGMENT_BYTES:
        raise SlideForbidden("error-slide-limit", what="tile")
    known = page.photometric in (_BLACK_ON_LIGHT, _LIGHT_ON_BLACK) or is_colour(page)
    luma = page.photometric == _YCBCR and page.compression not in _JPEG
    if not known or luma or page.compression == _APERIO_YCBCR or page.dtype not in (np.uint8, np.uint16):
        raise SlideUnsupported("error-slide-samples", format=name)


def region(file: Any, page: Any, box: tuple[int, int, int, int], bits: int = 0, nothing: int = 0) -> Pixels:
    """(height, width, 3) of a page in colours, white where the file has nothing; (height, width, samples) of any other,
    ``nothing`` there.

    ``box``: x, y, width, height in px of the page. ``bits``: that a sample uses, where less than the page has."""
    x, y, width, height = box
    tile_width, tile_height = _side(page)
    across, down = math.ceil(page.imagewidth / tile_width), math.ceil(page.imagelength / tile_height)
    colour = is_colour(page)
    samples, kind = (3, np.dtype(np.uint8)) if colour else (page.samplesperpixel, page.dtype)
    found = np.full((height, width, samples), _WHITE if colour else nothing, kind)
    for row in range(max(0, y // tile_height), min(down, -(-(y + height) // tile_height))):
        for column in range(max(0, x // tile_width), min(across, -(-(x + width) // tile_width))):
            piece = _piece(file, page, row * across + column, across * down)
            if piece is None:
                continue
            left, top = column * tile_width, row * tile_height
            piece = piece[: page.imagelength - top, : page.imagewidth - left]
            x0, y0 = max(x, left), max(y, top)
            x1, y1 = min(x + width, left + piece.shape[1]), min(y + height, top + piece.shape[0])
            if x1 > x0 and y1 > y0:
                part = piece[y0 - top : y1 - top, x0 - left : x1 - left]
                found[y0 - y : y1 - y, x0 - x : x1 - x] = _shown(part, page, bits)
    return found


def eight_bits(pixels: Pixels, bits: int) -> NDArray[np.uint8]:
    """The upper eight of ``bits``."""
    if pixels.dtype == np.uint8:
        return pixels.astype(np.uint8, copy=False)
    upper: NDArray[np.uint8] = np.minimum(pixels >> max(0, bits - 8), 255).astype(np.uint8)
    return upper


def _side(page: Any) -> tuple[int, int]:
    """Of a tile or strip."""
    if page.is_tiled:
        return page.tilewidth, page.tilelength
    return page.imagewidth, min(page.rowsperstrip, page.imagelength)


def _shown(piece: NDArray[Any], page: Any, bits: int) -> Pixels:
    bits = min(bits or 16, bits_of(page))
    if page.photometric == _PALETTE:
        table = np.asarray(page.colormap)
        # Some writers fill the sixteen bits of its entries with eight.
        return eight_bits(np.moveaxis(table[:, piece[:, :, 0]], 0, 2), 16 if table.max(initial=0) > 255 else 8)
    if not is_colour(page):
        return piece if page.photometric == _LIGHT_ON_BLACK else ((1 << bits_of(page)) - 1) - piece
    colours = eight_bits(piece[:, :, :3], bits)
    extra = page.extrasamples[0] if page.samplesperpixel > 3 and page.extrasamples else 0
    return _over_white(colours, eight_bits(piece[:, :, 3], bits), extra) if extra in _ALPHA else colours


def _over_white(colours: NDArray[np.uint8], there: NDArray[np.uint8], extra: int) -> NDArray[np.uint8]:
    share = there[:, :, np.newaxis].astype(np.uint16)
    # 1: the colours are already as dark as little of them is there.
    lit = colours.astype(np.uint16) * _WHITE if extra == 1 else colours * share
    made: NDArray[np.uint8] = np.minimum((lit + _WHITE * (_WHITE - share)) // _WHITE, _WHITE).astype(np.uint8)
    return made


def _piece(file: Any, page: Any, number: int, count: int) -> NDArray[Any] | None:
    """(height, width, samples) of a tile or strip; None: nothing was scanned there."""
    if page.planarconfig == _PLANAR and page.samplesperpixel > 1:
        parts = [_segment(file, page, number + sample * count) for sample in range(page.samplesperpixel)]
        known: Sequence[NDArray[Any]] = [part for part in parts if part is not None]
        if len(known) != len(parts):
            return None
        return np.concatenate(known, axis=2)
    return _segment(file, page, number)


def _segment(file: Any, page: Any, number: int) -> NDArray[Any] | None:
    offset, length = page.dataoffsets[number], page.databytecounts[number]
    if not length:
        return None
    file.filehandle.seek(offset)
    data = file.filehandle.read(length)
    if len(data) != length:
        raise TileUnreadable
    # "jpegtables" and "jpegheader" belong to the page, not to the decoder that pages of one kind share.
    decoded, _, _ = page.decode(data, number, jpegtables=page.jpegtables, jpegheader=page.jpegheader)
    piece: NDArray[Any] | None = None if decoded is None else decoded[0]
    return piece
