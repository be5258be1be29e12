"""A consult leaves as one signed archive, and comes back from one: what lies in it, and how it is put here.

consult-….zip
├── consult.json                what the database holds of it (consults/archive.py)
├── slides/<id>/files/…         the slides' own files, as they came
├── slides/<id>/regions/….jpg   pictures of the fields that were kept
├── attachments/<id>/…          the pages of what was attached, as they are shown
├── report.pdf                  the answer as it is printed: for people, not read back
├── audit/…                     what the audit holds of the case, which an outsider checks (web/audit_export.py)
└── manifest.json, .sig         all of these with their SHA-256, signed with the key of the audit (web/archive_file.py)
"""

import asyncio
import os
import secrets
import shutil
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import msgspec

from consults import archive, archive_entry, report
from consults.archive import Document
from telepath.access import ObjectRef
from telepath.actor import Actor
from telepath.audit import VerifierKey
from telepath.cases.attachments import page_key
from telepath.db.audit_search import Search
from telepath.db.database import Database
from telepath.errors import Invalid, NotFound, SlideUnreadable, Unavailable
from telepath.slides import brought, catalogue, ingest, leftovers
from telepath.slides.brought import Coming
from telepath.slides.decoder_pool import DecoderPool
from telepath.slides.label_check import Expected
from telepath.storage import Storage
from web import archive_file, audit_export, keys
from web.archive_file import CHUNK, Archive, Writer
from web.audit_export import Selection
from web.kept_fields import signed_pictures
from web.settings import Settings
from web.words import Wording

DOCUMENT: Final = "consult.json"
REPORT: Final = "report.pdf"
AUDIT: Final = "audit"
DOCUMENT_LIMIT: Final = 64 << 20
PICTURE_LIMIT: Final = 96 << 20
"""Bytes of what is held in memory at once."""


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """``digest``: of the manifest; written down elsewhere, it proves the whole."""

    slides: int
    bytes: int
    digest: str


class Brought(msgspec.Struct, frozen=True, kw_only=True):
    consult_id: str
    case_number: str
    slides: int
    origin: str


async def export(
    db: Database, settings: Settings, storage: Storage, actor: Actor, consult_id: str, target: Path, words: Wording
) -> Made:
    """Write the new file ``target``; all of it or nothing. That it leaves is audited before the first byte.

    Raises NotFound: no such consult; Forbidden: it is not over; Invalid: ``target`` exists, or a slide's files are not what was
    registered; Unavailable."""
    if await asyncio.to_thread(os.path.lexists, target):
        raise Invalid("error-archive-target")
    async with db.read() as reader:
        document = await archive.of_consult(reader, consult_id)
        case, consult = document.case, document.consult
        there = await archive.renamed(reader, consult_id)
    owner = there.institution.get(consult.institution_id, consult.institution_id)
    ref = ObjectRef("consult", consult.id, owner, case_id=case.id)
    await db.record(actor, "consult.exported", ref, slides=len(document.slides))
    key = await asyncio.to_thread(keys.audit_key, settings)
    async with _appearing(target) as (path, beside):
        writer = await asyncio.to_thread(Writer, path)
        try:
            await writer.put(DOCUMENT, brought.once(archive.written(document)))
            for slide in document.slides:
                await _put_slide(writer, storage, slide)
            await _put_pictures(writer, storage, document)
            if consult.opinions_released:
                await writer.put(REPORT, brought.once(await _report(db, settings, storage, consult_id, words)))
            selection = Selection(search=Search(everything=True, places=frozenset({case.id})))
            exported = await audit_export.export(db, settings, beside / AUDIT, selection, actor, [ref])
            if exported.problem:
                raise Unavailable("error-audit-export-refused", problem=exported.problem)
            for file in await asyncio.to_thread(_files, beside / AUDIT):
                await writer.put(f"{AUDIT}/{file}", _read(beside / AUDIT / file))
            digest = await asyncio.to_thread(writer.finish, key, settings.log_name, db.clock())
        finally:
            await asyncio.to_thread(writer.close)
        size = path.stat().st_size
    return Made(slides=len(document.slides), bytes=size, digest=digest)


@asynccontextmanager
async def _appearing(target: Path) -> AsyncIterator[tuple[Path, Path]]:
    """A file that takes the name ``target`` when the block ends well, and a folder for what is needed meanwhile."""
    folder = target.with_name(f".{target.name}.partial-{secrets.token_hex(4)}")
    try:
        await asyncio.to_thread(folder.mkdir, mode=0o700)
        yield folder / target.name, folder
        await asyncio.to_thread((folder / target.name).rename, target)
    except OSError as error:
        raise Unavailable("error-archive-write") from error
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


async def _put_slide(writer: Writer, storage: Storage, slide: Any) -> None:
    """Raises Invalid: the files are missing, or others than were registered."""
    digests: dict[str, str] = {}
    try:
        async with storage.fetch(catalogue.files_key(slide.id)) as folder:
            for name in await asyncio.to_thread(_files, folder):
                digests[name] = await writer.put(_slide_file(slide.id, name), _read(folder / name))
    except NotFound:
        digests = {}
    if not digests or ingest.digest_of(digests) != slide.digest:
        raise Invalid("error-archive-slide-files", slide=slide.label)


async def _put_pictures(writer: Writer, storage: Storage, document: Document) -> None:
    try:
        for name, key in _pictures(document).items():
            await writer.put(name, brought.once(await storage.read(key, 0, await storage.size(key))))
    except NotFound:
        raise Invalid("error-archive-pictures") from None


def _pictures(document: Document) -> dict[str, str]:
    """Member → storage key, of kept fields and of the pages of attachments."""
    found = {f"slides/{one.image}": one.image for one in document.rows["key_region"]}
    for one in document.attachments:
        for number in range(1, len(one.pages) + 1):
            found[f"attachments/{page_key(one.id, number)}"] = page_key(one.id, number)
    return found


def _slide_file(slide_id: str, name: str) -> str:
    return f"slides/{catalogue.files_key(slide_id)}/{name}"


async def _report(db: Database, settings: Settings, storage: Storage, consult_id: str, words: Wording) -> bytes:
    async with db.read() as reader:
        document = await report.of_consult(reader, consult_id)
    pictures = await signed_pictures(db, storage, document.opinions)
    return await report.render(document, words, f"{settings.origin}/verify", pictures)


def _files(folder: Path) -> list[str]:
    """Blocks."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


async def _read(path: Path) -> AsyncIterator[bytes]:
    with await asyncio.to_thread(path.open, "rb") as file:
        while chunk := await asyncio.to_thread(file.read, CHUNK):
            yield chunk


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

    Raises as ``archive_file.opened``, ``archive.parsed``, ``archive_entry.check`` and ``refuse_known``; SlideUnreadable: a
    slide is none that we can show; Conflict; Unavailable. Nothing is written before everything was read and fits together."""
    opened = await asyncio.to_thread(archive_file.opened, path, signers)
    try:
        if DOCUMENT not in opened.members:
            raise Invalid("error-archive-members")
        document = archive.parsed(await asyncio.to_thread(opened.data, DOCUMENT, DOCUMENT_LIMIT))
        archive_entry.check(document)
        _check_members(opened, document)
        await _check_audit(settings, opened, signers)
        async with db.read() as reader:
            await archive_entry.refuse_known(reader, document)
        await leftovers.remove(db, storage)
        async with brought.coming(db, storage) as came:
            facts = {one.id: await _bring_slide(came, decoders, opened, document, one) for one in document.slides}
            await _bring_pictures(came, decoders, opened, document)
            await came.check()
            async with db.write(actor) as tx:
                await archive_entry.enter(tx, document, facts, opened.manifest.by, opened.digest)
    finally:
        opened.close()
    return Brought(
        consult_id=document.consult.id,
        case_number=document.case.number,
        slides=len(document.slides),
        origin=opened.manifest.by,
    )


def _check_members(opened: Archive, document: Document) -> None:
    """Raises Invalid: there is more than the document says, or less; a slide's files are not those that were registered."""
    wanted = {DOCUMENT, *_pictures(document)}
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
    before = _slide_file(slide_id, "")
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
    for name, key in _pictures(document).items():
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
