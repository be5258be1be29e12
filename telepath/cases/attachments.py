"""PDF and pictures beside the slides: kept and shown only as pictures that we drew ourselves (slides/attached_pages.py).

What was sent is read in the sandbox and forgotten; its digest tells later whether a file is the one that was attached. In
storage an attachment is a folder named after its id, with ``page-1.webp`` and so on. It goes with its case (erasure.py)."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import ColumnElement, RowMapping, func, select, update

from telepath import grants
from telepath.access import Action, ObjectRef
from telepath.actor import Actor
from telepath.cases import repository
from telepath.cases.wording import plain
from telepath.db.database import Database
from telepath.db.schema.cases import attachment, case
from telepath.db.transaction import Reader
from telepath.errors import AttachmentUnreadable, Invalid, NotFound, TelepathError, TooLarge
from telepath.ids import make_id
from telepath.slides import leftovers
from telepath.slides.decoder_pool import DecoderPool
from telepath.slides.messages import Pages
from telepath.storage import Storage

BYTES_LIMIT: Final = 20_000_000
"""Of a file as it is sent."""
PER_CASE: Final = 30
TITLE_LIMIT: Final = 120


class PageSize(msgspec.Struct, frozen=True):
    """Px."""

    width: int
    height: int


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    case_id: str
    institution_id: str
    """Of the case."""
    title: str
    kind: str
    """``pdf`` or ``picture``."""
    pages: tuple[PageSize, ...]
    folder: str
    added_by: str
    added_at: datetime

    @property
    def case_ref(self) -> ObjectRef:
        """Who sees the case sees what is attached to it."""
        return ObjectRef("case", self.case_id, self.institution_id, case_id=self.case_id)


def page_key(folder: str, number: int) -> str:
    """The storage key of a page, counted from 1."""
    return f"{folder}/page-{number}.webp"


async def add(
    db: Database, storage: Storage, decoders: DecoderPool, actor: Actor, case_id: str, title: str, data: bytes
) -> Attachment:
    """Attach a file. Raises NotFound; Refused; Invalid: no title, or a patient's number in it; AttachmentUnreadable: the file
    cannot be shown, and why; TooLarge: the file, or the attachments of the case; Unavailable. On an error nothing is left."""
    title = plain(title, field="title", limit=TITLE_LIMIT)
    if not title:
        raise Invalid("error-text-missing", field="title")
    async with db.read() as reader:
        of = await repository.get(reader, case_id)
        await grants.require(reader, actor, Action.CASE_EDIT, of.ref)
        await _check_count(reader, case_id)
    if not data:
        raise AttachmentUnreadable("error-attachment-missing", field="file")
    if len(data) > BYTES_LIMIT:
        raise TooLarge("error-attachment-too-large", field="file", limit=BYTES_LIMIT // 10**6)
    began = db.clock()
    attachment_id = make_id(int(began.timestamp() * 1000), db.random(10))
    pages = await decoders.pages(data, reader=actor.person_id)
    registered: bool | None = False
    await leftovers.mark(storage, attachment_id)
    try:
        await _put(storage, attachment_id, pages)
        leftovers.check_time(db.clock() - began)
        registered = None  # from here on an error leaves it open: the answer to a commit may be lost
        async with db.write(actor) as tx:
            of = await repository.get(tx, case_id)
            allowed = await grants.require(tx, actor, Action.CASE_EDIT, of.ref)
            await _check_count(tx, case_id)
            made = Attachment(
                id=attachment_id,
                case_id=case_id,
                institution_id=of.institution_id,
                title=title,
                kind=pages.kind,
                pages=tuple(PageSize(page.width, page.height) for page in pages.pages),
                folder=attachment_id,
                added_by=actor.person_id,
                added_at=tx.now,
            )
            digest = hashlib.sha256(data).hexdigest()
            values = msgspec.structs.asdict(made) | {"pages": msgspec.to_builtins(made.pages)}
            del values["institution_id"]
            await tx.insert(attachment, **values, bytes=len(data), digest=digest)
            await repository.touch(tx, case_id)
            await tx.audit(
                "attachment.added",
                of.ref,
                because=allowed,
                private={"title": title},
                attachment=made.id,
                bytes=len(data),
                pages=len(made.pages),
                digest=digest,
            )
        registered = True
    finally:
        with suppress(TelepathError):  # the first error is the one to tell
            if not (await _is_registered(db, attachment_id) if registered is None else registered):
                await storage.delete(attachment_id)
            await leftovers.unmark(storage, attachment_id)
    return made


async def _check_count(reader: Reader, case_id: str) -> None:
    count = await reader.scalar(select(func.count()).select_from(attachment).where(_shown(case_id)))
    if count >= PER_CASE:
        raise TooLarge("error-attachment-too-many", field="file", limit=PER_CASE)


async def _put(storage: Storage, attachment_id: str, pages: Pages) -> None:
    for number, page in enumerate(pages.pages, 1):

        async def once(picture: bytes = page.picture) -> AsyncIterator[bytes]:
            yield picture

        await storage.put_stream(page_key(attachment_id, number), once())


async def _is_registered(db: Database, attachment_id: str) -> bool:
    async with db.read() as reader:
        return await reader.scalar(select(attachment.c.id).where(attachment.c.id == attachment_id)) is not None


async def of_case(reader: Reader, case_id: str) -> list[Attachment]:
    """Those that are shown, in the order in which they were added. The caller has asked CASE_VIEW."""
    rows = await reader.all(
        select(attachment, case.c.institution_id)
        .join(case, case.c.id == attachment.c.case_id)
        .where(_shown(case_id))
        .order_by(attachment.c.added_at, attachment.c.id)
    )
    return [_attachment(row) for row in rows]


async def case_of(reader: Reader, attachment_id: str) -> str:
    """The id of its case. Raises NotFound: absent, or removed."""
    return (await _get(reader, attachment_id)).case_id


async def picture(db: Database, storage: Storage, actor: Actor, attachment_id: str, number: int) -> bytes:
    """The picture of a page, a WebP, which was recorded as seen before. Raises NotFound: no such page; Refused; Unavailable."""
    async with db.read() as reader:
        found = await _get(reader, attachment_id)
        allowed = await grants.require(reader, actor, Action.CASE_VIEW, found.case_ref)
    if not 1 <= number <= len(found.pages):
        raise NotFound
    key = page_key(found.folder, number)
    drawn = await storage.read(key, 0, await storage.size(key))
    await db.record(actor, "attachment.viewed", found.case_ref, because=allowed, attachment=found.id, page=number)
    return drawn


async def remove(db: Database, storage: Storage, actor: Actor, attachment_id: str) -> Attachment:
    """Take an attachment away, with its pictures, for good; whoever works in the institution of the case may. The row stays,
    without its title. Raises NotFound; Refused; Unavailable."""
    async with db.write(actor) as tx:
        found = await _get(tx, attachment_id)
        allowed = await grants.require(tx, actor, Action.CASE_EDIT, found.case_ref)
        await leftovers.mark(storage, found.id)  # if this process is killed, the next one removes the pictures
        done = await tx.execute(
            update(attachment)
            .where(attachment.c.id == attachment_id, attachment.c.removed_at.is_(None))
            .values(removed_at=tx.now, folder="", title="")
        )
        if done.rowcount != 1:
            raise NotFound
        await repository.touch(tx, found.case_id)
        await tx.audit(
            "attachment.deleted", found.case_ref, because=allowed, private={"title": found.title}, attachment=found.id
        )
    await storage.delete(found.folder)
    await leftovers.unmark(storage, found.id)
    return found


def _shown(case_id: str) -> ColumnElement[bool]:
    return (attachment.c.case_id == case_id) & attachment.c.removed_at.is_(None) & (attachment.c.folder != "")


async def _get(reader: Reader, attachment_id: str) -> Attachment:
    return _attachment(
        await reader.one(
            select(attachment, case.c.institution_id)
            .join(case, case.c.id == attachment.c.case_id)
            .where(attachment.c.id == attachment_id, attachment.c.removed_at.is_(None), case.c.erased_at.is_(None))
        )
    )


def _attachment(row: RowMapping) -> Attachment:
    return Attachment(
        id=row["id"],
        case_id=row["case_id"],
        institution_id=row["institution_id"],
        title=row["title"],
        kind=row["kind"],
        pages=msgspec.convert(row["pages"], tuple[PageSize, ...]),
        folder=row["folder"],
        added_by=row["added_by"],
        added_at=row["added_at"],
    )
