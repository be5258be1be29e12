"""Pixels through OpenSlide. Runs only in the worker process: a damaged slide may end it at any moment.

The only module that imports openslide. Errors of OpenSlide stick to its handle, so it is dropped after one; their texts
contain server paths, so they go nowhere."""

import ctypes
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final, TypeVar

import numpy as np
import openslide
from numpy.typing import NDArray
from openslide import lowlevel

from telepath.errors import SlideUnreadable, TileUnreadable
from telepath.slides.fluorescence import rgb
from telepath.slides.reader import COMPANION_PIXELS, Description
from telepath.slides.tile_index import WHITE

OPAQUE: Final = 255
CACHE_BYTES: Final = 64 << 20
_COLOUR: Final = re.compile(r"[0-9A-Fa-f]{6}")
_ARGB: Final = ctypes.POINTER(ctypes.c_uint32)
_Result = TypeVar("_Result")


def vendor_of(path: Path) -> str | None:
    """OpenSlide's name of the format, or None: not one that it knows."""
    try:
        return openslide.OpenSlide.detect_format(path)
    except openslide.OpenSlideError:
        return None


class OpenSlideReader:
    """A ``reader.Reader``."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._slide: openslide.OpenSlide | None = None
        self._background = rgb(WHITE)

    def describe(self) -> Description:
        return self._with(_describe, SlideUnreadable)

    def pixels(
        self, number: int, x: int, y: int, width: int, height: int, *, z: int = 0, channel: int = 0
    ) -> NDArray[np.uint8]:
        if z or channel:
            raise TileUnreadable  # OpenSlide shows one plane, in colour

        found = self.bgrx(number, x, y, width, height)
        made = np.empty((height, width, 3), np.uint8)
        for sample in range(3):  # six times faster than made[:] = found[:, :, 2::-1]
            made[:, :, sample] = found[:, :, 2 - sample]
        return made

    def bgrx(self, number: int, x: int, y: int, width: int, height: int) -> NDArray[np.uint8]:
        """(height, width, 4), on the background; the fourth byte says nothing. Raises TileUnreadable."""

        def read(slide: openslide.OpenSlide) -> NDArray[np.uint8]:
            downsample = slide.level_downsamples[number]
            return _on(
                self._background, _read(slide, round(x * downsample), round(y * downsample), number, width, height)
            )

        return self._with(read, TileUnreadable)

    def companion(self, name: str) -> NDArray[np.uint8] | None:
        return self._with(lambda slide: _companion(slide, name), SlideUnreadable)

    def properties(self) -> dict[str, str]:
        return self._with(lambda slide: dict(slide.properties), SlideUnreadable)

    def profile(self) -> bytes | None:
        return self._with(_profile, SlideUnreadable)

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
                self._background = rgb(_background(self._slide.properties))
            return work(self._slide)
        except (openslide.OpenSlideError, OSError, ValueError, OverflowError, MemoryError, IndexError):
            self.close()
            raise failure from None


def _describe(slide: openslide.OpenSlide) -> Description:
    properties = slide.properties
    mpp = _number(properties, openslide.PROPERTY_NAME_MPP_X), _number(properties, openslide.PROPERTY_NAME_MPP_Y)
    return Description(
        vendor=properties.get(openslide.PROPERTY_NAME_VENDOR, ""),
        sizes=tuple(slide.level_dimensions),
        downsamples=tuple(slide.level_downsamples),
        mpp=(mpp[0], mpp[1]) if mpp[0] is not None and mpp[1] is not None else None,
        objective=_number(properties, openslide.PROPERTY_NAME_OBJECTIVE_POWER),
        companions=tuple(slide.associated_images),
        background=_background(properties),
    )


def _background(properties: Mapping[str, str]) -> str:
    """The scanner's own colour of empty glass. Black is believed of no scanner: it would pass for a finding."""
    found = properties.get(openslide.PROPERTY_NAME_BACKGROUND_COLOR, "")
    if _COLOUR.fullmatch(found) and sum(rgb(f"#{found}")) > 3 * 128:
        return f"#{found.lower()}"
    return WHITE


def _read(slide: openslide.OpenSlide, x: int, y: int, level: int, width: int, height: int) -> NDArray[np.uint8]:
    """(height, width, 4), premultiplied, as openslide_read_region writes them: the class would put them in another order
    pixel by pixel and through Pillow, which takes longer than coding the tile."""
    if width < 1 or height < 1:
        raise ValueError
    argb = np.empty((height, width), "<u4")
    # The library writes uint32 of the machine's own order: little endian wherever its binaries exist.
    lowlevel._read_region(slide._osr, argb.ctypes.data_as(_ARGB), x, y, level, width, height)
    return argb.view(np.uint8).reshape(height, width, 4)


def _on(background: tuple[int, int, int], bgra: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """In place: what OpenSlide leaves transparent gets the background's colour."""
    # Each pixel as one number: the smallest is opaque when all are.
    if int(bgra.view("<u4").min()) >= OPAQUE << 24:
        return bgra
    lacking = OPAQUE - bgra[:, :, 3].astype(np.uint16)
    for sample in range(3):
        bgra[:, :, sample] += ((lacking * background[2 - sample] + OPAQUE // 2) // OPAQUE).astype(np.uint8)
    return bgra


def _companion(slide: openslide.OpenSlide, name: str) -> NDArray[np.uint8] | None:
    size = [slide.properties.get(f"openslide.associated.{name}.{side}", "0") for side in ("width", "height")]
    if name not in slide.associated_images or int(size[0]) * int(size[1]) > COMPANION_PIXELS:
        return None
    return np.asarray(slide.associated_images[name].convert("RGB"))


def _profile(slide: openslide.OpenSlide) -> bytes | None:
    return slide._profile or None  # not color_profile, which LittleCMS makes anew, or fails to, of damaged ones


def _number(properties: Mapping[str, str], name: str) -> float | None:
    try:
        return float(properties[name])
    except (KeyError, ValueError):
        return None
