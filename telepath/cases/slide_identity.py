"""Who a slide's own label and files name: for the institution whose slide it is, and copies that leave without it.

``SLIDE_IDENTITY`` and ``SLIDE_EXPORT`` come from a role in that institution, and no grant gives them: whoever was sent a slide
sees the drawn label, and takes no copy along."""

from typing import Final

import msgspec

from telepath import directory, grants
from telepath.access import Action
from telepath.actor import Actor
from telepath.cases import repository
from telepath.cases.model import Case
from telepath.db.database import Database
from telepath.errors import NotFound
from telepath.slides import catalogue, deidentified
from telepath.slides.catalogue import Slide
from telepath.slides.decoder_pool import DecoderPool
from telepath.slides.deidentified import Report
from telepath.slides.pieces import Copy
from telepath.storage import Storage

PICTURES: Final = ("label", "macro")


class Page(msgspec.Struct, frozen=True, kw_only=True):
    slide: Slide
    case: Case
    report: Report | None
    """None: added before anybody looked."""
    label: tuple[str, ...]
    """What the drawn label says."""
    may_export: bool


async def view(db: Database, storage: Storage, actor: Actor, slide_id: str) -> Page:
    """What was found in a slide's files, and where. Recorded. Raises NotFound, Refused."""
    async with db.write(actor) as tx:
        slide = await catalogue.get(tx, slide_id)
        allowed = await grants.require(tx, actor, Action.SLIDE_IDENTITY, slide.ref)
        may_export = bool(await grants.decide(tx, actor, Action.SLIDE_EXPORT, slide.ref))
        case = await repository.get(tx, slide.case_id)
        place = (await directory.institutions(tx, [slide.institution_id]))[slide.institution_id]
        await tx.audit("slide.identity-viewed", slide.ref, because=allowed, case_id=case.id)
    report = await deidentified.report(storage, slide.folder)
    label = deidentified.label_of(slide, place.finess)
    return Page(slide=slide, case=case, report=report, label=label, may_export=may_export)


async def picture(
    db: Database, storage: Storage, decoders: DecoderPool, actor: Actor, slide_id: str, name: str
) -> bytes:
    """A WebP of the label or the macro, recorded first. Raises NotFound: there is none, Refused, SlideUnreadable."""
    if name not in PICTURES:
        raise NotFound
    async with db.write(actor) as tx:
        slide = await catalogue.get(tx, slide_id)
        allowed = await grants.require(tx, actor, Action.SLIDE_IDENTITY, slide.ref)
        await tx.audit("slide.identity-viewed", slide.ref, because=allowed, case_id=slide.case_id, picture=name)
    async with storage.fetch(catalogue.files_key(slide.folder)) as folder:
        return await decoders.withheld(folder, slide.entry, name, reader=actor.person_id)


async def export(
    db: Database, storage: Storage, decoders: DecoderPool, actor: Actor, slide_id: str, *, operator: bool = False
) -> tuple[Slide, Copy]:
    """A copy without the patient, recorded before its first byte. ``operator``: whoever runs the machine.

    Raises NotFound, Refused; SlideUnreadable: its files are not understood, so nothing leaves; Unavailable."""
    async with db.read() as reader:
        slide = await catalogue.get(reader, slide_id)
        allowed = None if operator else await grants.require(reader, actor, Action.SLIDE_EXPORT, slide.ref)
        place = (await directory.institutions(reader, [slide.institution_id]))[slide.institution_id]
    planned = await deidentified.plan(storage, decoders, slide, place.finess, reader=actor.person_id)
    async with db.write(actor) as tx:
        if not operator:
            allowed = await grants.require(tx, actor, Action.SLIDE_EXPORT, slide.ref)
        await tx.audit(
            "slide.downloaded",
            slide.ref,
            because=allowed,
            case_id=slide.case_id,
            digest=slide.digest,
            bytes=sum(one.bytes for one in planned.files),
            removed=sum(one.times for one in planned.findings),
        )
    return slide, planned
