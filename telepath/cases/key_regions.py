"""Fields worth seeing again, each with its picture: what an expert shows with an opinion, or anybody with a case.

The picture is drawn when the field is pinned, by a decoder worker, and kept beside the files of its slide under its own digest:
what is signed with an opinion names that digest. It goes when the slide goes.

Whoever sees the slide sees the fields of its case. A field that belongs to a consult is seen by who pinned it and, when that is
the requester, by who sees the consult; the others see it with the opinion that was signed and released with it, because the
label alone may say what the opinion will."""

import hashlib
from collections.abc import AsyncIterator, Collection
from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import RowMapping, func, or_, select, update

from telepath import grants
from telepath.access import Action, Allowed, ObjectRef
from telepath.actor import Actor
from telepath.cases import repository
from telepath.cases.wording import plain
from telepath.db.database import Database
from telepath.db.schema.cases import key_region
from telepath.db.schema.consults import consult, opinion
from telepath.db.transaction import Reader
from telepath.errors import Invalid, NotFound, TileUnreadable, TooLarge
from telepath.geometry import View
from telepath.slides import catalogue
from telepath.slides.catalogue import Slide
from telepath.slides.decoder_pool import DecoderPool
from telepath.storage import Storage

LABEL_LIMIT: Final = 200
PER_CASE: Final = 60
WIDEST: Final = 2.0
"""A field may reach beyond its slide, but is at most so many times as wide and high."""
PICTURE_BYTES: Final = 4 << 20


class KeyRegion(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    case_id: str
    consult_id: str
    """"": of the case."""
    slide_id: str
    label: str
    view: View
    image: str
    """Storage key of the picture, a JPEG."""
    pinned_by: str
    pinned_at: datetime

    @property
    def digest(self) -> str:
        """SHA-256 of the picture."""
        return self.image.rpartition("/")[2].partition(".")[0]


def image_key(folder: str, digest: str) -> str:
    return f"{folder}/regions/{digest}.jpg"


async def pin(
    db: Database,
    storage: Storage,
    decoders: DecoderPool,
    actor: Actor,
    slide_id: str,
    view: View,
    label: str,
    consult_id: str = "",
) -> KeyRegion:
    """Keep what ``view`` shows of a slide. Raises NotFound: no such slide, or consult of its case; Refused; Invalid: a field
    outside the slide, or one that cannot be drawn; TooLarge: as many fields as may be; Unavailable."""
    label = plain(label, field="label", limit=LABEL_LIMIT)
    async with db.read() as reader:
        slide, _ = await _asked(reader, actor, slide_id, consult_id)
    if not _shows(view, slide):
        raise Invalid("error-region-outside")
    try:
        picture = await decoders.field(catalogue.files_key(slide.folder), slide.entry, view, reader=actor.person_id)
    except TileUnreadable:
        raise Invalid("error-region-undrawn") from None
    image = image_key(slide.folder, hashlib.sha256(picture).hexdigest())

    async def once() -> AsyncIterator[bytes]:
        yield picture

    await storage.put_stream(image, once())
    async with db.write(actor) as tx:
        slide, allowed = await _asked(tx, actor, slide_id, consult_id)
        shown = (key_region.c.case_id == slide.case_id) & key_region.c.removed_at.is_(None)
        if await tx.scalar(select(func.count()).select_from(key_region).where(shown)) >= PER_CASE:
            raise TooLarge("error-region-too-many", limit=PER_CASE)
        made = KeyRegion(
            id=tx.new_id(),
            case_id=slide.case_id,
            consult_id=consult_id,
            slide_id=slide.id,
            label=label,
            view=view,
            image=image,
            pinned_by=actor.person_id,
            pinned_at=tx.now,
        )
        await tx.insert(key_region, **(msgspec.structs.asdict(made) | {"view": msgspec.to_builtins(view)}))
        await repository.touch(tx, slide.case_id)
        await tx.audit(
            "region.pinned",
            slide.ref,
            because=allowed,
            private={"label": label},
            kept_field=made.id,
            digest=made.digest,
            consult=consult_id,
        )
    return made


async def _asked(reader: Reader, actor: Actor, slide_id: str, consult_id: str) -> tuple[Slide, Allowed]:
    slide = await catalogue.get(reader, slide_id)
    allowed = await grants.require(reader, actor, Action.ANNOTATION_WRITE, slide.ref)
    if consult_id:
        of = await reader.one(
            select(consult.c.institution_id).where(consult.c.id == consult_id, consult.c.case_id == slide.case_id)
        )
        ref = ObjectRef("consult", consult_id, of["institution_id"], case_id=slide.case_id)
        await grants.require(reader, actor, Action.CONSULT_VIEW, ref)
    return slide, allowed


def _shows(view: View, slide: Slide) -> bool:
    """Whether the middle of the field lies on the slide, and its sides are of its order."""
    return (
        view.valid()
        and 0 <= view.x <= slide.width
        and 0 <= view.y <= slide.height
        and max(view.width, view.height) <= WIDEST * max(slide.width, slide.height)
        and min(view.width, view.height) >= 1
    )


async def remove(db: Database, actor: Actor, region_id: str) -> KeyRegion:
    """Take away a field of one's own; what was signed with it keeps it, with its picture. Raises NotFound: absent, or somebody
    else's; Refused."""
    async with db.write(actor) as tx:
        found = _region(
            await tx.one(
                select(key_region).where(
                    key_region.c.id == region_id,
                    key_region.c.pinned_by == actor.person_id,
                    key_region.c.removed_at.is_(None),
                )
            )
        )
        slide = await catalogue.get(tx, found.slide_id)
        allowed = await grants.require(tx, actor, Action.ANNOTATION_WRITE, slide.ref)
        await tx.execute(update(key_region).where(key_region.c.id == region_id).values(removed_at=tx.now))
        await repository.touch(tx, found.case_id)
        await tx.audit("region.removed", slide.ref, because=allowed, kept_field=found.id)
    return found


async def seen_by(
    reader: Reader, actor: Actor, case_id: str, slides: Collection[str], *, consult_id: str = ""
) -> list[KeyRegion]:
    """The fields of a case that are pinned on these slides, oldest first: those of the case, this person's own, and the
    requester's of ``consult_id``. The caller has asked for the slides, and CONSULT_VIEW."""
    requester = select(consult.c.requester_id).where(consult.c.id == consult_id).scalar_subquery()
    rows = await reader.all(
        select(key_region)
        .where(
            key_region.c.case_id == case_id,
            key_region.c.slide_id.in_(set(slides)),
            key_region.c.removed_at.is_(None),
            or_(
                key_region.c.consult_id == "",
                key_region.c.pinned_by == actor.person_id,
                (key_region.c.consult_id == consult_id) & (key_region.c.pinned_by == requester),
            ),
        )
        .order_by(key_region.c.pinned_at, key_region.c.id)
    )
    return [_region(row) for row in rows]


async def pinned(reader: Reader, consult_id: str, person_id: str) -> list[KeyRegion]:
    """What this person has pinned in a consult and not taken away, oldest first: what they sign with their opinion."""
    rows = await reader.all(
        select(key_region)
        .where(
            key_region.c.consult_id == consult_id,
            key_region.c.pinned_by == person_id,
            key_region.c.removed_at.is_(None),
        )
        .order_by(key_region.c.pinned_at, key_region.c.id)
    )
    return [_region(row) for row in rows]


async def picture(reader: Reader, storage: Storage, actor: Actor, region_id: str) -> tuple[bytes, KeyRegion, Allowed]:
    """The picture of a field, a JPEG, and for the record of who saw it why they may. Raises NotFound, Refused, Unavailable."""
    found = _region(await reader.one(select(key_region).where(key_region.c.id == region_id)))
    slide = await catalogue.get(reader, found.slide_id)
    allowed = await grants.require(reader, actor, Action.SLIDE_VIEW, slide.ref)
    shown = await seen_by(reader, actor, found.case_id, [found.slide_id], consult_id=found.consult_id)
    if found not in shown and not await _signed(reader, actor, found):
        raise NotFound
    size = await storage.size(found.image)
    return await storage.read(found.image, 0, min(size, PICTURE_BYTES)), found, allowed


async def _signed(reader: Reader, actor: Actor, region: KeyRegion) -> bool:
    """Whether an opinion that this person may read was signed with it."""
    rows = await reader.all(
        select(opinion.c.content, consult.c.institution_id)
        .join(consult, consult.c.id == opinion.c.consult_id)
        .where(
            opinion.c.consult_id == region.consult_id,
            or_(opinion.c.number <= consult.c.opinions_released, opinion.c.author_id == actor.person_id),
        )
    )
    with_it = [row for row in rows if any(one["id"] == region.id for one in row["content"].get("regions", ()))]
    if not with_it:
        return False
    ref = ObjectRef("consult", region.consult_id, with_it[0]["institution_id"], case_id=region.case_id)
    return bool(await grants.decide(reader, actor, Action.CONSULT_VIEW, ref))


def _region(row: RowMapping) -> KeyRegion:
    return KeyRegion(
        id=row["id"],
        case_id=row["case_id"],
        consult_id=row["consult_id"],
        slide_id=row["slide_id"],
        label=row["label"],
        view=msgspec.convert(row["view"], View),
        image=row["image"],
        pinned_by=row["pinned_by"],
        pinned_at=row["pinned_at"],
    )
