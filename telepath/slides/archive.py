"""What a ZIP holds, before any of it is unpacked: nothing that leads elsewhere, hides something or becomes too much. Runs in
the sandbox.

Bombs of overlapping parts, names that lead out, links: D. Fifield, "A better zip bomb" (WOOT 2019); CWE-22, CWE-409."""

import stat
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from telepath.errors import SlideForbidden, SlideUnreadable, SlideUnsupported
from telepath.slides.messages import Member

ENTRIES: Final = 5000
BYTES: Final = 200 * 10**9
RATIO: Final = 200
"""Slides are compressed already; what becomes so much larger is none."""
_SPARE: Final = 1 << 20
_HEADER: Final = 30
_ENCRYPTED: Final = 0x1
_NESTED: Final = (".zip", ".rar", ".7z", ".gz", ".tar", ".tgz", ".bz2", ".xz")
_BESIDE: Final = (".txt", ".xml", ".log", ".pdf", ".jpg", ".jpeg", ".png", ".csv", ".htm", ".html")
"""What scanners leave beside a slide; of a Hamamatsu slide it is the slide."""
_INDEXED: Final = (".vms", ".vmu")
_NOISE: Final = frozenset({"thumbs.db", "desktop.ini", "__macosx", "dicomdir"})


def members(path: Path) -> tuple[Member, ...]:
    """Raises SlideForbidden: it may do harm; SlideUnsupported: encrypted, packed in a way of its own, or empty;
    SlideUnreadable: damaged."""
    try:
        with zipfile.ZipFile(path) as opened:
            entries = opened.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        raise SlideUnreadable("error-zip-damaged") from None
    if len(entries) > ENTRIES:
        raise SlideForbidden("error-zip-limit")
    files = [_checked(entry) for entry in entries if not entry.is_dir()]
    _check_together(files, path.stat().st_size)
    indexed = any(file.path.lower().endswith(_INDEXED) for file in files)
    kept = tuple(file for file in files if not _is_noise(file.path, beside=not indexed))
    if not kept:
        raise SlideUnsupported("error-zip-empty")
    if any(file.path.lower().endswith(_NESTED) for file in kept):
        raise SlideForbidden("error-zip-nested")
    return kept


def _checked(entry: zipfile.ZipInfo) -> Member:
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        raise SlideForbidden("error-zip-name")  # a link, a device
    name = entry.orig_filename
    if "\\" in name or "\0" in name or ":" in name or any(part in ("", ".", "..") for part in name.split("/")):
        raise SlideForbidden("error-zip-name")
    if entry.flag_bits & _ENCRYPTED:
        raise SlideUnsupported("error-zip-encrypted")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise SlideUnsupported("error-zip-method")
    return Member(
        path=name,
        offset=entry.header_offset,
        packed=entry.compress_size,
        size=entry.file_size,
        checksum=entry.CRC,
        deflated=entry.compress_type == zipfile.ZIP_DEFLATED,
    )


def _check_together(files: Sequence[Member], there: int) -> None:
    if len({file.path.casefold() for file in files}) != len(files):
        raise SlideForbidden("error-zip-name")
    whole = sum(file.size for file in files)
    if whole > BYTES or whole > RATIO * sum(file.packed for file in files) + _SPARE:
        raise SlideForbidden("error-zip-limit")
    end = 0
    for file in sorted(files, key=lambda file: file.offset):
        if file.offset < end:
            raise SlideForbidden("error-zip-limit")  # the same bytes twice
        end = file.offset + _HEADER + file.packed
    if end > there:
        raise SlideUnreadable("error-zip-damaged")


def _is_noise(path: str, *, beside: bool) -> bool:
    parts = path.lower().split("/")
    hidden = any(part.startswith(".") or part in _NOISE for part in parts)
    return hidden or (beside and parts[-1].endswith(_BESIDE))
