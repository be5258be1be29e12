"""What the web process and a worker say to each other. Loads no slide library: the web process never does.

Each message is its length (u32, big endian) and then MessagePack. A request gets one ``Done`` or ``Failed``.
"""

import struct
from enum import StrEnum
from typing import Final

import msgspec

from telepath import errors
from telepath.geometry import View
from telepath.slides import iiif
from telepath.slides.label_check import Mark
from telepath.slides.pieces import Finding
from telepath.slides.profile import Profile
from telepath.slides.pyramid import Channel, Level, Pyramid
from telepath.slides.tile_index import WHITE, Source

LENGTH: Final = struct.Struct(">I")
PAGES_LIMIT: Final = 50
PIXELS_LIMIT: Final = 100_000_000
"""Of one attachment: its pages; the pixels of each picture."""


class Companions(msgspec.Struct, frozen=True):
    """``files``: where each file lies, relative to the folder that was given, and the name it gets in the slide's own
    folder. ``entry`` is the name there of the file that opens the slide."""

    entry: str
    files: tuple[tuple[str, str], ...]


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """A file in a ZIP, as the ZIP says. ``offset``: of its header; ``packed``, ``size``: bytes there and unpacked;
    ``checksum``: CRC-32."""

    path: str
    offset: int
    packed: int
    size: int
    checksum: int
    deflated: bool


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
    marks: tuple[Mark, ...] = ()
    """What its label and its file say of where it belongs."""
    channels: tuple[Channel, ...] = ()
    planes: int = 1
    plane_spacing: float | None = None
    """µm between focal planes."""
    background: str = WHITE
    profile: Profile = Profile()
    """Of its colours."""
    lut: bytes = b""
    """``colour.lut``; empty: no profile that can be applied."""
    mpp_offered: float | None = None
    """µm/px that the file says in a way that is not believed."""
    identifying: tuple[Finding, ...] | None = None
    """What in its files may say who the patient is; None: nobody here knows where this format may say it."""


class Page(msgspec.Struct, frozen=True):
    """A page of an attachment: its size in px, and a WebP."""

    width: int
    height: int
    picture: bytes


class Pages(msgspec.Struct, frozen=True):
    """An attachment as we show it. ``kind``: ``pdf`` or ``picture``."""

    kind: str
    pages: tuple[Page, ...]


class Open(msgspec.Struct, frozen=True, tag=True):
    """Shut yourself in with this folder; empty: with none. Answer: sandbox.Protections."""

    folder: str


class FindCompanions(msgspec.Struct, frozen=True, tag=True):
    """Answer: Companions."""

    name: str


class ListArchive(msgspec.Struct, frozen=True, tag=True):
    """Answer: a tuple of Member."""

    name: str


class Inspect(msgspec.Struct, frozen=True, tag=True):
    """Answer: Inspection."""

    entry: str


class Coding(StrEnum):
    """How a tile that we make is coded."""

    JPEG = "jpeg"
    AVIF = "avif"
    """Smaller and not as good: for thin links, until the view rests."""


class DecodeTile(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Answer: a picture of the size of a tile of ``level``, which the reader has as ``number``, ``shrink`` times finer."""

    entry: str
    level: Level
    number: int
    column: int
    row: int
    shrink: int = 1
    z: int = 0
    channel: int = 0
    light: Channel | None = None
    """How the samples of the channel become grey; None: a colour picture."""
    background: str = WHITE
    coding: Coding = Coding.JPEG


class ComposeTile(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Needs no folder. Answer: a picture of ``width`` x ``height`` px made of stored ones, each ``shrink`` times smaller."""

    pictures: tuple[bytes, ...]
    """JPEG files of that size, row by row; empty: nothing was scanned there."""
    across: int
    """How many of them make a row."""
    width: int
    height: int
    shrink: int = 1
    light: Channel | None = None
    """Of which channel they are; None: of colours."""
    background: str = WHITE
    coding: Coding = Coding.JPEG


class PlanCopy(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Answer: pieces.Copy of what may leave of a slide. ``name``: of its files there; ``lines``: what is drawn for its label;
    ``seed``: makes its identifiers anew."""

    entry: str
    name: str
    lines: tuple[str, ...]
    seed: bytes


class ShowCompanion(msgspec.Struct, frozen=True, tag=True):
    """Answer: a WebP of a picture that is withheld, for those who may see who the patient is."""

    entry: str
    name: str


NO_TILE: Final = b"\0"
"""Stands for a tile that could not be read."""


class DrawPicture(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Needs no folder. Answer: ``wanted``, of tiles of one level laid beside each other."""

    tiles: tuple[bytes, ...]
    """JPEG files row by row, for each channel in turn; empty: nothing was scanned there; or NO_TILE."""
    across: int
    """How many of them make a row."""
    tile_width: int
    tile_height: int
    left: float
    """Where the wanted part begins among them, px, and how large it is there."""
    top: float
    width: float
    height: float
    wanted: iiif.Picture
    channels: tuple[Channel, ...] = ()
    background: str = WHITE


class DrawPages(msgspec.Struct, frozen=True, tag=True):
    """The bytes of an attachment, which never lie on the disk. Answer: Pages."""

    data: bytes


class DrawField(msgspec.Struct, frozen=True, tag=True):
    """Answer: a JPEG of what the view shows."""

    entry: str
    view: View


TileRequest = DecodeTile | ComposeTile
WITHOUT_FILES: Final = (ComposeTile, DrawPicture)
"""Requests that bring with them all that they need of a slide."""
Request = (
    Open
    | FindCompanions
    | ListArchive
    | Inspect
    | TileRequest
    | DrawPicture
    | DrawField
    | DrawPages
    | PlanCopy
    | ShowCompanion
)


class Failed(msgspec.Struct, frozen=True, tag=True):
    """The error of telepath/errors.py that the work raised: its class, code and parameters. Never a path."""

    kind: str
    code: str
    params: dict[str, str | int | float]
    memory: int = 0
    """As in ``Done``."""

    def error(self) -> errors.TelepathError:
        kind = getattr(errors, self.kind, errors.SlideUnreadable)
        if not isinstance(kind, type) or not issubclass(
            kind, errors.SlideUnreadable | errors.TileUnreadable | errors.AttachmentUnreadable
        ):
            kind = errors.SlideUnreadable
        return kind(self.code, **self.params)


class Done(msgspec.Struct, frozen=True, tag=True):
    """``answer``: MessagePack of what the request promises; of a tile, the JPEG itself."""

    answer: bytes
    memory: int = 0
    """Bytes that the worker has used at most."""


Reply = Done | Failed
