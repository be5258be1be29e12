"""What the web process and a worker say to each other. Loads no slide library: the web process never does.

Each message is its length (u32, big endian) and then MessagePack. A request gets one ``Done`` or ``Failed``.
"""

import struct
from typing import Final

import msgspec

from telepath import errors
from telepath.slides.pyramid import Level, Pyramid
from telepath.slides.tile_index import Source

LENGTH: Final = struct.Struct(">I")


class Companions(msgspec.Struct, frozen=True):
    """``files``: where each file lies, relative to the folder that was given, and the name it gets in the slide's own
    folder. ``entry`` is the name there of the file that opens the slide."""

    entry: str
    files: tuple[tuple[str, str], ...]


class Inspection(msgspec.Struct, frozen=True, kw_only=True):
    """A slide that we can show."""

    vendor: str
    """OpenSlide's name of the format."""
    source: Source
    pyramid: Pyramid
    mpp: float | None
    """µm/px, None when the file says nothing believable: no scale bar rather than a false one."""
    objective: float | None
    companions: tuple[str, ...]
    """Names of the pictures that came with it and are withheld: label, macro."""
    index: bytes
    """The tile index file (telepath/slides/tile_index.py)."""
    thumbnail: bytes | None
    """A JPEG; None when the slide has no level small enough."""


class Open(msgspec.Struct, frozen=True, tag=True):
    """Shut yourself in with this folder. Answer: sandbox.Protections."""

    folder: str


class FindCompanions(msgspec.Struct, frozen=True, tag=True):
    """Answer: Companions."""

    name: str


class Inspect(msgspec.Struct, frozen=True, tag=True):
    """Answer: Inspection."""

    entry: str


class DecodeTile(msgspec.Struct, frozen=True, tag=True):
    """Answer: a JPEG."""

    entry: str
    level: Level
    number: int
    column: int
    row: int


Request = Open | FindCompanions | Inspect | DecodeTile


class Failed(msgspec.Struct, frozen=True, tag=True):
    """The error of telepath/errors.py that the work raised: its class, code and parameters. Never a path."""

    kind: str
    code: str
    params: dict[str, str | int | float]

    def error(self) -> errors.TelepathError:
        kind = getattr(errors, self.kind, errors.SlideUnreadable)
        if not isinstance(kind, type) or not issubclass(kind, errors.SlideUnreadable | errors.TileUnreadable):
            kind = errors.SlideUnreadable
        return kind(self.code, **self.params)


class Done(msgspec.Struct, frozen=True, tag=True):
    """``answer``: MessagePack of what the request promises; of a tile, the JPEG itself."""

    answer: bytes


Reply = Done | Failed
