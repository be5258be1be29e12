"""Pixels of the TIFF files that OpenSlide refuses or sees half of. Runs in the sandbox.

OME-TIFF with its pyramid in SubIFDs, sixteen bits, channels, focal planes, and every compression that imagecodecs knows.

Source: TIFF 6.0; OME-TIFF 6.0 specification (one page for each plane, SubIFDs for its coarser levels)."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from telepath.errors import (
    SlideForbidden,
    SlideIncomplete,
    SlideUnreadable,
    SlideUnsupported,
    TelepathError,
    TileUnreadable,
)
from telepath.slides import tiff, tiff_pixels, tiff_plan
from telepath.slides.pyramid import Level
from telepath.slides.reader import COMPANION_PIXELS, Description, Pixels
from telepath.slides.stored import Tiles
from telepath.slides.tiff_plan import Plan
from telepath.slides.tile_index import File

VENDORS: Final = {"ome-tiff", "tiff"}
"""Our names of what this reader opens."""
_OPENSLIDE: Final = {1, 5, 7, 8, 32773, 32946, 50000}
"""Compressions that OpenSlide 4.0 reads in a plain TIFF: none, LZW, JPEG, deflate, PackBits, deflate, Zstandard."""
_PALETTE: Final = 3
_WHITE: Final = (1 << 16) - 1
_Result = TypeVar("_Result")


class TiffReader:
    """A ``reader.Reader``."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: Any = None
        self._plan: Plan | None = None

    def describe(self) -> Description:
        return self._with(self._describe, SlideUnreadable)

    def pixels(self, number: int, x: int, y: int, width: int, height: int, *, z: int = 0, channel: int = 0) -> Pixels:
        return self._with(lambda plan: self._pixels(plan, number, (x, y, width, height), z, channel), TileUnreadable)

    def companion(self, name: str) -> NDArray[np.uint8] | None:
        return self._with(lambda plan: self._companion(plan, name), SlideUnreadable)

    def properties(self) -> dict[str, str]:
        return self._with(lambda plan: tiff.texts(plan.first), SlideUnreadable)

    def profile(self) -> bytes | None:
        return self._with(lambda plan: tiff.profile(plan.first), SlideUnreadable)

    def close(self) -> None:
        if self._file is not None:
            with suppress(Exception):
                self._file.close()
        self._file, self._plan = None, None

    def _with(self, work: Callable[[Plan], _Result], failure: type[TelepathError]) -> _Result:
        try:
            if self._plan is None:
                self._file = tiff.opened(self._path)
                self._plan = tiff_plan.read(self._file)
            return work(self._plan)
        except (SlideForbidden, SlideUnsupported, failure):
            self.close()
            raise
        except Exception:
            self.close()
            raise failure from None

    def _describe(self, plan: Plan) -> Description:
        sizes = plan.sizes
        return Description(
            vendor=plan.vendor,
            sizes=sizes,
            downsamples=tuple((sizes[0][0] / width + sizes[0][1] / height) / 2 for width, height in sizes),
            mpp=plan.said.mpp or tiff.resolution(plan.first),
            objective=plan.said.objective,
            companions=tuple(plan.others),
            channels=plan.channels(),
            planes=plan.size("Z"),
            plane_spacing=plan.said.plane_spacing,
        )

    def _pixels(self, plan: Plan, number: int, box: tuple[int, int, int, int], z: int, channel: int) -> Pixels:
        level = plan.levels[number]
        if plan.colour and channel:
            raise TileUnreadable
        if plan.apart:
            parts = [self._grey(plan, level[plan.place(z, one)], box, nothing=_WHITE) for one in range(3)]
            return np.stack([tiff_pixels.eight_bits(part, plan.bits()) for part in parts], axis=2)
        if plan.colour:
            page = level[plan.place(z, 0)]
            if page is None:
                return np.full((box[3], box[2], 3), 255, np.uint8)
            return tiff_pixels.region(self._file, page, box, plan.bits())
        place, sample = divmod(channel, plan.first.samplesperpixel)
        return self._grey(plan, level[plan.place(z, place)], box, sample)

    def _grey(
        self, plan: Plan, page: Any, box: tuple[int, int, int, int], sample: int = 0, *, nothing: int = 0
    ) -> Pixels:
        nothing = min(nothing, int(np.iinfo(plan.first.dtype).max))
        if page is None:
            missing: Pixels = np.full((box[3], box[2]), nothing, plan.first.dtype)
            return missing
        return tiff_pixels.region(self._file, page, box, nothing=nothing)[:, :, sample]

    def _companion(self, plan: Plan, name: str) -> NDArray[np.uint8] | None:
        page = plan.others.get(name)
        if page is None or page.imagewidth * page.imagelength > COMPANION_PIXELS:
            return None
        tiff_pixels.check(page, "TIFF")
        found = tiff_pixels.region(self._file, page, (0, 0, page.imagewidth, page.imagelength))
        if found.shape[2] == 3 and found.dtype == np.uint8:
            return found.astype(np.uint8, copy=False)
        return np.repeat(tiff_pixels.eight_bits(found[:, :, :1], tiff_pixels.bits_of(page)), 3, axis=2)


def takes(path: Path) -> bool:
    """Whether a TIFF is one of which OpenSlide sees nothing, the finest level at most (OME-TIFF), or the upper eight bits."""
    with suppress(Exception), tiff.opened(path) as file:
        first = file.pages[0]
        grey = first.samplesperpixel == 1 and first.photometric != _PALETTE
        return bool(file.is_ome) or grey or first.dtype == np.uint16 or first.compression not in _OPENSLIDE
    return False


def tiles(path: Path, described: Description) -> list[Tiles] | None:
    """As tiff.tiles, of a file that this reader described. Raises SlideIncomplete, SlideForbidden."""
    try:
        with tiff.opened(path) as file:
            return _tiles(file, tiff_plan.read(file), File(path.name, path.stat().st_size), described)
    except (SlideIncomplete, SlideForbidden):
        raise
    except Exception:
        return None


def _tiles(file: Any, plan: Plan, name: File, described: Description) -> list[Tiles] | None:
    if plan.apart or any(page is None for level in plan.levels for page in level):
        return None
    shown = {page.offset for level in plan.levels for page in level}
    withheld = [
        one
        for series in file.series
        for level in series.levels
        for page in level.pages
        if page is not None
        for one in tiff.withheld_of(page.aspage(), picture=page.offset not in shown)
    ]
    channels = max(1, len(described.channels))
    found = []
    for number, pages in enumerate(plan.levels):
        first = pages[0]
        if not first.is_tiled or (not plan.colour and first.samplesperpixel != 1):
            return None
        level = Level(
            width=first.imagewidth,
            height=first.imagelength,
            downsample=described.downsamples[number],
            tile_width=first.tilewidth,
            tile_height=first.tilelength,
        )
        order = [pages[plan.place(z, channel)] for z in range(described.planes) for channel in range(channels)]
        parts = [tiff.stored(page, level, name, sparse=True) for page in order]
        known = [part for part in parts if part is not None]
        # One prefix stands for a level: pages with tables of their own must be decoded.
        if len(known) != len(parts) or len({(part.tables, part.colour) for part in known}) != 1:
            return None
        table = known[0]
        for part in known[1:]:
            table.offsets.extend(part.offsets)
            table.lengths.extend(part.lengths)
        table.pictures, table.withheld = len(parts), withheld
        found.append(table)
    return found
