"""A slide comes in: copied into a folder of its own, inspected there in the sandbox, sent from there to where slides are stored
when that is elsewhere, registered with its audit, or not at all; held apart when its label names another case (held.py)."""

import asyncio
import hashlib
import os
import stat
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import Final

import msgspec
from sqlalchemy import select

from telepath.access import ObjectRef
from telepath.actor import Actor
from telepath.db.database import Database
from telepath.db.schema.cases import held_slide
from telepath.db.schema.slides import slide as slide_table
from telepath.db.transaction import Reader, Transaction
from telepath.errors import Conflict, NotFound, SlideForbidden, SlideIncomplete, SlideUnreadable, TelepathError
from telepath.ids import make_id
from telepath.slides import catalogue, deidentified, held, leftovers
from telepath.slides.catalogue import Slide
from telepath.slides.decoder_pool import DecoderPool
from telepath.slides.held import Share
from telepath.slides.label_check import Checked
from telepath.slides.messages import Companions
from telepath.storage import Arriving, Storage

CHUNK: Final = 4 << 20
Progress = Callable[[int, int], None]
"""Called with the bytes copied so far and their total."""


def _silent(_copied: int, _total: int) -> None:
    """Nobody watches."""


Noted = Callable[[Transaction, Slide, Checked], Awaitable[None]]
"""Writes down, in the transaction that registers a slide or keeps it apart, what is to be known of it together with that."""


async def _with_nobody(_tx: Transaction, _slide: Slide) -> None:
    """Only its own institution sees it."""


async def _unnoted(_tx: Transaction, _slide: Slide, _checked: Checked) -> None:
    """Nobody else has to know."""


async def add(
    db: Database,
    storage: Storage,
    decoders: DecoderPool,
    actor: Actor,
    path: Path,
    *,
    case_id: str,
    institution_id: str,
    specimen_id: str | None = None,
    label: str = "",
    stain: str = "HES",
    block: str = "",
    section: str = "",
    progress: Progress = _silent,
    share: Share = _with_nobody,
    noted: Noted = _unnoted,
    once: bool = False,
    digests: Mapping[str, str] = MappingProxyType({}),
) -> Slide:
    """Register the slide that ``path`` names: a file, with those it needs beside it, or a folder that holds one slide.

    The caller has asked ``may``; ``share`` gives it, in the same transaction, to who else may see it. ``once``: not when the
    case has the same bytes already. ``digests``: the SHA-256 that files must have, by their names beside ``path``.

    Raises Conflict: the case has it; NotFound: no such file, or no such case of this institution, or specimen of the case.
    SlideHeld: its label disagrees with what is said of it; its files are kept apart, where only who sent it may correct or
    discard it, and it is audited as ``slide.mismatched``. SlideIncomplete: cut short, or altered on its way; SlideUnsupported,
    SlideForbidden, SlideUnreadable: it is not a slide that we can show; audited as ``slide.refused``. Unavailable: the storage
    or the database fails. On any other error than SlideHeld nothing is left behind; only where the database cannot say whether
    it registered the slide, the files stay. What earlier ingests left that were killed goes first (leftovers.py)."""
    await leftovers.remove(db, storage)
    said = held.Said(case_id=case_id, institution_id=institution_id, specimen_id=specimen_id, block=block)
    async with db.read() as reader:
        await held.expected(reader, said)
    began = db.clock()
    slide_id = make_id(int(began.timestamp() * 1000), db.random(10))
    ref = ObjectRef("slide", slide_id, institution_id)
    registered: bool | None = False
    try:
        path = await asyncio.to_thread(_resolve, path)
        companions = await decoders.companions(path)
        source = path if await asyncio.to_thread(path.is_dir) else path.parent
        await leftovers.mark(storage, slide_id)
        total = await asyncio.to_thread(lambda: sum(_open_size(_part(source, given)) for given, _ in companions.files))
        async with storage.arriving(catalogue.files_key(slide_id), total) as coming:
            digest, size = await _copy(coming, source, companions, digests, lambda copied: progress(copied, total))
            found = await decoders.inspect(coming.path, companions.entry)
            async with db.read() as reader:
                if once and await _is_there(reader, case_id, digest):
                    raise Conflict("error-slide-twice")
            await coming.keep()
        await _put(storage, catalogue.index_key(slide_id), found.index)
        if found.thumbnail is not None:
            await _put(storage, catalogue.thumbnail_key(slide_id), found.thumbnail)
        if found.lut:
            await _put(storage, catalogue.lut_key(slide_id), found.lut)
        await _put(storage, deidentified.key(slide_id), deidentified.written(found.identifying))
        leftovers.check_time(db.clock() - began)
        async with db.read() as reader:
            checked = await held.check(reader, said, found.marks)
        registered = None  # from here on an error leaves it open: the answer to a commit may be lost
        async with db.write(actor) as tx:
            slide = Slide(
                id=slide_id,
                institution_id=institution_id,
                case_id=case_id,
                specimen_id=specimen_id,
                label=label,
                stain=stain,
                block=block,
                section=section,
                folder=slide_id,
                entry=companions.entry,
                digest=digest,
                bytes=size,
                added_by=actor.person_id,
                added_at=tx.now,
                version=1,
                format=found.vendor,
                source=found.source,
                width=found.pyramid.width,
                height=found.pyramid.height,
                pyramid=found.pyramid,
                mpp=found.mpp,
                mpp_read=found.mpp,
                mpp_offered=found.mpp_offered,
                objective=found.objective,
                channels=found.channels,
                planes=found.planes,
                plane_spacing=found.plane_spacing,
                background=found.background,
                profile=found.profile,
                label_check=str(checked.verdict),
            )
            if once and await _is_there(tx, case_id, digest):
                raise Conflict("error-slide-twice")
            looked = deidentified.Report(found.identifying)
            if looked.count:
                await tx.audit("slide.deidentified", ref, case_id=case_id, found=looked.count, kinds=looked.kinds)
            if checked.problems:
                await held.hold(tx, slide, found.marks, checked.problems)
            else:
                await held.register(tx, slide, share)
            await noted(tx, slide, checked)
        registered = True
        held.told(slide, checked)
    except SlideUnreadable as error:
        async with db.write(actor) as tx:
            await tx.audit("slide.refused", ref, case_id=case_id, outcome="failure", reason=error.code)
        raise
    finally:
        with suppress(TelepathError):  # the first error is the one to tell
            if not (await _is_registered(db, slide_id) if registered is None else registered):
                await storage.delete(slide_id)
            await leftovers.unmark(storage, slide_id)
    return slide


async def _is_there(reader: Reader, case_id: str, digest: str) -> bool:
    same = (slide_table.c.case_id == case_id) & (slide_table.c.digest == digest) & (slide_table.c.folder != "")
    return await reader.scalar(select(slide_table.c.id).where(same).limit(1)) is not None


async def _is_registered(db: Database, slide_id: str) -> bool:
    """Raises Unavailable."""
    async with db.read() as reader:
        there = [
            await reader.scalar(select(rows.c.id).where(rows.c.id == slide_id)) for rows in (slide_table, held_slide)
        ]
    return any(there)


def _resolve(path: Path) -> Path:
    try:
        return path.resolve(strict=True)
    except (OSError, ValueError):
        raise NotFound("error-slide-file-absent") from None


async def _copy(
    coming: Arriving,
    source: Path,
    companions: Companions,
    expected: Mapping[str, str],
    progress: Callable[[int], None],
) -> tuple[str, int]:
    """Digest and bytes of all files, each under its name in the slide's folder."""
    copied = 0
    digests: dict[str, str] = {}
    for given, name in companions.files:
        hashed = hashlib.sha256()

        async def chunks(given: str = given, hashed: "hashlib._Hash" = hashed) -> AsyncIterator[bytes]:
            nonlocal copied
            descriptor = await asyncio.to_thread(lambda: _open(_part(source, given)))
            try:
                while chunk := await asyncio.to_thread(os.read, descriptor, CHUNK):
                    await asyncio.to_thread(hashed.update, chunk)
                    yield chunk
                    copied += len(chunk)
                    progress(copied)
            finally:
                os.close(descriptor)

        try:
            await coming.put(name, chunks())
        except NotFound:
            raise SlideForbidden("error-slide-file-name") from None
        digests[name] = hashed.hexdigest()
        if digests[name] != expected.get(given, digests[name]):
            raise SlideIncomplete("error-upload-altered")
    return digest_of(digests), copied


def digest_of(digests: Mapping[str, str]) -> str:
    """The one digest of a slide from the SHA-256 of its files, by their names: that of its file, or of the list."""
    if len(digests) == 1:
        return next(iter(digests.values()))
    return hashlib.sha256(msgspec.json.encode(sorted(digests.items()))).hexdigest()


def _part(source: Path, given: str) -> Path:
    """A file of the slide. The worker that named it has read a stranger's bytes: it is not believed.

    Raises SlideForbidden: it lies outside ``source``, by its name or by a link."""
    path = source / given
    if any(part in ("", ".", "..") for part in given.split("/")) or not path.parent.resolve().is_relative_to(source):
        raise SlideForbidden("error-slide-reference-outside")
    return path


def _open(path: Path) -> int:
    """Raises SlideForbidden: a link, or no regular file, so it may lead anywhere."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        raise SlideForbidden("error-slide-reference-outside") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise SlideForbidden("error-slide-reference-outside")
    return descriptor


def _open_size(path: Path) -> int:
    descriptor = _open(path)
    try:
        return os.fstat(descriptor).st_size
    finally:
        os.close(descriptor)


async def _put(storage: Storage, key: str, data: bytes) -> None:
    async def once() -> AsyncIterator[bytes]:
        yield data

    await storage.put_stream(key, once())
