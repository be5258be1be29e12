"""Slides on their way in: their rows, and who may send how much. The bytes are in parts.py.

Whoever may edit a case may send it a slide; nobody but the sender sees what they send until it is registered. An offset is told
only when its bytes are durable and its row is committed."""

import itertools
from collections.abc import AsyncIterable, Callable
from typing import Final

import msgspec
from sqlalchemy import delete, func, select, update

from telepath import grants
from telepath.access import Action, ObjectRef
from telepath.actor import SYSTEM, Actor
from telepath.cases.model import Case
from telepath.cases.slide_facts import LIMITS as FACTS
from telepath.cases.wording import plain
from telepath.db.database import Database
from telepath.db.schema.cases import specimen
from telepath.db.schema.slides import slide
from telepath.db.schema.uploads import upload, upload_file
from telepath.db.transaction import Reader
from telepath.errors import Conflict, Invalid, NotFound, TelepathError, TooLarge, UploadRefused
from telepath.slides import foreign
from telepath.uploads import manifest, tus
from telepath.uploads.manifest import UNDER_WAY, Act, Sent, Status, step
from telepath.uploads.parts import Parts
from telepath.uploads.rows import BOOKKEEPING, LIFE, File, Upload, change, mine

LIMITS: Final = FACTS | {"label": 80}
PERSON_UPLOADS: Final = 100
PERSON_BYTES: Final = 600 * 10**9
INSTITUTION_UPLOADS: Final = 1000
INSTITUTION_BYTES: Final = 3 * 10**12
"""What may be under way at once."""


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a sender says of a slide."""

    files: list[Sent]
    label: str = ""
    stain: str = "HES"
    block: str = ""
    section: str = ""
    specimen: str = ""
    """The label of one of the case's specimens."""


async def begin(db: Database, parts: Parts, actor: Actor, case: Case, wanted: Wanted) -> Upload:
    """Make room for a slide. Raises Refused: they may not edit the case; Invalid, TooLarge: as manifest.plan, or the limits of
    what is under way; SlideUnsupported: known by its name; UploadRefused 507: there is no room on the disk; Unavailable."""
    for file in wanted.files:
        foreign.refuse_name(file.path)
    made = manifest.plan(wanted.files)
    stain, block = plain(wanted.stain, field="stain", limit=LIMITS["stain"]), _line(wanted.block, "block")
    label = _line(wanted.label, "label") or " ".join(part for part in (block, stain) if part)
    announced = {file.path: file.sha256 for file in wanted.files}
    free = await parts.free()
    async with db.write(actor, unaudited=BOOKKEEPING) as tx:
        await grants.require(tx, actor, Action.CASE_EDIT, case.ref)
        await _within_limits(tx, actor, case.institution_id, made.size)
        if await _outstanding(tx) + made.size > free:
            raise UploadRefused(507, "error-upload-space")
        found = await _specimen(tx, case.id, wanted.specimen)
        label = await _told_apart(tx, case.id, label)
        key = tx.new_id()
        await tx.insert(
            upload,
            id=key,
            case_id=case.id,
            institution_id=case.institution_id,
            sent_by=actor.person_id,
            sent_from=actor.institution_id,
            status=Status.RECEIVING,
            name=made.shown,
            entry=made.entry,
            bytes=made.size,
            specimen_id=found,
            label=label,
            stain=stain,
            block=block,
            section=_line(wanted.section, "section"),
            begun_at=tx.now,
            expires_at=tx.now + LIFE,
            reason="",
            params={},
            slide_id="",
        )
        empty = tus.EMPTY_DIGEST
        await tx.execute(
            upload_file.insert(),
            [
                {"upload_id": key, "number": number, "case_id": case.id, "path": file.path, "stored": file.stored}
                | {"bytes": file.size, "received": 0, "digest": "" if file.size else empty}
                | {"announced": announced.get(file.path, "")}
                for number, file in enumerate(made.files, 1)
            ],
        )
        begun = await mine(tx, actor, key)
    try:
        await parts.begin(key, [file.stored for file in made.files])
    except TelepathError:
        await _forget(db, parts, key)
        raise
    return begun


def _line(text: str, field: str) -> str:
    return plain(text, field=field, limit=LIMITS[field])


async def _told_apart(reader: Reader, case_id: str, label: str) -> str:
    """The label, with a number where another slide of the case has it, or is coming with it."""
    there = await reader.all(select(slide.c.label).where(slide.c.case_id == case_id))
    coming = (upload.c.case_id == case_id) & upload.c.status.in_(UNDER_WAY)
    taken = {row["label"] for row in [*there, *await reader.all(select(upload.c.label).where(coming))]}
    numbered = (f"{label[: LIMITS['label'] - 7]} ({number})" for number in itertools.count(2))
    return label if label not in taken else next(one for one in numbered if one not in taken)


async def _specimen(reader: Reader, case_id: str, label: str) -> str | None:
    if not label:
        return None
    of = (specimen.c.case_id == case_id) & (specimen.c.label == label)
    found: str | None = await reader.scalar(select(specimen.c.id).where(of))
    if found is None:
        raise Invalid("error-specimen-unknown", field="specimen")
    return found


async def _within_limits(reader: Reader, actor: Actor, institution_id: str, size: int) -> None:
    sums = select(func.count(), func.coalesce(func.sum(upload.c.bytes), 0)).where(upload.c.status.in_(UNDER_WAY))
    limits = (
        ("person", upload.c.sent_by == actor.person_id, PERSON_UPLOADS, PERSON_BYTES),
        ("institution", upload.c.institution_id == institution_id, INSTITUTION_UPLOADS, INSTITUTION_BYTES),
    )
    for whose, which, count, largest in limits:
        row = (await reader.connection.execute(sums.where(which))).one()
        if row[0] >= count or int(row[1]) + size > largest:
            raise TooLarge("error-upload-under-way", whose=whose, count=count, limit=largest // 10**9)


async def _outstanding(reader: Reader) -> int:
    """Bytes that were promised room and have not come yet."""
    promised = func.coalesce(func.sum(upload_file.c.bytes - upload_file.c.received), 0)
    under_way = select(upload.c.id).where(upload.c.status == Status.RECEIVING)
    return int(await reader.scalar(select(promised).where(upload_file.c.upload_id.in_(under_way))))


async def received(parts: Parts, found: Upload, number: int) -> tuple[File, int]:
    """A file, and how much of it is durable: never more than lies there, whatever an older copy of the database says."""
    file = found.file(number)
    if found.status != Status.RECEIVING:
        return file, file.received
    return file, min(file.received, await parts.there(found.id, file.stored))


Asked = Callable[[int, int], tus.Piece]
"""From the bytes that are durable and those that there will be to what is asked for (tus.append)."""


async def append(
    db: Database, parts: Parts, actor: Actor, upload_id: str, number: int, asked: Asked, body: AsyncIterable[bytes]
) -> tuple[Upload, int]:
    """Put what comes behind what is there; how much of the file is then durable.

    Raises NotFound; UploadRefused: as ``asked`` and parts.append, 409: it is not receiving any more, 423: another request
    is at it; Unavailable."""
    async with db.read() as reader:
        stored = (await mine(reader, actor, upload_id)).file(number).stored
    async with parts.alone(upload_id, stored):
        async with db.read() as reader:
            found = await mine(reader, actor, upload_id)
        if found.status != Status.RECEIVING:
            raise UploadRefused(409, "error-upload-state", status=found.status, action=Act.COMMIT)
        file, there = await received(parts, found, number)
        piece = asked(there, file.bytes)
        now_there, digest = await parts.append(upload_id, stored, there, file.bytes, piece, body)
        if (now_there, digest) != (file.received, file.digest):
            await _note(db, upload_id, number, now_there, digest)
    return found, now_there


async def _note(db: Database, upload_id: str, number: int, there: int, digest: str) -> None:
    async with db.write(SYSTEM, unaudited=BOOKKEEPING) as tx:
        this = (upload_file.c.upload_id == upload_id) & (upload_file.c.number == number)
        done = await tx.execute(update(upload_file).where(this).values(received=there, digest=digest))
        if done.rowcount != 1:
            raise NotFound  # given up, or erased, meanwhile
        await tx.execute(update(upload).where(upload.c.id == upload_id).values(expires_at=tx.now + LIFE))


async def take_back(db: Database, parts: Parts, actor: Actor, upload_id: str, number: int) -> None:
    """Forget the bytes of one file (tus: termination). Raises NotFound, UploadRefused: 409, 423; Unavailable."""
    async with db.read() as reader:
        stored = (await mine(reader, actor, upload_id)).file(number).stored
    async with parts.alone(upload_id, stored):
        async with db.read() as reader:
            found = await mine(reader, actor, upload_id)
        if found.status != Status.RECEIVING:
            raise UploadRefused(409, "error-upload-state", status=found.status, action=Act.DISCARD)
        await _note(db, upload_id, number, 0, "" if found.file(number).bytes else tus.EMPTY_DIGEST)
        await parts.empty(upload_id, stored)


async def commit(db: Database, actor: Actor, upload_id: str) -> Upload:
    """All is there: let it be taken in. Once: again it changes nothing.

    Raises NotFound; Refused: they may not edit the case any more; UploadRefused 409: parts are missing, or are
    not what was announced; Conflict: the case has
    this very file already."""
    async with db.write(actor, unaudited=BOOKKEEPING) as tx:
        found = await mine(tx, actor, upload_id)
        if found.status != Status.RECEIVING:
            return found
        await grants.require(tx, actor, Action.CASE_EDIT, ObjectRef("case", found.case_id, found.institution_id))
        missing = sum(not file.digest or file.received != file.bytes for file in found.files)
        if missing:
            raise UploadRefused(409, "error-upload-unfinished", count=missing)
        if any(file.announced not in ("", file.digest) for file in found.files):
            raise UploadRefused(409, "error-upload-altered")
        if len(found.files) == 1 and await _twin(tx, found.case_id, found.files[0].digest):
            raise Conflict("error-slide-twice")
        await change(tx, found, Act.COMMIT, expires_at=tx.now + LIFE)
        return await mine(tx, actor, upload_id)


async def _twin(reader: Reader, case_id: str, digest: str) -> bool:
    same = (slide.c.case_id == case_id) & (slide.c.digest == digest) & (slide.c.folder != "")
    return await reader.scalar(select(slide.c.id).where(same).limit(1)) is not None


async def discard(db: Database, parts: Parts, actor: Actor, upload_id: str) -> Upload:
    """Give it up, with all its bytes; or, once it has ended, be told of it no longer. Raises NotFound, InvalidTransition: it is
    being checked; Unavailable."""
    async with db.read() as reader:
        found = await mine(reader, actor, upload_id)
    if found.status in UNDER_WAY:
        step(found.status, Act.DISCARD)
    await _forget(db, parts, upload_id, found.version)
    return found


async def _forget(db: Database, parts: Parts, upload_id: str, seen: int | None = None) -> None:
    async with db.write(SYSTEM, unaudited=BOOKKEEPING) as tx:
        this = upload.c.id == upload_id
        version = await tx.scalar(select(upload.c.version).where(this).with_for_update())
        if seen is not None and version not in (seen, None):
            raise Conflict
        await tx.execute(delete(upload_file).where(upload_file.c.upload_id == upload_id))
        await tx.execute(delete(upload).where(this))
    await parts.remove(upload_id)
