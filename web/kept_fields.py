"""Key regions as pages show them: their picture, a caption, and the way back to the field."""

from collections.abc import Iterable, Mapping
from contextlib import suppress

import msgspec

from consults import blind, repository
from consults.model import Opinion
from consults.opinion import ShownField
from telepath import directory
from telepath.actor import Actor
from telepath.cases import key_regions
from telepath.cases.key_regions import KeyRegion
from telepath.db.database import Database
from telepath.db.transaction import Reader
from telepath.errors import NotFound
from telepath.slides import catalogue
from telepath.storage import Storage
from web.threads import slide_path


class KeptField(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    label: str
    slide: str
    """The label of the slide."""
    path: str
    author: str = ""
    mine: bool = False
    sealed: bool = False
    """Somebody else wrote a label, which who reads the case blind does not see."""


async def kept_fields(
    reader: Reader,
    actor: Actor,
    case_id: str,
    regions: Iterable[KeyRegion],
    slides: Mapping[str, str],
    *,
    consult: str = "",
) -> list[KeptField]:
    """Fields of this case; ``slides``: identifier → label; ``consult``: whose page shows them."""
    regions = list(regions)
    blind_reader = await blind.hides(reader, actor, case_id)
    sealed = {one.id for one in regions if blind_reader and one.label and one.pinned_by != actor.person_id}
    names = await directory.people(reader, {one.pinned_by for one in regions})
    unnamed = await repository.unnamed(reader, case_id, actor.person_id)
    return [
        KeptField(
            id=one.id,
            label="" if one.id in sealed else one.label,
            sealed=one.id in sealed,
            slide=slides[one.slide_id],
            path=slide_path(one.slide_id, one.view, consult),
            author="" if one.pinned_by in unnamed else names[one.pinned_by].name,
            mine=one.pinned_by == actor.person_id,
        )
        for one in regions
    ]


async def kept_of_case(reader: Reader, actor: Actor, case_id: str, slides: Mapping[str, str]) -> list[KeptField]:
    """Those of the case, and this reader's own, on the slides that they see."""
    return await kept_fields(reader, actor, case_id, await key_regions.seen_by(reader, actor, case_id, slides), slides)


async def signed_pictures(db: Database, storage: Storage, opinions: Iterable[Opinion]) -> dict[str, bytes]:
    """The pictures of the fields that these opinions were signed with, by their digests; without those that are gone."""
    fields = [one for opinion in opinions for one in opinion.content.regions]
    async with db.read() as reader:
        slides = await catalogue.by_id(reader, {one.slide_id for one in fields})
    found = {}
    for one in fields:
        if one.slide_id in slides and slides[one.slide_id].folder:
            with suppress(NotFound):
                key = key_regions.image_key(slides[one.slide_id].folder, one.picture)
                found[one.picture] = await storage.read(key, 0, await storage.size(key))
    return found


def signed_fields(fields: Iterable[ShownField], consult: str = "") -> list[KeptField]:
    """Those of an opinion, as they were when it was signed; ``consult``: whose page shows them."""
    return [
        KeptField(id=one.id, label=one.label, slide=one.slide, path=slide_path(one.slide_id, one.view, consult))
        for one in fields
    ]
