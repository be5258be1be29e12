"""A copy of a TIFF slide of any vendor without the patient. Runs in the sandbox.

The copy is as long as the original, and every tile lies where it lay. What stays are the tables of the file, the values of tags
that are known to describe the picture, and the pictures that the viewer shows; all other bytes are zeros, those among them that
nothing in the file names any more. Label, macro and what else is no level of the slide become a drawn label in their place."""

import os
import re
import struct
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

from telepath.errors import SlideForbidden
from telepath.slides.deidentify import drawn, jpeg_remarks, tiff_texts
from telepath.slides.deidentify.texts import blanked, kind_of
from telepath.slides.deidentify.tiff_directories import NDPI_FORMAT, Directory, Entry, Tiff
from telepath.slides.deidentify.tiff_pages import DESCRIPTION, Role, is_tiled, roles
from telepath.slides.pieces import CopiedFile, Log, Overlay, merged

KEPT_TAGS: Final = frozenset(
    {
        *(*range(254, 260), *range(262, 267), 273, 274, *range(277, 285), 286, 287, *range(290, 294), 296, 297, 301),
        *(*range(317, 326), 330, 334, 336, *range(338, 343), 347, *range(512, 519), *range(529, 533)),
        *(32995, 32996, 32997, 32998, 34675),
        *(*range(NDPI_FORMAT, 65427), 65430, 65432, 65433, *range(65435, 65442), *range(65443, 65447), 65448),
        *(*range(65450, 65459), 65468, 65469, 65470),
    }
)
"""Structure, size, resolution, colour and coding. TIFF 6.0; libtiff; tifffile's names of Hamamatsu's tags."""
NAMES: Final = {
    269: "DocumentName",
    270: "ImageDescription",
    271: "Make",
    272: "Model",
    285: "PageName",
    305: "Software",
    306: "DateTime",
    315: "Artist",
    316: "HostComputer",
    700: "XMP",
    33432: "Copyright",
    33723: "IPTC",
    34377: "Photoshop",
    34665: "EXIF",
    34853: "GPS",
    42112: "GDAL_METADATA",
    50839: "ImageJ",
    65427: "NDPI Reference",
    65434: "NDPI FilterSetName",
    65442: "NDPI ScannerSerialNumber",
    65449: "NDPI Properties",
}
_TEXT_KINDS: Final = {270: "text", 305: "device", 315: "person", 65427: "identifier", 65442: "device", 34853: "place"}
_SOFTWARE: Final = re.compile(
    r"(Philips DP|NDP\.scan|NDP\.Scan|Aperio Image Library|ScanOutputManager|MedScan|Leica SCN|OME Bio-Formats|libvips|"
    r"tifffile\.py|ImageJ|QuPath|pyvips|GDAL|NDPITools)[ v]{0,2}[\d.]{0,16}[\s\0]*"
)
_MAKERS: Final = re.compile(
    r"(?i)(Hamamatsu|Leica|Aperio|Philips|Roche|Ventana|3DHISTECH|Zeiss|Olympus|Motic|Grundium)[\s\0]*"
)
_MODELS: Final = re.compile(r"(?i)(NanoZoomer[ \w]{0,8}|C\d{4,5}(-\d{2})?|GT450|AT2|CS2|SCN400F?)[\s\0]*")
_DATE: Final = b"    :  :     :  :  \0"
_JPEG: Final = 7
_JPEG_TABLES: Final = 347
_YCBCR: Final = 6
_STREAMS: Final = (6, 7, 33003, 33005, 34712)
SMALL_GAP: Final = 4096


def copy(folder: Path, entry: str, to: str, lines: Sequence[str], seed: bytes, log: Log) -> CopiedFile:
    """Raises SlideUnreadable: its structure is not understood, so nothing of it leaves; SlideIncomplete; SlideForbidden."""
    descriptor = os.open(folder / entry, os.O_RDONLY | os.O_CLOEXEC)
    try:
        tiff = Tiff(descriptor)
        return CopiedFile(entry, to, _Work(tiff, lines, seed, log).done().pieces())
    finally:
        os.close(descriptor)


class _Work:
    def __init__(self, tiff: Tiff, lines: Sequence[str], seed: bytes, log: Log) -> None:
        self._tiff, self._lines, self._seed, self._log = tiff, lines, seed, log
        self._kept: list[tuple[int, int]] = [(0, tiff.header_bytes)]
        self._known: list[tuple[int, int]] = [(0, tiff.header_bytes)]
        self._writes: list[tuple[int, bytes]] = []
        self._logged: set[int] = set()

    def done(self) -> Overlay:
        tiff = self._tiff
        parts = roles(tiff)
        for directory in tiff.directories:
            self._known.append((directory.start, directory.end))
            self._known += [(entry.start, entry.start + entry.bytes) for entry in directory.entries.values()]
            self._known += tiff.data(directory)
        for directory, role in zip(tiff.directories, parts, strict=True):
            if role is Role.SHOWN:
                self._show(directory)
        shown = merged(self._kept)
        withheld = merged(
            span
            for directory, role in zip(tiff.directories, parts, strict=True)
            if role in (Role.LABEL, Role.MACRO)
            for span in tiff.data(directory)
        )
        if _without(withheld, shown) != withheld:
            raise SlideForbidden("error-slide-withheld-data")  # what stays would bring it along
        for directory, role in zip(tiff.directories, parts, strict=True):
            if role is not Role.SHOWN:
                self._withhold(directory, role, shown)
        overlay = Overlay(tiff.size)
        for start, end in self._gaps(merged(self._kept)):
            if end - start > SMALL_GAP or any(tiff.read(start, end - start)):
                overlay.blank(start, end)
        if any(self._holds_something(start, end) for start, end in self._gaps(merged(self._known))):
            self._log.add("leftover", "")
        for start, data in self._writes:
            overlay.write(start, data)
        return overlay

    def _gaps(self, spans: Iterable[tuple[int, int]]) -> Iterable[tuple[int, int]]:
        whole = [(0, 0), *spans, (self._tiff.size, self._tiff.size)]
        return ((left[1], right[0]) for left, right in pairwise(whole) if left[1] < right[0])

    def _holds_something(self, start: int, end: int) -> bool:
        return end - start > 8 and any(self._tiff.read(start, min(end - start, 1 << 20)))

    def _show(self, directory: Directory) -> None:
        self._kept.append((directory.start, directory.end))
        for entry in directory.entries.values():
            self._value(entry)
            if entry.tag == _JPEG_TABLES:
                self._remarks(entry.start, entry.start + entry.bytes)
        streams = self._tiff.number(directory, 259, 1) in _STREAMS
        for start, end in self._tiff.data(directory):
            self._kept.append((start, end))
            if streams:
                self._remarks(start, end)

    def _remarks(self, start: int, end: int) -> None:
        for first, last in jpeg_remarks.of_stream(lambda length: self._tiff.read(start, length), end - start):
            if any(self._tiff.read(start + first, last - first)):
                self._log.add("text", "JPEG")
                self._writes.append((start + first, bytes(last - first)))

    def _value(self, entry: Entry) -> None:
        """Keep, clean or blank the value of a tag."""
        kept = self._cleaned(entry)
        if kept is not None and not entry.inline:
            self._kept.append((entry.start, entry.start + entry.bytes))
        if kept is None and entry.inline:
            self._writes.append((entry.start, bytes(entry.bytes)))
        elif kept:
            self._writes.append((entry.start, kept))

    def _cleaned(self, entry: Entry) -> bytes | None:
        """What to write over a value; empty: nothing; None: zeros."""
        if entry.tag in KEPT_TAGS:
            return b""
        data = self._tiff.read(entry.start, entry.bytes)
        seen, log = entry.start in self._logged, self._log
        self._logged.add(entry.start)
        if seen:
            log = Log()
        text = data.decode("latin-1")
        if entry.tag == DESCRIPTION:
            made = tiff_texts.description(text, self._seed, self._draw, log)
        elif entry.tag == 700:
            made = tiff_texts.xmp(text, log)
        elif entry.tag == 65449:
            made = tiff_texts.hamamatsu_properties(text, log)
        elif entry.tag in (271, 272, 305):
            pattern = {271: _MAKERS, 272: _MODELS, 305: _SOFTWARE}[entry.tag]
            made = text if pattern.fullmatch(text) else blanked(text.replace("\0", " "))
            if made != text:
                log.add("device", NAMES[entry.tag])
        elif entry.tag == 306:
            made = (_DATE if len(text) == len(_DATE) else b" " * len(text)).decode()
            if re.search(r"\d", text):
                log.add("date", NAMES[306])
        else:
            if any(data):
                name = NAMES.get(entry.tag, f"TIFF {entry.tag}")
                kind = _TEXT_KINDS.get(entry.tag) or ("private" if entry.tag > 32767 else kind_of(name))
                log.add(kind, name)
            return None
        written = made.encode("latin-1")
        if len(written) != len(data):
            raise AssertionError("a text that changed its length")
        return written if written != data else b""

    def _draw(self, kind: str, limit: int) -> bytes | None:
        found = drawn.fitted(self._lines, *((400, 400) if kind == "label" else (1200, 400)), limit)
        return found[0] if found else None

    def _withhold(self, directory: Directory, role: Role, shown: list[tuple[int, int]]) -> None:
        """A drawn label instead of the picture, where it lay."""
        self._log.add(role.value, _name_of(directory, role), "replaced")
        room = _without(merged(self._tiff.data(directory)), shown)
        if self._tiff.ndpi:
            self._withhold_stream(directory, room)
            return
        kept = [entry for tag, entry in directory.entries.items() if tag in (254, DESCRIPTION, 700)]
        start, end = max(room, key=lambda span: span[1] - span[0], default=(0, 0))
        width, height = self._tiff.number(directory, 256), self._tiff.number(directory, 257)
        fitted = drawn.fitted(self._lines, *_reasonable(width, height), end - start - 8)
        for entry in kept:
            if entry.tag != 254:
                self._value(entry)
        if fitted is None:
            made = self._table(directory, kept, start, b"\xff", 1, 1)
        else:
            made = self._table(directory, kept, start, *fitted)
        if made is not None:
            self._writes += made

    def _withhold_stream(self, directory: Directory, room: list[tuple[int, int]]) -> None:
        """NDPI: its table stays, for its values above 4 GiB stand behind it."""
        self._kept.append((directory.start, directory.end))
        for entry in directory.entries.values():
            self._value(entry)
        self._kept += room
        width, height = self._tiff.number(directory, 256), self._tiff.number(directory, 257)
        for start, end in room:
            made = None
            if self._tiff.number(directory, 259, 1) == _JPEG and len(room) == 1:
                made = drawn.jpeg(self._lines, width, height, end - start)
            self._writes.append((start, (made or b"").ljust(end - start, b"\0")))

    def _table(
        self, directory: Directory, kept: list[Entry], place: int, data: bytes, width: int, height: int
    ) -> list[tuple[int, bytes]] | None:
        """The directory anew, of one strip at ``place``; None: there is no room for the table."""
        tiff = self._tiff
        is_jpeg = data[:2] == b"\xff\xd8"
        samples = 3 if is_jpeg else 1
        data += b"\0" * (len(data) % 2)
        bits = struct.pack(f"{tiff.order}{samples}H", *[8] * samples)
        if len(bits) > tiff.inline_bytes:
            data, bits_at = data + bits, place + len(data)
            bits = struct.pack(f"{tiff.order}I", bits_at) if bits_at < 2**32 else b""
        short, long = struct.Struct(tiff.order + "H"), struct.Struct(tiff.order + ("Q" if tiff.big else "I"))
        wide = 16 if tiff.big else 4
        rows: dict[int, tuple[int, int, bytes]] = {
            256: (3, 1, short.pack(width)),
            257: (3, 1, short.pack(height)),
            258: (3, samples, bits),
            259: (3, 1, short.pack(_JPEG if is_jpeg else 1)),
            262: (3, 1, short.pack(_YCBCR if is_jpeg else 1)),
            273: (wide, 1, long.pack(place)),
            277: (3, 1, short.pack(samples)),
            278: (3, 1, short.pack(height)),
            279: (wide, 1, long.pack(len(data))),
        }
        for entry in kept:
            value = tiff.read(entry.start, entry.bytes) if entry.inline else long.pack(entry.start)
            rows[entry.tag] = entry.type, entry.count, value
        room = len(directory.entries)
        for tag in (254, 700, DESCRIPTION):
            if len(rows) > room:
                rows.pop(tag, None)
        if len(rows) > room:
            return None
        table = struct.pack(tiff.order + ("Q" if tiff.big else "H"), len(rows))
        for tag, (kind, count, value) in sorted(rows.items()):
            table += struct.pack(tiff.order + ("HHQ" if tiff.big else "HHI"), tag, kind, count)
            table += value.ljust(tiff.inline_bytes, b"\0")
        following = tiff.read(directory.next_at, directory.end - directory.next_at)
        table = (table + following).ljust(directory.end - directory.start, b"\0")
        return [(directory.start, table), (place, data)]


def _reasonable(width: int, height: int) -> tuple[int, int]:
    """A label of a glass slide is a photograph of some hundred px."""
    scale = max(1.0, max(width, height) / 1280)
    return max(1, int(width / scale)), max(1, int(height / scale))


def _name_of(directory: Directory, role: Role) -> str:
    return "tiles" if is_tiled(directory) and role is Role.PICTURE else ""


def _without(spans: list[tuple[int, int]], others: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """What of ``spans`` no span of ``others`` covers; both merged."""
    found = []
    for start, end in spans:
        for first, last in others:
            if last <= start or first >= end:
                continue
            if first > start:
                found.append((start, first))
            start = last
            if start >= end:
                break
        if start < end:
            found.append((start, end))
    return found
