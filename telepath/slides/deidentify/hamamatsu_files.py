"""A copy of a Hamamatsu VMS or VMU slide without the patient: its text file anew, under names of ours. Runs in the sandbox."""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from telepath.errors import SlideUnreadable
from telepath.slides.deidentify import drawn, ini, jpeg_remarks
from telepath.slides.deidentify.texts import is_number, kind_of, told
from telepath.slides.pieces import CopiedFile, Log, Overlay, Written

_FILES: Final = re.compile(r"(image|map|optimisation)file.*|macroimage")
_KEPT: Final = re.compile(
    r"no(layers|jpegcolumns|jpegrows)|physical(macro)?(width|height)|layer(spacing|offset)|sourcelens|[xyz]offsetfromslidecentre|"
    r"bitsperpixel|(image|map)(width|height)|tilesize|pixelorder"
)


def copy(folder: Path, entry: str, to: str, lines: Sequence[str], log: Log) -> list[CopiedFile]:
    """``to`` is the folder in the copy. Raises SlideUnreadable, SlideIncomplete, SlideForbidden."""
    sections = ini.read(folder / entry)
    suffix = Path(entry).suffix.lower()
    made: list[CopiedFile] = []
    names: dict[str, str] = {}
    cleaned: ini.Sections = {}
    for section, fields in sections.items():
        cleaned[section] = {}
        for key, value in fields.items():
            small = key.casefold()
            if _FILES.fullmatch(small) and value:
                if "/" in value or "\\" in value or not (folder / value).is_file():
                    raise SlideUnreadable
                if value not in names:
                    kind = "macro" if small == "macroimage" else "image"
                    names[value] = f"{kind}-{len(names) + 1}{_suffix(value)}"
                    made.append(_copied(folder, value, f"{to}/{names[value]}", kind, lines, log))
                cleaned[section][key] = names[value]
                log.add("file-name", f"VMS: {told(key)}".removesuffix(": "), "renamed")
            elif _KEPT.fullmatch(small) and (is_number(value) or value in ("BGR", "RGB")):
                cleaned[section][key] = value
            elif value.strip():
                shown = told(key)
                log.add(kind_of(key), f"VMS: {shown}" if shown else "VMS")
    return [CopiedFile(entry, f"{to}/slide{suffix}", (Written(ini.written(cleaned, mark=False)),)), *made]


def _suffix(name: str) -> str:
    found = Path(name).suffix.lower()
    return found if found in (".jpg", ".jpeg", ".ngr", ".opt") else ""


def _copied(folder: Path, name: str, to: str, kind: str, lines: Sequence[str], log: Log) -> CopiedFile:
    size = (folder / name).stat().st_size
    if kind == "macro":
        log.add("macro", "VMS: MacroImage", "replaced")
        return CopiedFile(name, to, (Written(drawn.jpeg(lines, 1200, 400, 1 << 20) or b""),))
    overlay = Overlay(size)
    with (folder / name).open("rb") as file:
        for start, end in jpeg_remarks.of_stream(lambda length: os.pread(file.fileno(), length, 0), size):
            if any(os.pread(file.fileno(), end - start, start)):
                log.add("text", "JPEG")
                overlay.blank(start, end)
    return CopiedFile(name, to, overlay.pieces())
