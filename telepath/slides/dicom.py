"""Where the frames of a DICOM whole-slide image lie. The only module that imports pydicom. Runs in the sandbox.

Source: PS3.3 C.7.6.17.3 (TILED_FULL), C.8.12.4 (VL Whole Slide Microscopy), PS3.5 A.4 (encapsulated pixel data).
"""

import io
import struct
import warnings
from pathlib import Path
from typing import Any, BinaryIO, Final

import msgspec
import pydicom

from telepath.errors import SlideIncomplete, SlideUnreadable
from telepath.slides import dicom_items
from telepath.slides.jpeg import HEADER_BYTES, Colour, read_header
from telepath.slides.pyramid import Level
from telepath.slides.reader import Description
from telepath.slides.stored import Tiles
from telepath.slides.tile_index import File

WHOLE_SLIDE: Final = "1.2.840.10008.5.1.4.1.1.77.1.6"
_TEXTS: Final = frozenset({"AE", "AS", "CS", "DA", "DT", "LO", "LT", "PN", "SH", "ST", "TM", "UC", "UI", "UT"})
JPEG_BASELINE: Final = "1.2.840.10008.1.2.4.50"
COLOURS: Final = {
    "MONOCHROME2": Colour.GREY,
    "RGB": Colour.RGB,
    "YBR_FULL": Colour.YCBCR,
    "YBR_FULL_422": Colour.YCBCR,
    "YBR_ICT": None,
}
_TAGS: Final = [
    "SOPClassUID",
    "SeriesInstanceUID",
    "ImageType",
    "Rows",
    "Columns",
    "TotalPixelMatrixColumns",
    "TotalPixelMatrixRows",
    "NumberOfFrames",
    "DimensionOrganizationType",
    "PhotometricInterpretation",
    "SamplesPerPixel",
    "BitsAllocated",
    "ConcatenationUID",
    "TotalPixelMatrixFocalPlanes",
    "NumberOfOpticalPaths",
    "ExtendedOffsetTable",
    "ExtendedOffsetTableLengths",
]


class Instance(msgspec.Struct, frozen=True):
    """One file of a series."""

    path: Path
    series: str
    whole_slide: bool


def is_dicom(path: Path) -> bool:
    """By content: ``DICM`` after the preamble."""
    with path.open("rb") as file:
        file.seek(128)
        return file.read(4) == b"DICM"


def instance(path: Path) -> Instance | None:
    """Which series this file belongs to; None: it is not a DICOM file that can be read."""
    if not is_dicom(path):
        return None
    with path.open("rb") as file:
        header = _header(file)
    if header is None:
        return None
    return Instance(path, str(header.get("SeriesInstanceUID", "")), header.get("SOPClassUID") == WHOLE_SLIDE)


def series(folder: Path, uid: str) -> list[Path]:
    """The files of the series in this folder, by name."""
    found = []
    for path in sorted(folder.iterdir()):
        if path.is_file() and not path.is_symlink():
            one = instance(path)
            if one is not None and one.series == uid and one.whole_slide:
                found.append(path)
    return found


def check_complete(path: Path) -> None:
    """Raises SlideIncomplete: the file ends before its pictures do. SlideUnreadable: its header is damaged."""
    size = path.stat().st_size
    with path.open("rb") as file:
        header = _header(file)
        if header is None:
            raise SlideUnreadable
        value = _pixel_data(file)
        if value is None:
            raise SlideIncomplete
        start, length = value
        if length is None:
            dicom_items.pieces(file, start, size, frames_of(header), said(header))
        elif start + length > size:
            raise SlideIncomplete


def tiles(path: Path, described: Description) -> list[Tiles] | None:
    """The stored frames of each level, finest first; None: some level must be decoded.

    ``path`` is any file of the series, the others lie beside it. Raises SlideIncomplete, SlideForbidden."""
    first = instance(path)
    if first is None:
        return None
    levels: dict[tuple[int, int], Tiles] = {}
    for member in series(path.parent, first.series):
        with member.open("rb") as file:
            header = _header(file)
            if header is None or "VOLUME" not in header.get("ImageType", ()):
                continue
            found = _frames(file, header, File(member.name, member.stat().st_size), described)
        if found is None:
            return None
        size = found.level.width, found.level.height
        if size in levels:
            return None
        levels[size] = found
    if set(levels) != set(described.sizes):
        return None
    return [levels[size] for size in described.sizes]


def _frames(file: BinaryIO, header: Any, name: File, described: Description) -> Tiles | None:
    colour = COLOURS.get(header.get("PhotometricInterpretation"))
    plain = (
        header.file_meta.get("TransferSyntaxUID") == JPEG_BASELINE
        and header.get("DimensionOrganizationType") == "TILED_FULL"
        and header.get("SamplesPerPixel") == 3
        and header.get("BitsAllocated") == 8
        and header.get("ConcatenationUID") is None
        and header.get("TotalPixelMatrixFocalPlanes", 1) == 1
        and header.get("NumberOfOpticalPaths", 1) == 1
    )
    size = header.get("TotalPixelMatrixColumns"), header.get("TotalPixelMatrixRows")
    if not plain or colour is None or size not in described.sizes:
        return None
    level = Level(
        width=size[0],
        height=size[1],
        downsample=described.downsamples[described.sizes.index(size)],
        tile_width=header.Columns,
        tile_height=header.Rows,
    )
    value = _pixel_data(file)
    if value is None:
        raise SlideIncomplete
    start, length = value
    if length is not None:
        return None
    expected = level.columns * level.rows
    offsets, lengths = dicom_items.pieces(file, start, name.size, frames_of(header), said(header))
    # One fragment for each frame: a frame in several pieces cannot be cut out in one.
    if len(offsets) != expected or frames_of(header) != expected:
        return None
    return Tiles(
        level=level,
        file=name,
        offsets=offsets,
        lengths=lengths,
        colour=colour_of(file, (offsets[0], lengths[0]), colour),
        withheld=[(0, start)],
    )


def colour_of(file: BinaryIO, fragment: tuple[int, int], declared: Colour) -> Colour:
    """Some writers declare RGB over ordinary JPEG files; believing them turns white glass salmon (OpenSlide does).
    JFIF 1.02: "The color space to be used is YCbCr": a stream with that marker says so for itself."""
    file.seek(fragment[0])
    header = read_header(file.read(min(fragment[1], HEADER_BYTES)))
    return Colour.YCBCR if header is not None and header.jfif else declared


def picture(path: Path) -> tuple[Any, int, int | None] | None:
    """All of the data set that stands before the pictures; where they begin; how many bytes, None when they are encapsulated.
    None: it cannot be read, or holds no pictures. Raises SlideIncomplete: the file ends first."""
    with path.open("rb") as file:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                header = pydicom.dcmread(file, stop_before_pixels=True)
        except EOFError:
            raise SlideIncomplete from None
        except Exception:
            return None
        value = _pixel_data(file)
    return (header, *value) if value is not None else None


def texts(header: Any) -> dict[str, str]:
    """What a data set says in words, by its elements' names; those of sequences with the names of these before them."""
    found: dict[str, str] = {}

    def read(of: Any, before: str, depth: int) -> None:
        for element in of:
            name = f"{before}{element.keyword}"
            if element.VR == "SQ" and depth < 4:
                for item in list(element.value)[:4]:
                    read(item, f"{name}.", depth + 1)
            elif element.VR in _TEXTS and element.keyword:
                found.setdefault(f"dicom.{name}", str(element.value))

    read(header, "", 0)
    return found


def _header(file: BinaryIO) -> Any | None:
    """The data set before the pictures, None when it cannot be read; the file is left where they begin.

    Raises SlideIncomplete: the file ends first."""
    file.seek(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # vendors' identifiers are often slightly wrong
            return pydicom.dcmread(file, stop_before_pixels=True, specific_tags=_TAGS)
    except EOFError:
        raise SlideIncomplete from None
    except Exception:
        return None


def _pixel_data(file: BinaryIO) -> tuple[int, int | None] | None:
    """Where the value of Pixel Data begins and its length, None when it is encapsulated; None: there is none."""
    element = file.read(8)
    if len(element) < 8 or element[:4] != b"\xe0\x7f\x10\x00":
        return None
    if element[4:6] in (b"OB", b"OW"):
        element = file.read(4)
    (length,) = struct.unpack("<I", element[-4:])
    return file.tell(), None if length == 0xFFFFFFFF else length


def said(header: Any) -> dicom_items.Said:
    """The extended offset table and its lengths, as they stand in the file."""
    found = header.get("ExtendedOffsetTable"), header.get("ExtendedOffsetTableLengths")
    offsets, lengths = (one if isinstance(one, bytes) else b"" for one in found)
    return offsets, lengths


def frames_of(header: Any) -> int:
    """How many the data set says; 0: nothing that can be believed."""
    try:
        return int(header.get("NumberOfFrames", 1))
    except (TypeError, ValueError):
        return 0


def whole(path: Path) -> tuple[Any, int, int, list[tuple[int, int]]]:
    """The data set before the pictures, where Pixel Data begins and ends with its own head, and where each frame's bytes
    stand. Explicit VR, little endian. Raises SlideUnreadable: another encoding, or damaged; SlideIncomplete."""
    size = path.stat().st_size
    with path.open("rb") as file:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found = pydicom.dcmread(file, stop_before_pixels=True)
                encoding = found.original_encoding
        except Exception:
            raise SlideUnreadable from None
        value = _pixel_data(file) if encoding == (False, True) else None
        if value is None:
            raise SlideUnreadable
        start, length = value
        if length is not None:
            if start + length > size:
                raise SlideIncomplete
            return found, start - 12, start + length, []
        frames = list(zip(*dicom_items.pieces(file, start, size), strict=True))
        last = frames[-1] if frames else None
        if last is None:
            raise SlideUnreadable
        return found, start - 12, last[0] + last[1] + 8, [(place, place + long) for place, long in frames]


def item(**elements: Any) -> Any:
    """A data set of these elements, by their keywords."""
    made = pydicom.Dataset()
    for keyword, value in elements.items():
        setattr(made, keyword, value)
    return made


def written(found: Any) -> bytes:
    """A file of this data set, up to where Pixel Data begins. Raises SlideUnreadable: a value that nobody can write."""
    target = io.BytesIO()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pydicom.dcmwrite(target, found, enforce_file_format=True)
    except Exception:
        raise SlideUnreadable from None
    return target.getvalue()
