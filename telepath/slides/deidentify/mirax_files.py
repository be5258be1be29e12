"""A copy of a 3DHISTECH MIRAX slide without the patient. Runs in the sandbox.

The text index is written anew from the fields that describe the picture; in the data files the tiles stay where they lie,
label, macro and preview become a drawn label, and all that no tile is becomes zeros. Source: OpenSlide's description of the
format (openslide.org/formats/mirax)."""

import os
import re
import struct
from collections.abc import Iterator, Sequence
from functools import partial
from hashlib import sha256
from hmac import digest
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from telepath.errors import SlideForbidden, SlideIncomplete, SlideUnreadable
from telepath.slides.deidentify import drawn, ini, jpeg_remarks
from telepath.slides.deidentify.texts import is_number, kind_of, told
from telepath.slides.pieces import CopiedFile, Log, Overlay, Piece, Written, merged
from telepath.slides.tile_index import MAX_TILES

INDEX: Final = "Slidedat.ini"
HEAD: Final = 37
"""Bytes that each binary file begins with: a version of 5, the slide's identifier of 32."""
PICTURES: Final = {
    "ScanDataLayer_SlideBarcode": ("label", "BARCODE_IMAGE_TYPE"),
    "ScanDataLayer_SlideThumbnail": ("macro", "THUMBNAIL_IMAGE_TYPE"),
    "ScanDataLayer_SlidePreview": ("picture", "PREVIEW_IMAGE_TYPE"),
}
POSITIONS: Final = ("VIMSLIDE_POSITION_BUFFER", "StitchingIntensityLayer", "StitchingLayer")
_NAMES: Final = re.compile(
    r"Slide zoom level|Slide filter level|Slide focus level|Microscope focus level|Scan data layer|VIMSLIDE_POSITION_BUFFER|"
    r"StitchingIntensityLayer|StitchingLayer|ScanDataLayer_\w{1,40}|ZoomLevel_\d{1,2}|FilterLevel_\d{1,2}|FocusLevel_\d{1,2}|"
    r"(LAYER_\d{1,2}_LEVEL_\d{1,3}|NONHIERLAYER_\d{1,2}(_LEVEL_\d{1,3})?|HIERARCHICAL|N\d{1,2})_?(SECTION)?|"
    r"JPEG|PNG|BMP24|BMP|JPEG_XR|JPEGXR|default|DEFAULT|TRUE|FALSE|true|false|0|Index\.dat|Data\d{4}\.dat"
)
_STRUCTURE: Final = re.compile(
    r"slide_version|slide_id|imagenumber_[xy]|objective_magnification|cameraimagedivisionsperside|current_slide_version|"
    r"indexfile|(non)?hier_.*|file_count|file_\d+|overlap_[xy]|micrometer_per_pixel_[xy]|image_format|image_fill_color_bgr|"
    r"digitizer_(width|height)|image_concat_factor|image_compress_factor|\w+_image_type|slide_type|view_?mode|bit_?depth"
)


class Place(msgspec.Struct, frozen=True):
    """A record: bytes of data file number ``file``."""

    file: int
    offset: int
    length: int


def copy(folder: Path, entry: str, to: str, lines: Sequence[str], seed: bytes, log: Log) -> list[CopiedFile]:
    """``to`` is the name in the copy without its suffix. Raises SlideUnreadable, SlideIncomplete, SlideForbidden."""
    beside = Path(entry).with_suffix("").name
    sections = ini.read(folder / beside / INDEX)
    slide_id = ini.value(sections, "general", "slide_id").encode("ascii", "replace")
    files = [
        ini.value(sections, "datafile", f"file_{n}") for n in range(ini.number(sections, "datafile", "file_count"))
    ]
    index_name = ini.value(sections, "hierarchical", "indexfile")
    if any(not re.fullmatch(r"[\w.-]{1,80}", name) for name in (*files, index_name)):
        raise SlideUnreadable
    index = _Index((folder / beside / index_name).read_bytes(), len(slide_id))
    named = _levels(sections)
    tiles = list(index.tiles(sum(_hier_records(sections))))
    other = digest(seed, slide_id, sha256).hex().upper()[: len(slide_id)].encode()
    kept: dict[int, list[tuple[int, int]]] = {number: [] for number in range(len(files))}
    drawings: list[tuple[str, Place]] = []
    redrawn: set[str] = set()
    for place in tiles:
        kept.setdefault(place.file, []).append((place.offset, place.offset + place.length))
    for number, (name, section) in enumerate(named):
        record = index.record(number)
        if record is None:
            continue
        if name in POSITIONS:
            kept.setdefault(record.file, []).append((record.offset, record.offset + record.length))
        elif name in PICTURES:
            drawings.append((PICTURES[name][0], record))
            redrawn.add(section.casefold())
            log.add(PICTURES[name][0], f"MIRAX: {name}", "replaced")
        else:
            log.add("private", "MIRAX: " + (name if re.fullmatch(r"ScanDataLayer_\w{1,40}", name) else ""))
    names = {name: f"Data{number:04d}.dat" for number, name in enumerate(files)} | {index_name: "Index.dat"}
    text = ini.written(_cleaned(sections, redrawn, names, other.decode(), log), mark=True)
    made = [
        CopiedFile(entry, f"{to}.mrxs", (Written(drawn.jpeg(lines, 256, 256, 1 << 20) or b""),)),
        CopiedFile(f"{beside}/{INDEX}", f"{to}/{INDEX}", (Written(text),)),
        CopiedFile(f"{beside}/{index_name}", f"{to}/Index.dat", index.pieces(slide_id, other)),
    ]
    if (folder / entry).stat().st_size > 4:
        log.add("picture", "MIRAX: .mrxs", "replaced")
    for number, name in enumerate(files):
        path = folder / beside / name
        pieces = _data_file(
            path, kept[number], [one for one in drawings if one[1].file == number], slide_id, other, lines, log
        )
        made.append(CopiedFile(f"{beside}/{name}", f"{to}/{names[name]}", pieces))
    known = {one.name for one in made}
    for path in sorted((folder / beside).iterdir()):
        if f"{beside}/{path.name}" not in known:
            log.add("file-name", "MIRAX", "left-out")
    return made


def _data_file(
    path: Path,
    kept: list[tuple[int, int]],
    drawings: list[tuple[str, Place]],
    slide_id: bytes,
    other: bytes,
    lines: Sequence[str],
    log: Log,
) -> tuple[Piece, ...]:
    size = path.stat().st_size
    overlay = Overlay(size)
    with path.open("rb") as file:
        head = file.read(HEAD)
        for start, end in (span for span in kept if span[1] <= size):
            for first, last in jpeg_remarks.of_stream(partial(_read, file, start), end - start):
                log.add("text", "JPEG")
                overlay.blank(start + first, start + last)
    spans = merged([(0, 5), *kept])
    for (_, end), (start, _) in pairwise([*spans, (size, size)]):
        overlay.blank(end, start)
    if slide_id and head[5:].startswith(slide_id):
        overlay.write(5, other)
    for kind, place in drawings:
        size_of = (400, 400) if kind == "label" else (800, 400)
        fitted = drawn.fitted(lines, *size_of, place.length)
        overlay.write(place.offset, fitted[0] if fitted else b"")
    return overlay.pieces()


def _read(file: BinaryIO, start: int, length: int) -> bytes:
    return os.pread(file.fileno(), length, start)


def _hier_records(sections: ini.Sections) -> list[int]:
    """How many levels each hierarchical layer has."""
    count = ini.number(sections, "hierarchical", "hier_count")
    return [ini.number(sections, "hierarchical", f"hier_{number}_count") for number in range(count)]


def _levels(sections: ini.Sections) -> list[tuple[str, str]]:
    """Name and section of each record beside the tiles, in the order of the index."""
    found = []
    for layer in range(ini.number(sections, "hierarchical", "nonhier_count")):
        for level in range(ini.number(sections, "hierarchical", f"nonhier_{layer}_count")):
            name = ini.value(sections, "hierarchical", f"nonhier_{layer}_val_{level}", "")
            if name.casefold() == "default":
                name = ini.value(sections, "hierarchical", f"nonhier_{layer}_name", "")
            found.append((name, ini.value(sections, "hierarchical", f"nonhier_{layer}_val_{level}_section", "")))
    return found


def _cleaned(sections: ini.Sections, redrawn: set[str], names: dict[str, str], other: str, log: Log) -> ini.Sections:
    made: ini.Sections = {}
    for section, fields in sections.items():
        made[section] = {}
        for key, value in fields.items():
            small = key.casefold()
            if small == "slide_id":
                log.add("uid", "MIRAX: SLIDE_ID", "replaced")
                made[section][key] = other
            elif value in names and re.fullmatch(r"indexfile|file_\d+", small):
                made[section][key] = names[value]
            elif section.casefold() in redrawn and small.endswith("_image_type"):
                made[section][key] = "JPEG"
            elif _STRUCTURE.fullmatch(small) and (is_number(value) or _NAMES.fullmatch(value)):
                made[section][key] = value
            elif value.strip():
                shown = told(key)
                log.add(kind_of(key), f"MIRAX: {shown}" if shown else "MIRAX")
    return made


class _Index:
    """``Index.dat``. Raises SlideUnreadable, SlideIncomplete."""

    def __init__(self, data: bytes, identifier: int) -> None:
        self._data = data
        self._roots = 5 + identifier
        self._used: list[tuple[int, int]] = [(0, self._roots + 8)]
        self._hier, self._other = self._numbers(self._roots, 2)

    def _numbers(self, place: int, count: int) -> tuple[int, ...]:
        if place < 0 or place + 4 * count > len(self._data):
            raise SlideIncomplete
        self._used.append((place, place + 4 * count))
        return struct.unpack_from(f"<{count}i", self._data, place)

    def tiles(self, records: int) -> Iterator[Place]:
        """Of every level of every hierarchical layer."""
        seen = 0
        for number in range(records):
            (head,) = self._numbers(self._hier + 4 * number, 1)
            if not head:
                continue
            empty, page = self._numbers(head, 2)
            if empty:
                raise SlideUnreadable
            pages: set[int] = set()
            while page:
                if page in pages:
                    raise SlideForbidden("error-slide-limit", what="directories")
                pages.add(page)
                count, following = self._numbers(page, 2)
                seen += count
                if count < 0 or seen > MAX_TILES:
                    raise SlideForbidden("error-slide-limit", what="tiles")
                rows = self._numbers(page + 8, 4 * count)
                for row in range(count):
                    yield Place(rows[4 * row + 3], rows[4 * row + 1], rows[4 * row + 2])
                page = following

    def record(self, number: int) -> Place | None:
        (head,) = self._numbers(self._other + 4 * number, 1)
        if not head:
            return None
        empty, page = self._numbers(head, 2)
        if empty or not page:
            return None
        count, _, _, _, offset, length, file = self._numbers(page, 7)
        return Place(file, offset, length) if count == 1 and length > 0 else None

    def pieces(self, slide_id: bytes, other: bytes) -> tuple[Written]:
        """What no record needs is zeros."""
        made = bytearray(len(self._data))
        for start, end in merged(self._used):
            made[start:end] = self._data[start:end]
        made[5 : 5 + len(slide_id)] = other
        return (Written(bytes(made)),)
