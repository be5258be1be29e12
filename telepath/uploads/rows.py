"""An upload as the database has it, and how it is read."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import RowMapping, select

from telepath.actor import Actor
from telepath.db.schema.uploads import upload, upload_file
from telepath.db.transaction import Reader, Transaction
from telepath.errors import NotFound
from telepath.uploads.manifest import Act, Status, step

LIFE: Final = timedelta(days=7)
"""Without another byte an upload is given up after it; what became of one is told as long."""
BOOKKEEPING: Final = "what is under way is of no case yet; the ingest records what becomes of it"


class File(msgspec.Struct, frozen=True):
    number: int
    path: str
    stored: str
    bytes: int
    received: int
    digest: str
    """SHA-256, once it is whole."""
    announced: str
    """What its sender said that it would be; empty: nothing."""


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    case_id: str
    institution_id: str
    sent_by: str
    sent_from: str
    status: Status
    name: str
    entry: str
    bytes: int
    specimen_id: str | None
    label: str
    stain: str
    block: str
    section: str
    begun_at: datetime
    expires_at: datetime
    reason: str
    params: dict[str, Any]
    slide_id: str
    version: int
    files: tuple[File, ...] = ()

    @property
    def received(self) -> int:
        return sum(file.received for file in self.files)

    def file(self, number: int) -> File:
        """Raises NotFound."""
        for file in self.files:
            if file.number == number:
                return file
        raise NotFound


async def mine(reader: Reader, actor: Actor, upload_id: str) -> Upload:
    """Raises NotFound: there is none, or it is another's: the same answer."""
    which = (upload.c.id == upload_id) & (upload.c.sent_by == actor.person_id)
    row = await reader.one(select(upload).where(which))
    return read(row, await files(reader, [upload_id]))


async def of_case(reader: Reader, actor: Actor, case_id: str) -> list[Upload]:
    """What this person has sent to the case and is still told of, the latest first."""
    which = (upload.c.case_id == case_id) & (upload.c.sent_by == actor.person_id)
    rows = await reader.all(select(upload).where(which).order_by(upload.c.begun_at.desc(), upload.c.id))
    return await several(reader, rows)


async def files(reader: Reader, uploads: list[str]) -> dict[str, list[File]]:
    found: dict[str, list[File]] = {key: [] for key in uploads}
    if uploads:
        which = upload_file.c.upload_id.in_(uploads)
        order = (upload_file.c.upload_id, upload_file.c.number)
        for row in await reader.all(select(upload_file).where(which).order_by(*order)):
            fields = {name: row[name] for name in File.__struct_fields__}
            found[row["upload_id"]].append(File(**fields))
    return found


async def several(reader: Reader, rows: Sequence[RowMapping]) -> list[Upload]:
    found = await files(reader, [row["id"] for row in rows])
    return [read(row, found) for row in rows]


def read(row: Mapping[Any, Any], files: Mapping[str, Iterable[File]]) -> Upload:
    fields = {str(name): value for name, value in row.items()}
    return Upload(**fields | {"status": Status(row["status"]), "files": tuple(files[row["id"]])})


async def change(tx: Transaction, found: Upload, act: Act, **values: Any) -> None:
    await tx.update(upload, found.id, found.version, status=step(found.status, act), **values)
