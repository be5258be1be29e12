"""Pixels through OpenSlide. Runs only in the worker process: a damaged slide may end it at any moment.

The only module that imports openslide. Errors of OpenSlide stick to its handle, so it is dropped after one; their texts
contain server paths, so they go nowhere."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final, TypeVar

import msgspec
import numpy as np
import openslide
import simplejpeg
from numpy.typing import NDArray

from telepath.errors import SlideUnreadable, TileUnreadable
from telepath.slides.pictures import resized
from telepath.slides.pyramid import Level
from telepath.slides.tiling import extent

QUALITY: Final = 88
WHITE: Final = 255
CACHE_BYTES: Final = 64 << 20
AREA_PIXELS: Final = 60_000_000
"""Read at most for the picture of one field."""
COMPANION_PIXELS: Final = 16_000_000
"""Of a label or an overview photograph."""
_Result = TypeVar("_Result")


class Description(msgspec.Struct, frozen=True):
    """What OpenSlide says of a slide. ``mpp`` x and y in µm/px as the file has them, believable or not."""

    vendor: str
    sizes: tuple[tuple[int, int], ...]
    downsamples: tuple[float, ...]
    mpp: tuple[float, float] | None
    objective: float | None
    companions: tuple[str, ...]
    """Names of the pictures that are not the slide: label, macro, thumbnail."""


def vendor_of(path: Path) -> str | None:
    """OpenSlide's name of the format, or None: not one that it knows."""
    try:
        return openslide.OpenSlide.detect_format(path)
    except openslide.OpenSlideError:
        return None


class Decoder:
    """One slide, opened when it is first asked for."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._slide: openslide.OpenSlide | None = None

    def describe(self) -> Description:
        """Raises SlideUnreadable."""
        return self._with(self._describe, SlideUnreadable)

    def tile(self, level: Level, number: int, column: int, row: int) -> bytes:
        """A JPEG of the size of a tile of level ``number``; white where the slide ends or was not scanned.

        Raises TileUnreadable."""
        return self._with(lambda slide: _tile(slide, level, number, column, row), TileUnreadable)

    def pixels(self, level: Level, number: int, column: int, row: int) -> NDArray[np.uint8]:
        """As ``tile``, not encoded, and without what lies beyond the slide. Raises TileUnreadable."""
        return self._with(lambda slide: _pixels(slide, level, number, column, row), TileUnreadable)

    def area(self, x: float, y: float, across: float, down: float, width: int, height: int) -> NDArray[np.uint8]:
        """(height, width, 3): what lies ``across`` and ``down`` level-0 px around ``x, y``; white where nothing is.
        Raises TileUnreadable; also where no level is coarse enough for AREA_PIXELS."""
        return self._with(lambda slide: _area(slide, x, y, across, down, width, height), TileUnreadable)

    def properties(self) -> dict[str, str]:
        """What the file says of itself, by OpenSlide's names. Raises SlideUnreadable."""
        return self._with(lambda slide: dict(slide.properties), SlideUnreadable)

    def companion(self, name: str) -> NDArray[np.uint8] | None:
        """The picture of that name that came with the slide, (height, width, 3); None: none, or larger than
        COMPANION_PIXELS. Raises SlideUnreadable."""
        return self._with(lambda slide: _companion(slide, name), SlideUnreadable)

    def close(self) -> None:
        if self._slide is not None:
            with suppress(openslide.OpenSlideError):
                self._slide.close()
            self._slide = None

    def _with(self, work: Callable[[openslide.OpenSlide], _Result], failure: type[Exception]) -> _Result:
        try:
            if self._slide is None:
                self._slide = openslide.OpenSlide(self._path)
                self._slide.set_cache(openslide.OpenSlideCache(CACHE_BYTES))
            return work(self._slide)
        except (openslide.OpenSlideError, OSError, ValueError, OverflowError, MemoryError):
            self.close()
            raise failure from None

    def _describe(self, slide: openslide.OpenSlide) -> Description:
        properties = slide.properties
        mpp = _number(properties, openslide.PROPERTY_NAME_MPP_X), _number(properties, openslide.PROPERTY_NAME_MPP_Y)
        return Description(
            vendor=properties.get(openslide.PROPERTY_NAME_VENDOR, ""),
            sizes=tuple(slide.level_dimensions),
            downsamples=tuple(slide.level_downsamples),
            mpp=(mpp[0], mpp[1]) if mpp[0] is not None and mpp[1] is not None else None,
            objective=_number(properties, openslide.PROPERTY_NAME_OBJECTIVE_POWER),
            companions=tuple(slide.associated_images),
        )


def _tile(slide: openslide.OpenSlide, level: Level, number: int, column: int, row: int) -> bytes:
    padded = np.full((level.tile_height, level.tile_width, 3), WHITE, np.uint8)
    pixels = _pixels(slide, level, number, column, row)
    padded[: pixels.shape[0], : pixels.shape[1]] = pixels
    return encode(padded)


def _area(
    slide: openslide.OpenSlide, x: float, y: float, across: float, down: float, width: int, height: int
) -> NDArray[np.uint8]:
    number = slide.get_best_level_for_downsample(max(1.0, across / width))
    downsample = slide.level_downsamples[number]
    size = max(1, round(across / downsample)), max(1, round(down / downsample))
    if size[0] * size[1] > AREA_PIXELS:
        raise ValueError("no level is coarse enough")
    corner = round(x - across / 2), round(y - down / 2)
    return resized(_on_white(np.asarray(slide.read_region(corner, number, size))), width, height)


def _pixels(slide: openslide.OpenSlide, level: Level, number: int, column: int, row: int) -> NDArray[np.uint8]:
    """(height, width, 3). What was not scanned is white, never black."""
    x, y = column * level.tile_width * level.downsample, row * level.tile_height * level.downsample
    return _on_white(np.asarray(slide.read_region((round(x), round(y)), number, extent(level, column, row))))


def _on_white(rgba: NDArray[np.uint8]) -> NDArray[np.uint8]:
    alpha = rgba[:, :, 3]
    if alpha.min() == WHITE:
        return rgba[:, :, :3]
    share = alpha[:, :, np.newaxis].astype(np.uint16)
    return ((rgba[:, :, :3] * share + WHITE * (WHITE - share)) // WHITE).astype(np.uint8)


def _companion(slide: openslide.OpenSlide, name: str) -> NDArray[np.uint8] | None:
    size = [slide.properties.get(f"openslide.associated.{name}.{side}", "0") for side in ("width", "height")]
    if name not in slide.associated_images or int(size[0]) * int(size[1]) > COMPANION_PIXELS:
        return None
    return np.asarray(slide.associated_images[name].convert("RGB"))


def encode(pixels: NDArray[np.uint8], quality: int = QUALITY) -> bytes:
    """JPEG of (height, width, 3) sRGB pixels."""
    return bytes(
        simplejpeg.encode_jpeg(np.ascontiguousarray(pixels), quality, colorspace="RGB", colorsubsampling="422")
    )


def decode(stream: bytes) -> NDArray[np.uint8]:
    """sRGB pixels (height, width, 3) of a JPEG. Raises TileUnreadable."""
    try:
        pixels: NDArray[np.uint8] = simplejpeg.decode_jpeg(stream, colorspace="RGB")
    except ValueError:
        raise TileUnreadable from None
    return pixels


def _number(properties: Mapping[str, str], name: str) -> float | None:
    try:
        return float(properties[name])
    except (KeyError, ValueError):
        return None


def white_tile(width: int, height: int) -> bytes:
    """What stands for an area that was not scanned."""
    return encode(np.full((height, width, 3), WHITE, np.uint8))
