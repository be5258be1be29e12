"""The addresses of tiles, read in one place for all who answer them.

``level/column_row``, then ``_z`` and a focal plane, then ``_c`` and a channel, then ``.avif`` (reduced, for thin links) or
``.jpg`` (as without). In a batch the names stand between ``+``, each with ``-`` in place of the slash.
"""

import re
from typing import Final

import msgspec

from telepath.slides.messages import Coding
from telepath.slides.tile_request import TileName

BATCH_LIMIT: Final = 32
LONGEST_BATCH: Final = 1000
"""Letters of all its names."""
_PLACE: Final = r"([0-9]{1,6})_([0-9]{1,6})(?:_z([0-9]{1,3}))?(?:_c([0-9]{1,3}))?(\.avif|\.jpg)?"
_SLIDE: Final = r"/slides/([0-9a-z]{26})/tiles/"
_ONE: Final = re.compile(_SLIDE + r"([0-9]{1,2})/" + _PLACE)
_MANY: Final = re.compile(_SLIDE + rf"batch/([0-9a-z_.+-]{{5,{LONGEST_BATCH}}})")
_NAME: Final = re.compile(r"([0-9]{1,2})-" + _PLACE)
_BEFORE: Final = len("/slides/") + 26 + len("/tiles/")
_AREA: Final = re.compile(r"/slides/[^/]*/tiles/(?!image\.dzi$|image_files/|iiif$|iiif/)")
"""Without what other viewers ask for (web/other_viewers.py)."""


def is_tile(path: str) -> bool:
    """Whether this is the path of a tile, or of what could only be one."""
    return _AREA.match(path) is not None


class Named(msgspec.Struct, frozen=True, gc=False):
    """``wanted`` of a slide: a tile, or a batch of at most BATCH_LIMIT in order. ``text``: the name of the tile as it was
    written; empty: of a batch."""

    slide_id: str
    wanted: TileName | list[TileName]
    text: str


def read(path: str) -> Named | None:
    """None: this is the path of no tile and of no batch."""
    found = _ONE.fullmatch(path)
    if found is None:
        return _many(path)
    slide_id, level, column, row, z, channel, ending = found.groups()
    return Named(slide_id, _tile(level, column, row, z, channel, ending), path[_BEFORE:])


def written(name: TileName, *, channels: bool) -> str:
    """The name of a tile of the file's own bytes. ``channels``: the slide has some."""
    plane, channel = f"_z{name.z}" if name.z else "", f"_c{name.channel}" if channels else ""
    return f"{name.level}/{name.column}_{name.row}{plane}{channel}"


def read_one(text: str) -> TileName | None:
    """A name as a batch has it. None: it is none."""
    found = _NAME.fullmatch(text)
    return _tile(*found.groups()) if found is not None else None


def read_batch(text: str) -> list[TileName] | None:
    """Names with ``+`` between them. None: they are none, or too many."""
    texts = text.split("+") if len(text) <= LONGEST_BATCH else []
    names = [name for name in map(read_one, texts[: BATCH_LIMIT + 1]) if name is not None]
    return names if texts and len(names) == len(texts) <= BATCH_LIMIT else None


def _many(path: str) -> Named | None:
    found = _MANY.fullmatch(path)
    names = read_batch(found[2]) if found is not None else None
    if found is None or names is None:
        return None
    return Named(found[1], names, "")


def _tile(level: str, column: str, row: str, z: str | None, channel: str | None, ending: str | None) -> TileName:
    coding = Coding.AVIF if ending == ".avif" else Coding.JPEG
    return TileName(int(level), int(column), int(row), int(z or 0), int(channel or 0), coding)
