"""A consult leaves as one signed archive: what lies in it. How it comes back: consult_import.py.

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
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import msgspec

from consults import archive, report
from consults.archive import Document
from telepath.access import ObjectRef
from telepath.actor import Actor
from telepath.cases.attachments import page_key
from telepath.db.audit_search import Search
from telepath.db.database import Database
from telepath.errors import Invalid, NotFound, Unavailable
from telepath.slides import brought, catalogue, ingest
from telepath.storage import Storage
from web import audit_export, keys
from web.archive_file import CHUNK, Writer
from web.audit_export import Selection
from web.kept_fields import signed_pictures
from web.settings import Settings
from web.words import Wording

DOCUMENT: Final = "consult.json"
REPORT: Final = "report.pdf"
AUDIT: Final = "audit"


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """``digest``: of the manifest; written down elsewhere, it proves the whole."""

    slides: int
    bytes: int
    digest: str


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
                digests[name] = await writer.put(slide_file(slide.id, name), _read(folder / name))
    except NotFound:
        digests = {}
    if not digests or ingest.digest_of(digests) != slide.digest:
        raise Invalid("error-archive-slide-files", slide=slide.label)


async def _put_pictures(writer: Writer, storage: Storage, document: Document) -> None:
    try:
        for name, key in pictures_of(document).items():
            await writer.put(name, brought.once(await storage.read(key, 0, await storage.size(key))))
    except NotFound:
        raise Invalid("error-archive-pictures") from None


def pictures_of(document: Document) -> dict[str, str]:
    """Member → storage key, of kept fields and of the pages of attachments."""
    found = {f"slides/{one.image}": one.image for one in document.rows["key_region"]}
    for one in document.attachments:
        for number in range(1, len(one.pages) + 1):
            found[f"attachments/{page_key(one.id, number)}"] = page_key(one.id, number)
    return found


def slide_file(slide_id: str, name: str) -> str:
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
