"""Which frame of a DICOM slide lies where, in which file. Runs in the sandbox.

Source: PS3.3 C.7.6.17.3 (TILED_FULL: columns vary fastest, then rows, focal planes, optical paths), C.7.6.16 (functional groups
of sparse ones), PS3.5 A.4 (fragments)."""

import math
from pathlib import Path
from typing import Any, Final

import msgspec

from telepath.errors import SlideForbidden, SlideIncomplete, SlideUnreadable, SlideUnsupported
from telepath.slides import dicom, dicom_items
from telepath.slides.pyramid import MAX_TILE_SIDE
from telepath.slides.tile_index import MAX_TILES

GREY: Final = ("MONOCHROME2", "MONOCHROME1")
COLOURS: Final = ("YBR_ICT", "YBR_RCT", "RGB", "YBR_FULL", "YBR_FULL_422")


class Frame(msgspec.Struct, frozen=True):
    """The bytes of one frame: pieces of ``path`` that follow one another."""

    path: Path
    pieces: tuple[tuple[int, int], ...]


Frames = dict[tuple[float, int, int, int], Frame]


class Matrix(msgspec.Struct, kw_only=True):
    """One level: its header, and which frame lies where."""

    header: Any
    frames: "Frames"
    """(plane, path, column, row) in whole tiles. Of a part, where each frame says its place: the height, not the plane."""

    @property
    def size(self) -> tuple[int, int]:
        return int(self.header.TotalPixelMatrixColumns), int(self.header.TotalPixelMatrixRows)


def levels_of(path: Path, syntaxes: frozenset[str]) -> tuple[list[Matrix], dict[str, Path]]:
    first = dicom.instance(path)
    if first is None:
        raise SlideUnreadable
    found: dict[tuple[int, int], list[Matrix]] = {}
    others: dict[str, Path] = {}
    for member in dicom.series(path.parent, first.series):
        read = dicom.picture(member)
        if read is None:
            continue
        header, start, length = read
        kind = [str(word).upper() for word in header.get("ImageType", ())]
        other = next((name for name in ("LABEL", "OVERVIEW", "THUMBNAIL") if name in kind), "")
        if other:
            others.setdefault({"OVERVIEW": "macro"}.get(other, other.lower()), member)
            continue
        _check(header, syntaxes)
        part = Matrix(header=header, frames=_frames(member, header, start, length))
        found.setdefault(part.size, []).append(part)
    if not found:
        raise SlideUnsupported
    levels = sorted((_together(parts) for parts in found.values()), key=lambda one: -one.size[0])
    if len({(one.header.PhotometricInterpretation in GREY, planes_of(one.header)) for one in levels}) != 1:
        raise SlideUnsupported
    several = paths_of(levels[0].header) > 1
    if several and len({(paths_of(one.header), *_identifiers(one.header)) for one in levels}) > 1:
        raise SlideUnsupported("error-slide-samples", format="DICOM")  # a channel would be another light at each level
    return levels, others


def _together(parts: list[Matrix]) -> Matrix:
    """The instances of one size as one level: the parts of a concatenation, and one instance for each optical path.

    Raises SlideUnsupported: they are something else, of which one would hide the other."""
    whole: dict[str, Matrix] = {}
    for number, part in enumerate(parts):
        concatenation = str(part.header.get("ConcatenationUID") or number)
        if concatenation not in whole:
            whole[concatenation] = part
        else:
            _check_alike(whole[concatenation], part)
            whole[concatenation].frames |= part.frames
    for part in whole.values():
        part.frames = _by_plane(part.frames, planes_of(part.header))
    level, *others = sorted(whole.values(), key=lambda one: _identifiers(one.header))
    header = level.header
    for other in others:
        _check_alike(level, other)
        before, known = paths_of(header), _identifiers(header)
        if header.PhotometricInterpretation not in GREY or not known or {*known} & {"", *_identifiers(other.header)}:
            raise SlideUnsupported("error-slide-samples", format="DICOM")
        level.frames |= {(z, before + path, x, y): frame for (z, path, x, y), frame in other.frames.items()}
        header.NumberOfOpticalPaths = before + paths_of(other.header)
        header.OpticalPathSequence = [*header.OpticalPathSequence, *(other.header.get("OpticalPathSequence") or ())]
    return level


def _by_plane(frames: Frames, planes: int) -> Frames:
    """With the number of the plane instead of the height over the glass, which a scanner that follows the tissue says of each
    tile. Raises SlideUnsupported: there are more pictures of a tile than planes."""
    if all(isinstance(height, int) for height, *_ in frames):
        return frames
    heights = {height for height, *_ in frames}
    order: dict[tuple[int, ...], list[float]] = {}
    for height, *place in frames:
        order.setdefault(tuple(place) if len(heights) > planes else (), []).append(height)
    ranks = {place: {height: rank for rank, height in enumerate(sorted({*found}))} for place, found in order.items()}
    if any(len(found) > planes for found in ranks.values()):
        raise SlideUnsupported("error-slide-samples", format="DICOM")
    apart = () not in ranks
    return {
        (ranks[(path, x, y) if apart else ()][height], path, x, y): frame
        for (height, path, x, y), frame in frames.items()
    }


def _identifiers(header: Any) -> list[str]:
    """Of its optical paths, in their order."""
    return [str(one.get("OpticalPathIdentifier", "")) for one in header.get("OpticalPathSequence") or ()]


def _check_alike(one: Matrix, other: Matrix) -> None:
    """What is read of the first holds for the frames of both."""
    kinds = ("Rows", "Columns", "PhotometricInterpretation", "SamplesPerPixel", "BitsAllocated", "BitsStored")
    same = all(one.header.get(name) == other.header.get(name) for name in kinds)
    syntaxes = {part.header.file_meta.TransferSyntaxUID for part in (one, other)}
    if not same or len(syntaxes) > 1 or planes_of(one.header) != planes_of(other.header):
        raise SlideUnsupported("error-slide-samples", format="DICOM")


def _check(header: Any, syntaxes: frozenset[str]) -> None:
    """Limits and kinds, before anything is decoded."""
    syntax = header.file_meta.get("TransferSyntaxUID")
    if syntax not in syntaxes:
        raise SlideUnsupported("error-slide-samples", format="DICOM")
    photometric, samples = header.PhotometricInterpretation, int(header.SamplesPerPixel)
    grey = photometric in GREY and samples == 1
    palette = photometric == "PALETTE COLOR" and samples == 1
    colour = photometric in COLOURS and samples == 3
    if not (grey or palette or colour) or header.BitsAllocated not in (8, 16) or header.get("PixelRepresentation", 0):
        raise SlideUnsupported("error-slide-samples", format="DICOM")
    if not (1 <= header.Columns <= MAX_TILE_SIDE and 1 <= header.Rows <= MAX_TILE_SIDE):
        raise SlideForbidden("error-slide-limit", what="tile")
    if int(header.get("NumberOfFrames", 1)) > MAX_TILES:
        raise SlideForbidden("error-slide-limit", what="tiles")


def _frames(path: Path, header: Any, start: int, length: int | None) -> Frames:
    """Which frame lies where: by its number, or by what is said of each."""
    count = int(header.get("NumberOfFrames", 1))
    frames = _pieces(path, header, start, length, count)
    if len(frames) < count:
        raise SlideIncomplete
    groups = header.get("PerFrameFunctionalGroupsSequence")
    if header.get("DimensionOrganizationType") == "TILED_SPARSE" or (groups and _has_places(groups)):
        return dict(zip(_said_places(header, groups, count), frames, strict=False))
    columns = math.ceil(header.TotalPixelMatrixColumns / header.Columns)
    rows = math.ceil(header.TotalPixelMatrixRows / header.Rows)
    planes = planes_of(header)
    before = int(header.get("ConcatenationFrameOffsetNumber", 0) or 0)
    found: Frames = {}
    for number, frame in enumerate(frames[:count], before):
        # Columns vary fastest, then rows, focal planes, optical paths.
        rest, column = divmod(number, columns)
        rest, row = divmod(rest, rows)
        optical, plane = divmod(rest, planes)
        found[plane, optical, column, row] = frame
    return found


def _pieces(path: Path, header: Any, start: int, length: int | None, count: int) -> list[Frame]:
    if length is not None:
        size = header.Rows * header.Columns * header.SamplesPerPixel * header.BitsAllocated // 8
        if start + size * count > path.stat().st_size:
            raise SlideIncomplete
        return [Frame(path, ((start + number * size, size),)) for number in range(count)]
    fragments = dicom_items.fragments(path, start, count, dicom.said(header))
    if len(fragments) == count:
        return [Frame(path, (one,)) for one in fragments]
    table = dicom_items.offset_table(path, start)
    if len(table) != count or not fragments:
        raise SlideUnsupported("error-slide-samples", format="DICOM")  # which pieces make a frame is not said
    first = fragments[0][0] - 8
    starts = [first + one for one in table]
    found: list[list[tuple[int, int]]] = [[] for _ in starts]
    number = -1
    for fragment in fragments:
        while number + 1 < len(starts) and fragment[0] - 8 >= starts[number + 1]:
            number += 1
        found[number].append(fragment)
    return [Frame(path, tuple(one)) for one in found]


def _has_places(groups: Any) -> bool:
    return bool(groups[0].get("PlanePositionSlideSequence"))


def _said_places(header: Any, groups: Any, count: int) -> list[tuple[float, int, int, int]]:
    paths = {
        str(one.OpticalPathIdentifier): number for number, one in enumerate(header.get("OpticalPathSequence") or ())
    }
    found = []
    for one in groups[:count]:
        x, y, height = _place(one)
        optical = one.get("OpticalPathIdentificationSequence")
        identifier = str(optical[0].OpticalPathIdentifier) if optical else ""
        if x % header.Columns or y % header.Rows:
            raise SlideUnsupported("error-slide-samples", format="DICOM")  # tiles that overlap
        found.append((height, paths.get(identifier, 0), x // header.Columns, y // header.Rows))
    return found


def _place(group: Any) -> tuple[int, int, float]:
    """px from the top left, counted from 0, and the height over the glass."""
    said = group.PlanePositionSlideSequence[0]
    across, down = int(said.ColumnPositionInTotalImagePixelMatrix), int(said.RowPositionInTotalImagePixelMatrix)
    return across - 1, down - 1, round(float(said.get("ZOffsetInSlideCoordinateSystem", 0) or 0), 6)


def planes_of(header: Any) -> int:
    return int(header.get("TotalPixelMatrixFocalPlanes", 1) or 1)


def paths_of(header: Any) -> int:
    return int(header.get("NumberOfOpticalPaths", 1) or 1)
