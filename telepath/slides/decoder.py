"""Pixels through OpenSlide. Runs only in the worker process: a damaged slide may end it at any moment.

The only module that imports openslide. Errors of OpenSlide stick to its handle, so it is dropped after one; their texts
contain server paths, so they go nowhere."""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final, TypeVar

import numpy as np
import openslide
from numpy.typing import NDArray

from telepath.errors import SlideUnreadable, TileUnreadable
from telepath.slides.fluorescence import rgb
from telepath.slides.reader import COMPANION_PIXELS, Description
from telepath.slides.tile_index import WHITE

OPAQUE: Final = 255
CACHE_BYTES: Final = 64 << 20
_COLOUR: Final = re.compile(r"[0-9A-Fa-f]{6}")
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

        def read(slide: openslide.OpenSlide) -> NDArray[np.uint8]:
            downsample = slide.level_downsamples[number]
            corner = round(x * downsample), round(y * downsample)
            return _on(self._background, np.asarray(slide.read_region(corner, number, (width, height))))

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


def _on(background: tuple[int, int, int], rgba: NDArray[np.uint8]) -> NDArray[np.uint8]:
    alpha = rgba[:, :, 3]
    if alpha.min(initial=OPAQUE) == OPAQUE:
        return rgba[:, :, :3]
    share = alpha[:, :, np.newaxis].astype(np.uint16)
    behind = np.array(background, np.uint16) * (OPAQUE - share)
    return ((rgba[:, :, :3] * share + behind) // OPAQUE).astype(np.uint8)


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
