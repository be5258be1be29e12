"""DICOM slides that OpenSlide refuses, or shows less of than there is: grey and sixteen bits, several optical paths and focal
planes, sparse tiles, concatenations, and every way of packing them. Runs in the sandbox.

Source: PS3.3 C.8.12 (whole-slide microscopy), C.7.6.16.2.1 (pixel measures), C.8.12.5 (optical paths)."""

from array import array
from collections.abc import Callable, Mapping
from itertools import product
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
from telepath.slides import dicom, dicom_items
from telepath.slides.dicom_codecs import SYNTAXES, decoded, eight_bits
from telepath.slides.dicom_frames import COLOURS, GREY, Frame, Matrix, levels_of, paths_of, planes_of
from telepath.slides.jpeg import Colour
from telepath.slides.pyramid import MAX_CHANNELS, MAX_PLANES, Level
from telepath.slides.reader import COMPANION_PIXELS, Description, FoundChannel, Pixels
from telepath.slides.stored import Tiles
from telepath.slides.tile_index import File

_SYNTAXES: Final = frozenset(SYNTAXES)
_OPENSLIDE: Final = {f"1.2.840.10008.1.2{rest}" for rest in (".1", ".4.50", ".4.90", ".4.91")}
"""Transfer syntaxes that OpenSlide 4.0 reads."""
_Result = TypeVar("_Result")


class DicomReader:
    """A ``reader.Reader``. ``path`` is any file of the series; the others lie beside it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._levels: list[Matrix] | None = None
        self._others: dict[str, Path] = {}

    def describe(self) -> Description:
        return self._with(self._describe, SlideUnreadable)

    def pixels(self, number: int, x: int, y: int, width: int, height: int, *, z: int = 0, channel: int = 0) -> Pixels:
        return self._with(lambda levels: _region(levels[number], (x, y, width, height), z, channel), TileUnreadable)

    def companion(self, name: str) -> NDArray[np.uint8] | None:
        return self._with(lambda _: self._companion(name), SlideUnreadable)

    def properties(self) -> dict[str, str]:
        return self._with(lambda levels: dicom.texts(levels[0].header), SlideUnreadable)

    def profile(self) -> bytes | None:
        return self._with(lambda levels: _profile(levels[0].header), SlideUnreadable)

    def close(self) -> None:
        self._levels = None

    def _with(self, work: Callable[[list[Matrix]], _Result], failure: type[TelepathError]) -> _Result:
        try:
            if self._levels is None:
                self._levels, self._others = levels_of(self._path, _SYNTAXES)
            return work(self._levels)
        except (SlideForbidden, SlideUnsupported, SlideIncomplete, failure):
            self.close()
            raise
        except Exception:
            self.close()
            raise failure from None

    def _describe(self, levels: list[Matrix]) -> Description:
        first = levels[0].header
        sizes = tuple(level.size for level in levels)
        grey = first.PhotometricInterpretation in GREY
        planes, paths = planes_of(first), paths_of(first)
        if planes > MAX_PLANES or paths > MAX_CHANNELS:
            raise SlideForbidden("error-slide-limit", what="levels")
        return Description(
            vendor="dicom",
            sizes=sizes,
            downsamples=tuple((sizes[0][0] / width + sizes[0][1] / height) / 2 for width, height in sizes),
            mpp=_mpp(first),
            objective=_objective(first),
            companions=tuple(self._others),
            channels=_channels(first, paths) if grey else (),
            planes=planes,
            plane_spacing=_spacing(first),
        )

    def _companion(self, name: str) -> NDArray[np.uint8] | None:
        path = self._others.get(name)
        found = dicom.picture(path) if path is not None else None
        if path is None or found is None:
            return None
        header, start, length = found
        width, height = int(header.Columns), int(header.Rows)
        if width * height > COMPANION_PIXELS or int(header.get("NumberOfFrames", 1)) != 1:
            return None
        pieces = ((start, length),) if length is not None else tuple(dicom_items.fragments(path, start))
        pixels = decoded(header, Frame(path, pieces))
        shown = eight_bits(pixels, header)
        return shown if shown.ndim == 3 else np.repeat(shown[:, :, np.newaxis], 3, axis=2)


def takes(path: Path) -> bool:
    """Whether a DICOM slide is one that OpenSlide refuses, or shows less of than there is."""
    found = dicom.picture(path)
    if found is None:
        return False
    header = found[0]
    return bool(
        header.file_meta.get("TransferSyntaxUID") not in _OPENSLIDE
        or header.get("PhotometricInterpretation") not in COLOURS
        or header.get("BitsAllocated") != 8
        or header.get("DimensionOrganizationType") != "TILED_FULL"
        or header.get("ConcatenationUID") is not None
        or planes_of(header) > 1
        or paths_of(header) > 1
    )


def tiles(path: Path, described: Description) -> list[Tiles] | None:
    """As dicom.tiles, of a slide that this reader described. Raises SlideIncomplete, SlideForbidden."""
    try:
        found = [_tiles(level, described, number) for number, level in enumerate(levels_of(path, _SYNTAXES)[0])]
    except (SlideIncomplete, SlideForbidden):
        raise
    except Exception:
        return None
    known = [one for one in found if one is not None]
    return known if len(known) == len(found) else None


def _tiles(level: Matrix, described: Description, number: int) -> Tiles | None:
    header = level.header
    colour = dicom.COLOURS.get(header.PhotometricInterpretation)
    paths = {frame.path for frame in level.frames.values()}
    whole = all(len(frame.pieces) == 1 for frame in level.frames.values())
    if header.file_meta.TransferSyntaxUID != dicom.JPEG_BASELINE or header.BitsAllocated != 8 or colour is None:
        return None
    if len(paths) != 1 or not whole:
        return None
    path = paths.pop()
    width, height = level.size
    grid = Level(
        width=width,
        height=height,
        downsample=described.downsamples[number],
        tile_width=int(header.Columns),
        tile_height=int(header.Rows),
    )
    offsets, lengths = array("Q"), array("I")
    channels = max(1, len(described.channels))
    for z, channel, row, column in product(
        range(described.planes), range(channels), range(grid.rows), range(grid.columns)
    ):
        frame = level.frames.get((z, channel, column, row))
        offset, length = frame.pieces[0] if frame is not None else (0, 0)
        offsets.append(offset)
        lengths.append(length)
    first = min(frame.pieces[0] for frame in level.frames.values())
    with path.open("rb") as file:
        colour = colour if colour is Colour.GREY else dicom.colour_of(file, first, colour)
    return Tiles(
        level=grid,
        file=File(path.name, path.stat().st_size),
        offsets=offsets,
        lengths=lengths,
        colour=colour,
        withheld=[(0, first[0])],
        pictures=described.planes * channels,
    )


def _region(level: Matrix, region: tuple[int, int, int, int], z: int, channel: int) -> Pixels:
    header = level.header
    x, y, width, height = region
    if (
        z >= planes_of(header)
        or channel >= paths_of(header)
        or (channel and header.PhotometricInterpretation not in GREY)
    ):
        raise TileUnreadable
    grey = header.PhotometricInterpretation in GREY
    kind = np.uint16 if grey and header.BitsAllocated == 16 else np.uint8
    found = np.zeros((height, width), kind) if grey else np.full((height, width, 3), 255, kind)
    side = header.Columns, header.Rows
    for row in range(max(0, y // side[1]), -(-(y + height) // side[1])):
        for column in range(max(0, x // side[0]), -(-(x + width) // side[0])):
            frame = level.frames.get((z, channel, column, row))
            if frame is None:
                continue
            tile = decoded(header, frame)
            tile = tile if grey else eight_bits(tile, header)
            left, top = column * side[0], row * side[1]
            x0, y0 = max(x, left), max(y, top)
            x1, y1 = min(x + width, left + side[0], level.size[0]), min(y + height, top + side[1], level.size[1])
            if x1 > x0 and y1 > y0:
                found[y0 - y : y1 - y, x0 - x : x1 - x] = tile[y0 - top : y1 - top, x0 - left : x1 - left]
    return found


def _channels(header: Any, paths: int) -> tuple[FoundChannel, ...]:
    named = [
        " ".join(str(one.get("OpticalPathDescription") or one.get("OpticalPathIdentifier") or "").split())[:80]
        for one in header.get("OpticalPathSequence") or ()
    ]
    bits = int(header.BitsStored)
    return tuple(FoundChannel(name, "", bits) for name in [*named, *[""] * paths][:paths])


def _shared(header: Any) -> Mapping[str, Any]:
    groups = header.get("SharedFunctionalGroupsSequence")
    measures = groups[0].get("PixelMeasuresSequence") if groups else None
    return measures[0] if measures else {}


def _mpp(header: Any) -> tuple[float, float] | None:
    spacing = _shared(header).get("PixelSpacing")
    return (float(spacing[1]) * 1000, float(spacing[0]) * 1000) if spacing else None


def _spacing(header: Any) -> float | None:
    between = _shared(header).get("SpacingBetweenSlices")
    return float(between) * 1000 if between and planes_of(header) > 1 else None


def _objective(header: Any) -> float | None:
    paths = header.get("OpticalPathSequence") or ()
    power = paths[0].get("ObjectiveLensPower") if paths else None
    return float(power) if power else None


def _profile(header: Any) -> bytes | None:
    paths = header.get("OpticalPathSequence") or ()
    found = paths[0].get("ICCProfile") if paths else header.get("ICCProfile")
    return bytes(found) if found else None
