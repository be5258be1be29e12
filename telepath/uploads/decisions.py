"""What becomes of uploads once all is there, as rows: taken up, decided, swept away (intake.py does it)."""

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import delete, select

from telepath.actor import SYSTEM
from telepath.db.database import Database
from telepath.db.schema.cases import case as case_table
from telepath.db.schema.slides import slide
from telepath.db.schema.uploads import upload, upload_file
from telepath.db.transaction import Reader, Transaction
from telepath.uploads import rows as rows_of
from telepath.uploads.manifest import UNDER_WAY, Act, Status
from telepath.uploads.parts import Parts
from telepath.uploads.rows import Upload


async def waiting(reader: Reader) -> list[Upload]:
    """What was committed and is not decided, the oldest first."""
    which = upload.c.status.in_((Status.WAITING, Status.CHECKING))
    rows = await reader.all(select(upload).where(which).order_by(upload.c.begun_at, upload.c.id).limit(50))
    return await rows_of.several(reader, rows)


async def taken(db: Database, upload_id: str) -> Upload | None:
    """Take it up: who calls holds its lock. None: it was decided meanwhile, or is gone."""
    async with db.write(SYSTEM, unaudited=rows_of.BOOKKEEPING) as tx:
        row = await tx.first(select(upload).where(upload.c.id == upload_id))
        if row is None or row["status"] not in (Status.WAITING, Status.CHECKING):
            return None
        found = rows_of.read(row, await rows_of.files(tx, [upload_id]))
        await rows_of.change(tx, found, Act.TAKE)
        return msgspec.structs.replace(found, status=Status.CHECKING, version=found.version + 1)


async def decide(
    tx: Transaction, found: Upload, act: Act, *, reason: str = "", params: Mapping[str, Any], slide_id: str = ""
) -> None:
    """Raises Conflict: it is gone; then nothing of what became of it may stand."""
    await rows_of.change(
        tx, found, act, reason=reason, params=dict(params), slide_id=slide_id, expires_at=tx.now + rows_of.LIFE
    )


async def sweep(db: Database, parts: Parts) -> int:
    """Remove what nobody goes on with, what has been told long enough, and bytes that no row waits for. Returns how many
    rows."""
    lying = await parts.known()
    async with db.write(SYSTEM, unaudited=rows_of.BOOKKEEPING) as tx:
        over = upload.c.status.not_in((Status.WAITING, Status.CHECKING)) & (upload.c.expires_at <= tx.now)
        gone = [row["id"] for row in await tx.all(select(upload.c.id).where(over))]
        for key in gone:
            await tx.execute(delete(upload_file).where(upload_file.c.upload_id == key))
            await tx.execute(delete(upload).where(upload.c.id == key))
        rows = await tx.all(select(upload.c.id).where(upload.c.status.in_(UNDER_WAY)))
    wanted = {row["id"] for row in rows}
    for key in lying:
        if key not in wanted:
            await parts.remove(key)
    return len(gone)


async def twins(tx: Transaction, institution_id: str, case_id: str, digest: str) -> list[str]:
    """The numbers of other cases of the institution that have the same bytes: in one of them they are wrong."""
    same = (slide.c.institution_id == institution_id) & (slide.c.digest == digest) & (slide.c.case_id != case_id)
    rows = await tx.all(
        select(case_table.c.number).where(
            case_table.c.id.in_(select(slide.c.case_id).where(same)), case_table.c.erased_at.is_(None)
        )
    )
    return sorted(row["number"] for row in rows)
