"""Where the tiles of a TIFF slide lie: generic pyramids, Aperio SVS, Philips. The only module that imports tifffile.

Runs in the sandbox. What it does not understand fully it leaves to the decoder: a wrong picture is worse than a slow one.
"""

from array import array
from itertools import chain
from pathlib import Path
from typing import Any, Final

import numpy as np
import tifffile
from numpy.typing import NDArray

from telepath.errors import SlideForbidden, SlideIncomplete
from telepath.slides import directories
from telepath.slides.jpeg import Colour
from telepath.slides.pyramid import Level
from telepath.slides.reader import Description
from telepath.slides.stored import Tiles
from telepath.slides.tile_index import File

VENDORS: Final = {"generic-tiff", "aperio", "philips"}
"""OpenSlide's names of the TIFF formats whose tiles stand alone on a plain grid."""
_JPEG: Final = 7
_COLOURS: Final = {(1, 1): Colour.GREY, (2, 3): Colour.RGB, (6, 3): Colour.YCBCR}
"""By photometric interpretation and samples of a pixel."""
_IMAGE_DESCRIPTION: Final = 270
_PROFILE: Final = 34675
_TEXTS: Final = {
    269: "DocumentName",
    270: "ImageDescription",
    305: "Software",
    306: "DateTime",
    315: "Artist",
    316: "HostComputer",
}
_MICROMETRES: Final = {2: 25_400.0, 3: 10_000.0}
"""In the unit of a resolution: inch, centimetre."""


def is_tiff(path: Path) -> bool:
    """By content; the name says nothing."""
    with path.open("rb") as file:
        return file.read(4) in directories.MAGIC


def opened(path: Path) -> Any:
    """The file, without any other that it names. Close it. Raises whatever tifffile does."""
    return tifffile.TiffFile(path, _multifile=False)


def texts(page: Any) -> dict[str, str]:
    """What a page says in words."""
    found = {name: page.tags.get(code) for code, name in _TEXTS.items()}
    return {name: str(tag.value) for name, tag in found.items() if tag is not None}


def profile(page: Any) -> bytes | None:
    """The ICC profile of a page's colours."""
    tag = page.tags.get(_PROFILE)
    return bytes(tag.value) if tag is not None else None


def resolution(page: Any) -> tuple[float, float] | None:
    """µm/px, x and y; None: it says none."""
    unit = page.tags.get(296)
    across, down = page.tags.get(282), page.tags.get(283)
    micrometres = _MICROMETRES.get(int(unit.value)) if unit is not None else None
    if micrometres is None or across is None or down is None:
        return None
    (x, per_x), (y, per_y) = across.value, down.value
    return (micrometres * per_x / x, micrometres * per_y / y) if x and y else None


def check_complete(path: Path) -> None:
    """Raises SlideIncomplete: pictures of the file lie beyond its end. For formats that tifffile understands."""
    size = path.stat().st_size
    try:
        with tifffile.TiffFile(path) as tiff:
            for page in chain.from_iterable((one, *(one.pages or ())) for one in tiff.pages):
                offsets, lengths = page.dataoffsets, page.databytecounts
                if any(offset + length > size for offset, length in zip(offsets, lengths, strict=False)):
                    raise SlideIncomplete
    except SlideIncomplete:
        raise
    except Exception:
        return


def tiles(path: Path, described: Description) -> list[Tiles] | None:
    """The stored tiles of each level, finest first; None: some level must be decoded.

    ``described`` is what OpenSlide says: our levels must be the same ones. Raises SlideIncomplete, SlideForbidden."""
    try:
        with tifffile.TiffFile(path) as tiff:
            return _tiles(tiff, File(path.name, path.stat().st_size), described)
    except (SlideIncomplete, SlideForbidden):
        raise
    except Exception:
        return None


def _tiles(tiff: tifffile.TiffFile, file: File, described: Description) -> list[Tiles] | None:
    pages: list[Any] = list(tiff.pages)
    levels = sorted((page for page in pages if page.is_tiled), key=lambda page: -page.imagewidth)
    if len(levels) > len(described.sizes):  # a label may be tiled too (shown_levels.py)
        levels = [page for page in levels if (page.imagewidth, page.imagelength) in described.sizes]
    if len(levels) != len(described.sizes):
        return None
    shown = {page.offset for page in levels}
    withheld = [one for page in pages for one in withheld_of(page, picture=page.offset not in shown)]
    found = []
    for page, size, downsample in zip(levels, described.sizes, described.downsamples, strict=True):
        level = _level(page, size, downsample, padded=described.vendor == "philips")
        if level is None:
            return None
        table = stored(page, level, file, sparse=described.vendor == "philips")
        if table is None:
            return None
        table.withheld = withheld
        found.append(table)
    return found


def _level(page: Any, size: tuple[int, int], downsample: float, *, padded: bool) -> Level | None:
    declared = page.imagewidth, page.imagelength
    # Philips pads its levels to whole tiles; OpenSlide tells the true size.
    if declared != size and not (padded and declared[0] >= size[0] and declared[1] >= size[1]):
        return None
    return Level(
        width=size[0],
        height=size[1],
        downsample=downsample,
        tile_width=page.tilewidth,
        tile_height=page.tilelength,
    )


def stored(page: Any, level: Level, file: File, *, sparse: bool) -> Tiles | None:
    """The tiles of one page; None: they must be decoded. ``sparse``: a length of 0 means that nothing was scanned."""
    colour = _COLOURS.get((page.photometric, page.samplesperpixel))
    if page.compression != _JPEG or colour is None or page.bitspersample != 8:
        return None
    if page.planarconfig != 1 or page.imagedepth != 1:
        return None
    stride = -(-page.imagewidth // level.tile_width)
    rows = -(-page.imagelength // level.tile_height)
    if len(page.dataoffsets) != stride * rows or len(page.databytecounts) != stride * rows:
        return None
    offsets, lengths = array("Q", page.dataoffsets), array("I", page.databytecounts)
    if (stride, rows) != (level.columns, level.rows):
        inside = [row * stride + column for row in range(level.rows) for column in range(level.columns)]
        offsets, lengths = array("Q", [offsets[at] for at in inside]), array("I", [lengths[at] for at in inside])
    if not sparse and 0 in lengths:
        return None  # OpenSlide fills such holes from coarser levels
    return Tiles(level=level, file=file, offsets=offsets, lengths=lengths, colour=colour, tables=page.jpegtables or b"")


def withheld_of(page: Any, *, picture: bool) -> list[tuple[int, int]]:
    """Where a page keeps what never leaves: its description, and, unless it is part of the slide, its ``picture``."""
    found = []
    description = page.tags.get(_IMAGE_DESCRIPTION)
    if description is not None:  # Philips keeps the label in it, and the patient's name
        found.append((description.valueoffset, description.valueoffset + description.count))
    if picture:
        found += ((start, start + length) for start, length in zip(page.dataoffsets, page.databytecounts, strict=True))
    return found


def write_ome(path: Path, pyramid: list[NDArray[np.uint16]], said: dict[str, Any]) -> None:
    """An OME-TIFF of grey planes, for the slides that we make ourselves. ``pyramid``: finest first; ``said``: as tifffile takes
    what OME-XML is to say, with the axes."""
    how: dict[str, Any] = {"tile": (256, 256), "photometric": "minisblack", "compression": "zstd", "predictor": True}
    with tifffile.TiffWriter(path, bigtiff=True, ome=True) as file:
        file.write(pyramid[0], subifds=len(pyramid) - 1, metadata=said, **how)
        for level in pyramid[1:]:
            file.write(level, subfiletype=1, **how)
