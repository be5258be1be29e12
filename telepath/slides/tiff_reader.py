"""Pixels of the TIFF files that OpenSlide refuses or sees half of. Runs in the sandbox.

OME-TIFF with its pyramid in SubIFDs, sixteen bits, channels, focal planes, and every compression that imagecodecs knows.

Source: TIFF 6.0; OME-TIFF 6.0 specification (one page for each plane, SubIFDs for its coarser levels)."""

import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec
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
from telepath.slides import ome, tiff
from telepath.slides.pyramid import MAX_CHANNELS, MAX_PLANES, Level
from telepath.slides.reader import COMPANION_PIXELS, Description, FoundChannel, Pixels
from telepath.slides.stored import Tiles
from telepath.slides.tile_index import File

VENDORS: Final = {"ome-tiff", "tiff"}
"""Our names of what this reader opens."""
SEGMENT_BYTES: Final = 256 << 20
"""Of one tile or strip, unpacked."""
_LIGHT_ON_BLACK, _BLACK_ON_LIGHT, _RGB, _YCBCR = 1, 0, 2, 6
_PLANAR: Final = 2
_DIMENSIONS: Final = frozenset("XYSCZTQI")
_Result = TypeVar("_Result")


class Plan(msgspec.Struct, kw_only=True):
    """Which pages of a file are the slide."""

    axes: str
    shape: tuple[int, ...]
    levels: list[list[Any]]
    """Finest first; the pages of each, in the order of the leading axes."""
    others: dict[str, Any]
    """Name → page of each picture that is not the slide."""

    @property
    def colour(self) -> bool:
        page = self.levels[0][0]
        return page.photometric in (_RGB, _YCBCR) and page.samplesperpixel >= 3

    def size(self, axis: str) -> int:
        return self.shape[self.axes.index(axis)] if axis in self.axes else 1


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
        return self._with(lambda plan: tiff.texts(plan.levels[0][0]), SlideUnreadable)

    def profile(self) -> bytes | None:
        return self._with(lambda plan: tiff.profile(plan.levels[0][0]), SlideUnreadable)

    def close(self) -> None:
        if self._file is not None:
            with suppress(Exception):
                self._file.close()
        self._file, self._plan = None, None

    def _with(self, work: Callable[[Plan], _Result], failure: type[TelepathError]) -> _Result:
        try:
            if self._plan is None:
                self._file = tiff.opened(self._path)
                self._plan = plan_of(self._file)
            return work(self._plan)
        except (SlideForbidden, SlideUnsupported, failure):
            self.close()
            raise
        except Exception:
            self.close()
            raise failure from None

    def _describe(self, plan: Plan) -> Description:
        first = plan.levels[0][0]
        said = ome.read(self._file.ome_metadata or "")
        finest = first.imagewidth, first.imagelength
        sizes = tuple((level[0].imagewidth, level[0].imagelength) for level in plan.levels)
        channels = () if plan.colour else _channels(plan, said)
        return Description(
            vendor="ome-tiff" if self._file.is_ome else "tiff",
            sizes=sizes,
            downsamples=tuple((finest[0] / width + finest[1] / height) / 2 for width, height in sizes),
            mpp=said.mpp or tiff.resolution(first),
            objective=said.objective,
            companions=tuple(plan.others),
            channels=channels,
            planes=plan.size("Z"),
            plane_spacing=said.plane_spacing,
        )

    def _pixels(self, plan: Plan, number: int, region: tuple[int, int, int, int], z: int, channel: int) -> Pixels:
        samples = 1 if plan.colour else plan.levels[0][0].samplesperpixel
        page = plan.levels[number][_place(plan, z, 0 if plan.colour else channel // samples)]
        found = _region(self._file, page, region, background=255 if plan.colour else 0)
        if plan.colour:
            return _eight_bits(found[:, :, :3], page)
        grey = found[:, :, channel % samples]
        if page.photometric == _BLACK_ON_LIGHT:
            grey = np.iinfo(grey.dtype).max - grey
        return grey

    def _companion(self, plan: Plan, name: str) -> NDArray[np.uint8] | None:
        page = plan.others.get(name)
        if page is None or page.imagewidth * page.imagelength > COMPANION_PIXELS:
            return None
        _check_page(page)
        found = _eight_bits(_region(self._file, page, (0, 0, page.imagewidth, page.imagelength), background=255), page)
        return found[:, :, :3] if found.shape[2] >= 3 else np.repeat(found[:, :, :1], 3, axis=2)


def takes(path: Path) -> bool:
    """Whether a TIFF is one of which OpenSlide sees the finest level at most (OME-TIFF), or the upper eight bits only."""
    with suppress(Exception), tiff.opened(path) as file:
        first = file.pages[0]
        return bool(file.is_ome) or first.samplesperpixel == 1 or first.dtype == np.uint16
    return False


def tiles(path: Path, described: Description) -> list[Tiles] | None:
    """As tiff.tiles, of a file that this reader described. Raises SlideIncomplete, SlideForbidden."""
    try:
        with tiff.opened(path) as file:
            return _tiles(file, plan_of(file), File(path.name, path.stat().st_size), described)
    except (SlideIncomplete, SlideForbidden):
        raise
    except Exception:
        return None


def _tiles(file: Any, plan: Plan, name: File, described: Description) -> list[Tiles] | None:
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
        order = [pages[_place(plan, z, channel)] for z in range(described.planes) for channel in range(channels)]
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


def plan_of(file: Any) -> Plan:
    """Raises SlideUnsupported: no picture in it is a slide; SlideForbidden: a limit is passed."""
    found = [
        one for one in file.series if set(one.axes) <= _DIMENSIONS and one.axes.count("Y") == 1 and _is_picture(one)
    ]
    if not found:
        raise SlideUnsupported
    main = max(found, key=_area)
    first = main.pages[0]
    if not (first.is_tiled or file.is_ome):
        raise SlideUnsupported  # an ordinary picture
    if any(page is None for level in main.levels for page in level.pages):
        raise SlideUnreadable
    levels = [[page.aspage() for page in level.pages] for level in main.levels]
    plan = Plan(
        axes=main.axes,
        shape=tuple(main.shape),
        levels=levels,
        others={
            _name(one, number): one.pages[0] for number, one in enumerate(file.series) if one is not main and one.pages
        },
    )
    if plan.size("T") > 1 or plan.size("Q") > 1 or plan.size("I") > 1:
        raise SlideUnsupported("error-slide-time")
    if plan.size("Z") > MAX_PLANES or plan.size("C") * plan.size("S") > MAX_CHANNELS:
        raise SlideForbidden("error-slide-limit", what="levels")
    for level in levels:
        if len(level) != len(levels[0]):
            raise SlideUnreadable
        for page in level:
            _check_page(page)
    return plan


def _is_picture(series: Any) -> bool:
    return bool(series.pages) and series.pages[0] is not None and series.dtype in (np.uint8, np.uint16)


def _area(series: Any) -> int:
    page = series.pages[0]
    return int(page.imagewidth) * int(page.imagelength)


def _name(series: Any, number: int) -> str:
    name = str(series.name).strip().casefold()
    return next((known for known in ("label", "macro", "overview", "thumbnail") if known in name), f"picture {number}")


def _check_page(page: Any) -> None:
    """Limits on what one piece unpacks to, before any is."""
    width = page.tilewidth if page.is_tiled else page.imagewidth
    height = page.tilelength if page.is_tiled else min(page.rowsperstrip, page.imagelength)
    bits = page.bitspersample if isinstance(page.bitspersample, int) else max(page.bitspersample)
    if width < 1 or height < 1 or width * height * page.samplesperpixel * max(1, bits // 8) > SEGMENT_BYTES:
        raise SlideForbidden("error-slide-limit", what="tile")


def _channels(plan: Plan, said: ome.Said) -> tuple[FoundChannel, ...]:
    page = plan.levels[0][0]
    bits = said.bits or (8 if page.dtype == np.uint8 else 16)
    count = plan.size("C") * (page.samplesperpixel if "S" in plan.axes else 1)
    names = [*said.channels, *[("", "")] * count][:count]
    return tuple(FoundChannel(name, colour, bits) for name, colour in names)


def _place(plan: Plan, z: int, channel: int) -> int:
    """The page of a plane and channel among those of a level."""
    wanted = {"Z": z, "C": channel}
    if any(at >= plan.size(axis) for axis, at in wanted.items()):
        raise TileUnreadable
    number = 0
    for axis, size in zip(plan.axes, plan.shape, strict=True):
        if axis not in "YXS":
            number = number * size + wanted.get(axis, 0)
    return number


def _region(file: Any, page: Any, region: tuple[int, int, int, int], *, background: int) -> Pixels:
    """(height, width, samples) of a page; ``background`` where the file has nothing."""
    x, y, width, height = region
    tile_width = page.tilewidth if page.is_tiled else page.imagewidth
    tile_height = page.tilelength if page.is_tiled else min(page.rowsperstrip, page.imagelength)
    across, down = math.ceil(page.imagewidth / tile_width), math.ceil(page.imagelength / tile_height)
    found = np.full((height, width, page.samplesperpixel), background, page.dtype)
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
                found[y0 - y : y1 - y, x0 - x : x1 - x] = piece[y0 - top : y1 - top, x0 - left : x1 - left]
    return found


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


def _eight_bits(pixels: Pixels, page: Any) -> NDArray[np.uint8]:
    if pixels.dtype == np.uint8:
        return pixels.astype(np.uint8, copy=False)
    bits = page.bitspersample if isinstance(page.bitspersample, int) else max(page.bitspersample)
    return (pixels >> max(0, bits - 8)).astype(np.uint8)
