"""Which pictures of a TIFF are levels of the slide, and which are withheld. Runs in the sandbox.

What no rule calls a level is withheld: an unknown page may be a photograph of the label."""

import re
import struct
from enum import StrEnum
from typing import Final

from telepath.slides.deidentify.tiff_directories import NDPI_FORMAT, Directory, Tiff
from telepath.slides.deidentify.xml_text import tags

DESCRIPTION: Final = 270
_SOURCE_LENS: Final = 65421
_ROUNDED: Final = 2
"""px by which writers round the sides of a level."""


class Role(StrEnum):
    """Words of pieces.KINDS, but for the first."""

    SHOWN = "shown"
    LABEL = "label"
    MACRO = "macro"
    PICTURE = "picture"


def is_tiled(directory: Directory) -> bool:
    return 324 in directory.entries


def roles(tiff: Tiff) -> list[Role]:
    """One for each directory, in their order."""
    texts = [tiff.text(directory, DESCRIPTION) for directory in tiff.directories]
    first = texts[0]
    if tiff.ndpi or NDPI_FORMAT in tiff.directories[0].entries:
        return [_of_lens(tiff, directory) for directory in tiff.directories]
    if first.startswith("Aperio"):
        whole = tiff.size_of(tiff.directories[0])
        return [
            _aperio(number, directory, texts[number], alike(tiff.size_of(directory), whole))
            for number, directory in enumerate(tiff.directories)
        ]
    if tiff.text(tiff.directories[0], 305).startswith("Philips"):
        return [
            Role.SHOWN if is_tiled(directory) else _named(text)
            for directory, text in zip(tiff.directories, texts, strict=True)
        ]
    if any("<iScan" in tiff.text(directory, 700) for directory in tiff.directories):
        return [Role.SHOWN if text.startswith("level=") else Role.MACRO for text in texts]
    if "leica-microsystems.com/scn" in first[:2000]:
        shown = _leica_levels(first)
        return [Role.SHOWN if number in shown else Role.MACRO for number in range(len(tiff.directories))]
    return _alike(tiff, texts)


def alike(size: tuple[int, int], whole: tuple[int, int]) -> bool:
    """Whether a picture has the proportions of the slide, but for _ROUNDED. Sizes: width, height."""
    sides = list(zip(size, whole, strict=True))
    most = min(long / max(side - _ROUNDED, 0.5) for side, long in sides)
    return min(size) > 0 and max(long / (side + _ROUNDED) for side, long in sides) <= most


def _named(text: str) -> Role:
    found = re.search("label|macro", text.casefold())
    return Role(found[0]) if found is not None else Role.PICTURE


def _aperio(number: int, directory: Directory, text: str, alike: bool) -> Role:
    role = _named(re.sub(r"\|.*", "", text, flags=re.DOTALL))
    if is_tiled(directory):
        return Role.SHOWN if not number or (alike and role is Role.PICTURE) else role
    # The thumbnail shows what was scanned, and no label.
    return Role.SHOWN if number == 1 and role is Role.PICTURE else role


def _of_lens(tiff: Tiff, directory: Directory) -> Role:
    """Hamamatsu: the magnification; -1 for the macro, -2 for the map of the focus."""
    entry = directory.entries.get(_SOURCE_LENS)
    if entry is None or (entry.type, entry.count) != (11, 1):
        return Role.PICTURE
    (lens,) = struct.unpack(tiff.order + "f", tiff.read(entry.start, 4))
    return Role.SHOWN if lens > 0 else Role.MACRO if lens == -1 else Role.PICTURE


def _leica_levels(text: str) -> set[int]:
    """The directories of the images that do not cover the whole glass. OpenSlide: the macro is as large as the collection."""
    whole: tuple[str, str] | None = None
    found: set[int] = set()
    mine: set[int] = set()
    is_macro = True
    for name, attributes in [*tags(text), ("image", {})]:
        if name == "collection":
            whole = attributes.get("sizeX", ""), attributes.get("sizeY", "")
        elif name == "image":
            found |= set() if is_macro else mine
            mine, is_macro = set(), False
        elif name == "view":
            offsets = attributes.get("offsetX", "0"), attributes.get("offsetY", "0")
            size = attributes.get("sizeX", ""), attributes.get("sizeY", "")
            is_macro = is_macro or (size == whole and offsets == ("0", "0"))
        elif name == "dimension" and attributes.get("ifd", "").isdigit():
            mine.add(int(attributes["ifd"]))
    return found


def _alike(tiff: Tiff, texts: list[str]) -> list[Role]:
    """The largest picture, and those of its shape that do not call themselves label or macro."""
    tiled = [one for one in tiff.directories if is_tiled(one) and one.parent is None]
    top = tiled or [one for one in tiff.directories if one.parent is None]
    whole = max((tiff.size_of(one) for one in top), key=lambda one: one[0] * one[1])
    found: list[Role] = []
    for directory, text in zip(tiff.directories, texts, strict=True):
        size = tiff.size_of(directory)
        fits = is_tiled(directory) or not tiled or directory.parent is not None
        below_shown = directory.parent is None or found[directory.parent] is Role.SHOWN
        # XML tells of all pages, and a text of the largest may tell of anything.
        apart = size != whole and "<" not in text and _named(text) is not Role.PICTURE
        found.append(Role.SHOWN if alike(size, whole) and fits and below_shown and not apart else _named(text))
    return found
