"""A copy of a Zeiss CZI slide without the patient. Runs in the sandbox.

The segments stay where they lie. Of the metadata stay numbers that describe the picture; attachments (label, preview,
thumbnail, events) and what was deleted become zeros. Source: ZISRAW (CZI) File Format, Zeiss, design specification 1.2.2."""

import os
import re
import struct
from collections.abc import Iterator, Sequence
from hashlib import sha256
from hmac import digest
from itertools import pairwise
from pathlib import Path
from typing import Final

from telepath.errors import SlideForbidden, SlideIncomplete, SlideUnreadable
from telepath.slides.deidentify import drawn, jpeg_remarks
from telepath.slides.deidentify.texts import is_number, one_of
from telepath.slides.deidentify.tiff_texts import FLUORS
from telepath.slides.deidentify.xml_text import clean
from telepath.slides.pieces import CopiedFile, Log, Overlay, merged

HEAD: Final = 32
FIXED: Final = 256
"""Bytes of a segment's own head, and of what stands before its variable part."""
ENTRY, NAME_AT, NAME_LENGTH = 128, 48, 80
"""Bytes of what is told of an attachment; where its name stands in that."""
MAX_SEGMENTS: Final = 2_000_000
MAX_METADATA: Final = 64 << 20
MAX_DIMENSIONS: Final = 64
_EMPTY: Final = b"<METADATA />"
_ATTACHMENTS: Final = re.compile(b"Label|SlidePreview|Thumbnail|EventList|TimeStamps|FocusPositions|Preview")
_NUMBERS: Final = re.compile(
    r"Size[XYZCTSMB]|Start|Increment|Interval|Value|PixelType|ComponentBitCount|(Emission|Excitation)Wavelength|LensNA|"
    r"(Nominal|Total)Magnification|TotalMagnification|Pinhole.*|Low|High|Gamma|BitCountRange|Color|OriginalColor|"
    r"MinificationFactor|PyramidLayersCount|IsSubBlockPyramid|TileOverlap|ExposureTime|RefractiveIndex|Reflector|Weight|"
    r"CenterPosition|ContourSize|Version|IlluminationType|ChannelType|AcquisitionMode|ContrastMethod|Immersion|DefaultUnitFormat"
)
_WORDS: Final = one_of(
    "Gray8", "Gray16", "Bgr24", "Bgr48", "Gray32Float", "µm", "um", "nm", "Âµm", "true", "false", "Fluorescence", "Brightfield",
    "BrightField", "Transmitted", "Epifluorescence", "Oil", "Water", "Air", "Other", "WideField", "Unspecified",
)  # fmt: skip
_COLOUR: Final = re.compile(r"#?[0-9A-Fa-f]{6,8}")
_IDENTIFIER: Final = re.compile(r"[XYZ]|(Channel|Objective|Scene|Track|Detector|Dimension)(:\d{1,4}){1,2}|\d{1,4}")


def copy(folder: Path, entry: str, to: str, lines: Sequence[str], seed: bytes, log: Log) -> CopiedFile:
    """Raises SlideUnreadable: its structure is not understood; SlideIncomplete; SlideForbidden."""
    descriptor = os.open(folder / entry, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return CopiedFile(entry, to, _Work(descriptor, lines, seed, log).done().pieces())
    finally:
        os.close(descriptor)


class _Work:
    def __init__(self, descriptor: int, lines: Sequence[str], seed: bytes, log: Log) -> None:
        self._file, self._lines, self._seed, self._log = descriptor, lines, seed, log
        self._size = os.fstat(descriptor).st_size
        self._kept: list[tuple[int, int]] = []
        self._writes: list[tuple[int, bytes]] = []

    def done(self) -> Overlay:
        for name, start, used in self._segments():
            self._keep(start - HEAD, HEAD)
            if name == "ZISRAWFILE":
                self._header(start, used)
            elif name == "ZISRAWMETADATA":
                self._metadata(start, used)
            elif name == "ZISRAWSUBBLOCK":
                self._subblock(start, used)
            elif name == "ZISRAWATTACH":
                self._attachment(start, used)
            elif name in ("ZISRAWDIRECTORY", "ZISRAWATTDIR"):
                self._keep(start, used)
                if name == "ZISRAWATTDIR":
                    self._attachment_names(start, used)
            elif name == "DELETED":
                self._log.add("leftover", "CZI: DELETED")
            else:
                raise SlideUnreadable
        overlay = Overlay(self._size)
        spans = merged(self._kept)
        for (_, end), (start, _) in pairwise([(0, 0), *spans, (self._size, self._size)]):
            overlay.blank(end, start)
        for start, data in self._writes:
            overlay.write(start, data)
        return overlay

    def _segments(self) -> Iterator[tuple[str, int, int]]:
        place = count = 0
        while place < self._size:
            name = self._read(place, 16).rstrip(b"\0").decode("ascii", "replace")
            allocated, used = struct.unpack("<qq", self._read(place + 16, 16))
            count += 1
            if count > MAX_SEGMENTS or allocated < 0 or not 0 <= used <= allocated:
                raise SlideForbidden("error-slide-limit", what="directories")
            used = used or allocated
            yield name, place + HEAD, min(used, self._size - place - HEAD)
            place += HEAD + allocated

    def _read(self, start: int, length: int) -> bytes:
        found = os.pread(self._file, length, start)
        if len(found) != length:
            raise SlideIncomplete
        return found

    def _keep(self, start: int, length: int) -> None:
        self._kept.append((start, start + length))

    def _header(self, start: int, used: int) -> None:
        self._keep(start, min(used, 80))
        identifier = digest(self._seed, self._read(start + 16, 16), sha256)[:16]
        self._writes.append((start + 16, identifier * 2))

    def _metadata(self, start: int, used: int) -> None:
        (length,) = struct.unpack("<i", self._read(start, 4))
        if not 0 <= length <= min(MAX_METADATA, used - FIXED):
            raise SlideUnreadable
        self._keep(start, 4)
        text = self._read(start + FIXED, length).decode("latin-1")
        made = clean(text, _rule, self._log, "CZI").encode("latin-1")
        self._keep(start + FIXED, length)
        self._writes.append((start + FIXED, made))

    def _subblock(self, start: int, used: int) -> None:
        told, _, data = struct.unpack("<iiq", self._read(start, 16))
        (dimensions,) = struct.unpack("<i", self._read(start + 16 + 28, 4))
        if not 0 <= dimensions <= MAX_DIMENSIONS or told < 0 or data < 0:
            raise SlideUnreadable
        fixed = max(FIXED, 16 + 32 + 20 * dimensions)
        self._keep(start, 16 + 32 + 20 * dimensions)
        if told:
            if self._read(start + fixed, min(told, 1 << 20)).strip(b" \0") not in (b"", _EMPTY):
                self._log.add("text", "CZI: subblock metadata")
            self._keep(start + fixed, told)
            self._writes.append((start + fixed, (_EMPTY if told >= len(_EMPTY) else b"").ljust(told)))
        stream = start + fixed + told
        self._keep(stream, data)
        for first, last in jpeg_remarks.of_stream(lambda long: os.pread(self._file, long, stream), data):
            self._log.add("text", "JPEG")
            self._writes.append((stream + first, bytes(last - first)))

    def _attachment_names(self, start: int, used: int) -> None:
        """A file that somebody attached is told there by its own name."""
        (count,) = struct.unpack("<i", self._read(start, 4))
        if not 0 <= count <= (used - FIXED) // ENTRY:
            raise SlideUnreadable
        for place in range(start + FIXED, start + FIXED + count * ENTRY, ENTRY):
            if not _ATTACHMENTS.fullmatch(self._read(place + NAME_AT, NAME_LENGTH).split(b"\0")[0]):
                self._writes.append((place + NAME_AT, bytes(NAME_LENGTH)))

    def _attachment(self, start: int, used: int) -> None:
        self._keep(start, FIXED)
        (length,) = struct.unpack("<q", self._read(start, 8))
        entry = self._read(start + 16, 128)
        kind, name = (
            entry[at : at + long].split(b"\0")[0].decode("ascii", "replace")
            for at, long in ((40, 8), (NAME_AT, NAME_LENGTH))
        )
        shown = {"Label": "label", "SlidePreview": "macro", "Thumbnail": "picture"}.get(name, "private")
        known = name if _ATTACHMENTS.fullmatch(name.encode()) else ""
        made = drawn.fitted(self._lines, 400, 400, length) if kind == "JPG" and shown != "private" else None
        self._log.add(shown, f"CZI: {known}".removesuffix(": "), "replaced" if made else "blanked")
        if not known:
            self._writes.append((start + 16 + NAME_AT, bytes(NAME_LENGTH)))
        if made:
            self._writes.append((start + FIXED, made[0]))


def _rule(element: str, attributes: dict[str, str], attribute: str, value: str) -> bool | str:
    if attribute in ("Id", "DistanceId") or (attribute and element == "Distance"):
        return _IDENTIFIER.fullmatch(value) is not None
    if attribute == "Name" or (not attribute and element in ("DyeName", "Fluor", "ShortName")):
        return FLUORS.fullmatch(value.strip()) is not None
    if attribute:
        return attribute == "Version" and is_number(value)
    return _NUMBERS.fullmatch(element) is not None and (
        is_number(value) or _WORDS(value) or _COLOUR.fullmatch(value.strip()) is not None
    )
