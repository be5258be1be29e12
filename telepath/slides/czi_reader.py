"""Pixels of Zeiss CZI files, whatever their compression, channels and planes. The only module that imports pylibCZIrw, which is
Zeiss's own reader. Runs in the sandbox.

Label and overview lie in a CZI as attachments, which that library does not give: czi_attachments.py reads them, and OpenSlide
what is packed in other ways."""

import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray
from pylibCZIrw import czi

from telepath.errors import SlideForbidden, SlideUnreadable, SlideUnsupported, TelepathError, TileUnreadable
from telepath.slides import czi_attachments
from telepath.slides.decoder import OpenSlideReader
from telepath.slides.pyramid import MAX_CHANNELS, MAX_PIXELS, MAX_PLANES, MAX_SIDE
from telepath.slides.reader import Description, FoundChannel, Pixels

MARK: Final = b"ZISRAWFILE"
MAX_BLOCKS: Final = 2_000_000
READ_PIXELS: Final = 64_000_000
XML_LIMIT: Final = 64 << 20
NAME_LIMIT: Final = 80
_COLOUR: Final = "Bgr24"
_GREY: Final = {"Gray8": 8, "Gray16": 16}
_Result = TypeVar("_Result")


def is_czi(path: Path) -> bool:
    """By content."""
    with path.open("rb") as file:
        return file.read(len(MARK)) == MARK


class CziReader:
    """A ``reader.Reader``."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: czi.CziReader | None = None
        self._lowest = 0
        """The number of the first plane: what was cut out of a larger file keeps those of that."""
        self._companions = OpenSlideReader(path)

    def describe(self) -> Description:
        return self._with(self._describe, SlideUnreadable)

    def pixels(self, number: int, x: int, y: int, width: int, height: int, *, z: int = 0, channel: int = 0) -> Pixels:
        box = x, y, width, height
        return self._with(
            lambda file: _pixels(file, number, box, _plane(file, self._lowest, z, channel)), TileUnreadable
        )

    def companion(self, name: str) -> NDArray[np.uint8] | None:
        found = czi_attachments.picture(self._path, name)
        return found if found is not None or name not in self._opened() else self._companions.companion(name)

    def properties(self) -> dict[str, str]:
        return self._with(_texts, SlideUnreadable)

    def profile(self) -> bytes | None:
        return None

    def close(self) -> None:
        self._companions.close()
        if self._file is not None:
            with suppress(Exception):
                self._file.close()
            self._file = None

    def _with(self, work: Callable[[czi.CziReader], _Result], failure: type[TelepathError]) -> _Result:
        try:
            if self._file is None:
                self._file = czi.CziReader(str(self._path))
                self._lowest = _lowest(self._file)
            return work(self._file)
        except (SlideForbidden, SlideUnsupported, failure):
            self.close()
            raise
        except Exception:
            self.close()
            raise failure from None

    def _describe(self, file: czi.CziReader) -> Description:
        kinds = set(file.pixel_types.values())
        if not (kinds == {_COLOUR} or (len(kinds) == 1 and kinds <= set(_GREY))):
            raise SlideUnsupported("error-slide-samples", format="CZI")
        box = file.total_bounding_box_no_pyramid
        if box.get("T", (0, 1))[1] > 1:
            raise SlideUnsupported("error-slide-time")
        width, height = _size(file)
        said = _said(file)
        steps = _steps(file)
        planes = box.get("Z", (0, 1))[1]
        channels = box.get("C", (0, 1))[1]
        if planes > MAX_PLANES or channels > MAX_CHANNELS:
            raise SlideForbidden("error-slide-limit", what="levels")
        grey = next(iter(kinds)) in _GREY
        if not grey and channels > 1:
            raise SlideUnsupported("error-slide-samples", format="CZI")
        names = [*_channels(said), *[("", "")] * channels][:channels]
        bits = _GREY.get(next(iter(kinds)), 8)
        across, down = _distance(said, "X"), _distance(said, "Y")
        return Description(
            vendor="zeiss",
            sizes=tuple((-(-width // step), -(-height // step)) for step in steps),
            downsamples=tuple(float(step) for step in steps),
            mpp=(across, down) if across is not None and down is not None else None,
            objective=_number(said, ".//Objective/NominalMagnification"),
            companions=tuple(dict.fromkeys((*czi_attachments.names(self._path), *self._opened()))),
            channels=tuple(FoundChannel(name, colour, bits) for name, colour in names) if grey else (),
            planes=planes,
            plane_spacing=_distance(said, "Z") if planes > 1 else None,
        )

    def _opened(self) -> tuple[str, ...]:
        """What OpenSlide gives."""
        with suppress(SlideUnreadable):
            return self._companions.describe().companions
        return ()


def _size(file: czi.CziReader) -> tuple[int, int]:
    rectangle = file.total_bounding_rectangle_no_pyramid
    if not (0 < rectangle.w <= MAX_SIDE and 0 < rectangle.h <= MAX_SIDE and rectangle.w * rectangle.h <= MAX_PIXELS):
        raise SlideForbidden("error-slide-limit", what="pixels")
    return rectangle.w, rectangle.h


def _steps(file: czi.CziReader) -> list[int]:
    """1, 2, 4 … as far as the file has coarser blocks: a scanner makes one for each halving, some one for each third."""
    coarsest, count = 1.0, 0

    def look(_number: int, block: Any) -> bool:
        nonlocal coarsest, count
        count += 1
        zoom = block.get_zoom()
        if 0 < zoom < 1:
            coarsest = max(coarsest, 1 / zoom)
        return count <= MAX_BLOCKS

    file.enumerate_subblocks(look)
    if count > MAX_BLOCKS:
        raise SlideForbidden("error-slide-limit", what="tiles")
    steps = [1]
    while steps[-1] * 2 <= coarsest * 1.01 and len(steps) < 16:
        steps.append(steps[-1] * 2)
    return steps


def _lowest(file: czi.CziReader) -> int:
    """The number of the first plane. The library says only how many there are."""
    several = file.total_bounding_box_no_pyramid.get("Z", (0, 1))[1] > 1
    found: list[int] = []

    def look(_number: int, block: Any) -> bool:
        found.append(block.coordinate.to_dict().get("Z", 0))
        return several and len(found) <= MAX_BLOCKS

    file.enumerate_subblocks(look)
    return min(found, default=0)


def _plane(file: czi.CziReader, lowest: int, z: int, channel: int) -> dict[str, int]:
    """As the library takes it. Raises TileUnreadable: there is no such one."""
    box = file.total_bounding_box_no_pyramid
    if z >= box["Z"][1] or channel >= box["C"][1]:
        raise TileUnreadable
    return {"Z": lowest + z, "C": channel}


def _pixels(file: czi.CziReader, number: int, region: tuple[int, int, int, int], plane: dict[str, int]) -> Pixels:
    step = 1 << number
    x, y, width, height = region
    if width < 1 or height < 1 or width * height > READ_PIXELS:
        raise TileUnreadable
    corner = file.total_bounding_rectangle_no_pyramid
    grey = file.pixel_types[plane["C"]] in _GREY
    found = file.read(
        roi=(corner.x + x * step, corner.y + y * step, width * step, height * step),
        plane=plane,
        zoom=1 / step,
        background_pixel=(0.0, 0.0, 0.0) if grey else (1.0, 1.0, 1.0),
    )
    # At a scale below one the library rounds sizes down.
    padding = [(0, max(0, height - found.shape[0])), (0, max(0, width - found.shape[1])), (0, 0)]
    whole = np.pad(found, padding, mode="edge")[:height, :width]
    return whole[:, :, 0] if grey else whole[:, :, ::-1]


def _said(file: czi.CziReader) -> ElementTree.Element | None:
    text = file.raw_metadata
    if not text or len(text) > XML_LIMIT or "<!DOCTYPE" in text or "<!ENTITY" in text:
        return None
    with suppress(ElementTree.ParseError):
        return ElementTree.fromstring(text)  # noqa: S314 - no entities are declared, and the process is shut in
    return None


def _texts(file: czi.CziReader) -> dict[str, str]:
    """The texts of its metadata, by the names of their elements: a later one of the same name is left out."""
    said = _said(file)
    found: dict[str, str] = {}
    for element in said.iter() if said is not None else ():
        if element.text and element.text.strip():
            found.setdefault(f"zeiss.{element.tag}", element.text.strip())
    return found


def _channels(said: ElementTree.Element | None) -> list[tuple[str, str]]:
    """Name and ``#rrggbb`` of each; the colour stands in the display settings, as ``#AARRGGBB``."""
    if said is None:
        return []
    shown = {one.get("Id"): one for one in said.findall(".//DisplaySetting/Channels/Channel")}
    found = []
    for channel in said.findall(".//Image/Dimensions/Channels/Channel"):
        colour = channel.findtext("Color") or getattr(shown.get(channel.get("Id")), "findtext", lambda _: "")("Color")
        text = (colour or "").lstrip("#")[-6:].lower()
        valid = len(text) == 6 and all(sign in "0123456789abcdef" for sign in text) and text != "ffffff"
        name = " ".join((channel.get("Name") or channel.findtext("Fluor") or "").split())
        found.append((name[:NAME_LIMIT], f"#{text}" if valid else ""))
    return found


def _distance(said: ElementTree.Element | None, axis: str) -> float | None:
    """µm/px; the file has metres."""
    metres = _number(said, f".//Scaling/Items/Distance[@Id='{axis}']/Value")
    return metres * 1e6 if metres else None


def _number(said: ElementTree.Element | None, place: str) -> float | None:
    text = said.findtext(place) if said is not None else None
    with suppress(TypeError, ValueError):
        return float(text or "")
    return None
