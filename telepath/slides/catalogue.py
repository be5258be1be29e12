"""The slides that were registered."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import RowMapping, Select, select, update

from telepath.access import ObjectRef
from telepath.db.schema.cases import case
from telepath.db.schema.slides import slide
from telepath.db.transaction import Reader, Transaction
from telepath.slides.profile import Profile
from telepath.slides.pyramid import Channel, Level, Pyramid
from telepath.slides.tile_index import WHITE, Source


class Slide(msgspec.Struct, frozen=True, kw_only=True):
    """A slide of a case. Its bytes lie in storage below ``folder``."""

    id: str
    institution_id: str
    case_id: str
    specimen_id: str | None
    label: str
    """What the laboratory wrote on the glass, without the patient: "A1 HES"."""
    stain: str
    block: str
    folder: str
    entry: str
    format: str
    """OpenSlide's name of the format."""
    source: Source
    width: int
    """Level-0 px."""
    height: int
    pyramid: Pyramid
    mpp: float | None
    """µm per level-0 px; None when the file says nothing believable."""
    objective: float | None
    digest: str
    """SHA-256 of its file, or of the list of its files' names and digests."""
    bytes: int
    added_by: str
    added_at: datetime
    section: str = ""
    """Which level of the block was cut, as the laboratory writes it."""
    channels: tuple[Channel, ...] = ()
    """Kinds of light of a fluorescence slide; none: a colour picture."""
    planes: int = 1
    """Focal planes, from the lowest."""
    plane_spacing: float | None = None
    """µm from one to the next."""
    background: str = WHITE
    """Of glass that was not scanned, ``#rrggbb``."""
    profile: Profile = Profile()
    """Of its colours."""
    mpp_source: str = "file"
    """``entered``: by ``mpp_by``."""
    mpp_by: str = ""
    mpp_read: float | None = None
    """What the file says, believably."""
    mpp_offered: float | None = None
    """What it says in a way that is not believed: ``0,499``."""
    label_check: str = ""
    """Whether its own label names the case (label_check.Verdict); "": added before labels were read."""
    version: int

    @property
    def ref(self) -> ObjectRef:
        """Not within its case: a grant on the case does not open its slides."""
        return ObjectRef("slide", self.id, self.institution_id, case_id=self.case_id)


AT_ONCE = 500
"""Identifiers asked for in one query."""
FILES = "files"
INDEX = "tiles.index"
THUMBNAIL = "thumbnail.jpg"
BUILT_TILES = "built.tiles"
LUT = "colour.lut"


def files_key(folder: str) -> str:
    """The storage key of the folder of the slide's own files: all that the sandbox sees."""
    return f"{folder}/{FILES}"


def index_key(folder: str) -> str:
    return f"{folder}/{INDEX}"


def thumbnail_key(folder: str) -> str:
    return f"{folder}/{THUMBNAIL}"


def lut_key(folder: str) -> str:
    """Where the table lies that the viewer shows the slide's colours by (telepath/slides/colour.py)."""
    return f"{folder}/{LUT}"


def built_tiles_key(folder: str) -> str:
    return f"{folder}/{BUILT_TILES}"


async def get(reader: Reader, slide_id: str) -> Slide:
    """Raises NotFound: absent, or erased. Whether the asker may see it is another question (telepath/grants.py)."""
    return _slide(await reader.one(select(slide).where(slide.c.id == slide_id, slide.c.folder != "")))


async def by_id(reader: Reader, slide_ids: Iterable[str]) -> dict[str, Slide]:
    """Those of these slides that there are."""
    wanted = sorted(set(slide_ids))
    found: dict[str, Slide] = {}
    for start in range(0, len(wanted), AT_ONCE):
        for row in await reader.all(select(slide).where(slide.c.id.in_(wanted[start : start + AT_ONCE]))):
            found[row["id"]] = _slide(row)
    return found


async def of_case(reader: Reader, case_id: str) -> list[Slide]:
    """In the order in which they were added."""
    return (await of_cases(reader, [case_id])).get(case_id, [])


async def of_cases(reader: Reader, case_ids: Iterable[str]) -> dict[str, list[Slide]]:
    """Case id → its slides in the order in which they were added; cases without slides are left out."""
    found: dict[str, list[Slide]] = {}
    statement: Select[Any] = (
        select(slide).where(slide.c.case_id.in_(set(case_ids)), slide.c.folder != "").order_by(slide.c.id)
    )
    for row in await reader.all(statement):
        found.setdefault(row["case_id"], []).append(_slide(row))
    return found


async def ids_of_case(reader: Reader, case_id: str) -> list[str]:
    """In the order in which they were added."""
    shown = (slide.c.case_id == case_id) & (slide.c.folder != "")
    return [row["id"] for row in await reader.all(select(slide.c.id).where(shown).order_by(slide.c.id))]


async def insert(tx: Transaction, made: Slide) -> None:
    values = msgspec.structs.asdict(made)
    values["source"] = made.source.value
    values["levels"] = msgspec.json.encode(values.pop("pyramid").levels).decode()
    values["channels"] = msgspec.json.encode(made.channels).decode()
    values["profile"] = msgspec.json.encode(made.profile).decode()
    await tx.insert(slide, **values)
    await tx.execute(update(case).where(case.c.id == made.case_id).values(active_at=tx.now))


def _slide(row: RowMapping) -> Slide:
    values = dict(row)
    levels = msgspec.json.decode(values.pop("levels"), type=tuple[Level, ...])
    values["channels"] = msgspec.json.decode(values["channels"], type=tuple[Channel, ...])
    values["profile"] = msgspec.json.decode(values["profile"], type=Profile)
    values["source"] = Source(values["source"])
    return Slide(**values, pyramid=Pyramid(levels))
