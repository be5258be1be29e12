"""A consult comes in from an archive (consult_archive.py): first everything is read and checked, then files, then rows."""

import asyncio
import secrets
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from auth.erasure import EMPTIED
from consults import archive, archive_check, archive_entry
from consults.archive import Document, Named
from telepath.actor import Actor, Subject
from telepath.audit import VerifierKey
from telepath.cases.attachments import page_key
from telepath.db.database import Database
from telepath.errors import Invalid, SlideUnreadable, Unavailable
from telepath.slides import brought, catalogue, ingest, leftovers, pyramid_builder
from telepath.slides.brought import Coming
from telepath.slides.decoder_pool import DecoderPool
from telepath.slides.label_check import Expected
from telepath.storage import Storage
from web import archive_file, audit_export, erasures
from web.archive_file import Archive
from web.consult_archive import AUDIT, DOCUMENT, REPORT, pictures_of, slide_file
from web.settings import Settings

DOCUMENT_LIMIT: Final = 64 << 20
PICTURE_LIMIT: Final = 96 << 20
"""Bytes of what is held in memory at once."""


_NOBODY: Final = {name: text for name, text in EMPTIED.items() if name in Named.__struct_fields__} | {
    "subject_name_id": ""
}


class Brought(msgspec.Struct, frozen=True, kw_only=True):
    consult_id: str
    case_number: str
    slides: int
    origin: str


async def bring(
    db: Database,
    settings: Settings,
    storage: Storage,
    decoders: DecoderPool,
    actor: Actor,
    path: Path,
    signers: Sequence[VerifierKey],
) -> Brought:
    """Put what the archive at ``path`` holds here; all of it or nothing. ``signers``: whose archives are believed.

    Raises as ``archive_file.opened``, ``archive.parsed``, ``archive_check.check`` and ``refuse_known``; SlideUnreadable: a
    slide is none that we can show; Conflict; Unavailable. Nothing is written before everything was read and fits together."""
    opened = await asyncio.to_thread(archive_file.opened, path, signers)
    try:
        if DOCUMENT not in opened.members:
            raise Invalid("error-archive-members")
        document = archive.parsed(await asyncio.to_thread(opened.data, DOCUMENT, DOCUMENT_LIMIT))
        archive_check.check(document)
        _check_members(opened, document)
        await _check_audit(settings, opened, signers)
        document = await _without_erased(settings, document)
        async with db.read() as reader:
            await archive_entry.refuse_known(reader, document)
        await leftovers.remove(db, storage)
        async with brought.coming(db, storage) as came:
            facts = {one.id: await _bring_slide(came, decoders, opened, document, one) for one in document.slides}
            await _bring_pictures(came, decoders, opened, document)
            await came.check()
            async with db.write(actor) as tx:
                await archive_entry.enter(tx, document, facts, opened.manifest.by, opened.digest)
                for one in document.slides:
                    await pyramid_builder.want(tx, await catalogue.get(tx, one.id))
    finally:
        opened.close()
    return Brought(
        consult_id=document.consult.id,
        case_number=document.case.number,
        slides=len(document.slides),
        origin=opened.manifest.by,
    )


async def _without_erased(settings: Settings, document: Document) -> Document:
    """The list outside the database knows also what an older copy of it, or a new one, does not: whom it names stays without a
    name. Raises Invalid: it names the case."""
    erased = {one.subject for one in (await asyncio.to_thread(erasures.of, settings)).erasures}
    if Subject("case", document.case.id) in erased:
        raise Invalid("error-archive-case-here")
    people = tuple(
        msgspec.structs.replace(one, **_NOBODY) if Subject("person", one.id) in erased else one
        for one in document.people
    )
    return msgspec.structs.replace(document, people=people)


def _check_members(opened: Archive, document: Document) -> None:
    """Raises Invalid: there is more than the document says, or less; a slide's files are not those that were registered."""
    wanted = {DOCUMENT, *pictures_of(document)}
    for slide in document.slides:
        files = _of_slide(opened, slide.id)
        if not files or ingest.digest_of({name: one.sha256 for name, one in files.items()}) != slide.digest:
            raise Invalid("error-archive-members")
        wanted |= {one.path for one in files.values()}
    for region in document.rows["key_region"]:
        picture = opened.members.get(f"slides/{region.image}")
        if picture is None or not region.image.endswith(f"/{picture.sha256}.jpg"):
            raise Invalid("error-archive-members")
    beside = {one for one in opened.members if one == REPORT or one.startswith(f"{AUDIT}/")}
    if wanted != set(opened.members) - beside:
        raise Invalid("error-archive-members")


def _of_slide(opened: Archive, slide_id: str) -> dict[str, archive_file.Member]:
    before = slide_file(slide_id, "")
    return {path.removeprefix(before): one for path, one in opened.members.items() if path.startswith(before)}


async def _check_audit(settings: Settings, opened: Archive, signers: Sequence[VerifierKey]) -> None:
    """The audit's own verifier looks at the extract: ours, not the copy that came. Raises Invalid: it does not accept it."""
    work = settings.data / "work"
    folder = work / f"archive-{secrets.token_hex(8)}"
    try:
        for path in opened.members:
            if path.startswith(f"{AUDIT}/"):
                place = folder / path
                await asyncio.to_thread(place.parent.mkdir, mode=0o700, parents=True, exist_ok=True)
                with await asyncio.to_thread(place.open, "xb") as file:
                    async for chunk in opened.chunks(path):
                        await asyncio.to_thread(file.write, chunk)
        problem = await audit_export.refusal(folder / AUDIT, ",".join(map(str, signers)), audit_export.VERIFIER)
    except OSError as error:
        raise Unavailable("error-archive-write") from error
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
    if problem:
        raise Invalid("error-archive-audit")


async def _bring_slide(
    came: Coming, decoders: DecoderPool, opened: Archive, document: Document, slide: Any
) -> Mapping[str, Any]:
    """What was read of it, as columns. Raises SlideUnreadable."""
    files = {name: opened.chunks(one.path) for name, one in _of_slide(opened, slide.id).items()}
    found = await brought.bring(came, decoders, slide.id, slide.entry, files)
    if (found.pyramid.width, found.pyramid.height) != (slide.width, slide.height):
        raise SlideUnreadable
    brought.check_label(found, _expected(document, slide))
    return brought.facts(found)


def _expected(document: Document, slide: Any) -> Expected:
    labels = {one.id: one.label for one in document.rows["specimen"]}
    place = next(one for one in document.institutions if one.id == document.case.institution_id)
    return Expected(
        number=document.case.number,
        finess=place.finess,
        institution=place.name,
        specimens=tuple(labels.values()),
        specimen=labels.get(slide.specimen_id or "", ""),
        block=slide.block,
    )


async def _bring_pictures(came: Coming, decoders: DecoderPool, opened: Archive, document: Document) -> None:
    """Each is drawn in the sandbox before it is kept: what is shown later is a picture. Raises AttachmentUnreadable."""
    for one in document.attachments:
        await came.begin(one.id)
    sizes = {page_key(one.id, number): page for one in document.attachments for number, page in enumerate(one.pages, 1)}
    for name, key in pictures_of(document).items():
        data = await asyncio.to_thread(opened.data, name, PICTURE_LIMIT)
        drawn = await decoders.pages(data)
        shown = [(page.width, page.height) for page in drawn.pages]
        if (
            drawn.kind != "picture"
            or len(shown) != 1
            or (key in sizes and shown[0] != (sizes[key].width, sizes[key].height))
        ):
            raise Invalid("error-archive-pictures")
        await came.storage.put_stream(key, brought.once(data))
