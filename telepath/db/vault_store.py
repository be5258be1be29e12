"""The vault's keys in the database: made with the first record about a subject, destroyed to erase it."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import and_, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from telepath.actor import Subject
from telepath.db.schema.audit import subject_key
from telepath.vault import Vault

KEPT: Final = 4096
KEPT_FOR: Final = timedelta(seconds=60)
"""How long a node may go on writing under a key that another has destroyed: unreadable from the first byte."""


class Keys:
    """One node's way to the keys. Remembers what it writes under, and reads anew what it opens with."""

    def __init__(self, vault: Vault) -> None:
        self.vault = vault
        self._kept: OrderedDict[Subject, tuple[datetime, bytes | None]] = OrderedDict()

    async def closed(
        self, connection: AsyncConnection, now: datetime, subject: Subject, context: str, fields: Mapping[str, Any]
    ) -> str:
        """``fields`` under the subject's key, which is made when there is none; empty: erased, and nothing more is kept.

        Call it in the transaction that keeps the text: key and text are committed together."""
        key = await self._key(connection, now, subject)
        return "" if key is None else self.vault.closed(key, context, fields)

    async def _key(self, connection: AsyncConnection, now: datetime, subject: Subject) -> bytes | None:
        kept = self._kept.get(subject)
        if kept is not None and now - kept[0] < KEPT_FOR:
            return kept[1]
        same = (subject_key.c.kind == subject.kind) & (subject_key.c.id == subject.id)
        statement = select(subject_key.c.wrapped).where(same)
        row = (await connection.execute(statement)).first()
        if row is None:
            # Two transactions at once: the second one waits here, and then finds the key of the first.
            dialect_insert = sqlite_insert if connection.dialect.name == "sqlite" else postgresql_insert
            wrapped = self.vault.wrapped(subject, self.vault.new_key())
            values = {"kind": subject.kind, "id": subject.id, "wrapped": wrapped, "made_at": now}
            await connection.execute(dialect_insert(subject_key).values(**values).on_conflict_do_nothing())
            row = (await connection.execute(statement)).one()
            # Not remembered before it is committed.
            return None if row[0] is None else self.vault.unwrapped(subject, row[0])
        key = None if row[0] is None else self.vault.unwrapped(subject, row[0])
        self._kept[subject] = (now, key)
        self._kept.move_to_end(subject)
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return key

    async def of(self, connection: AsyncConnection, subjects: Iterable[Subject]) -> dict[Subject, bytes]:
        """The keys of those of ``subjects`` that have one, read from the database now. Who is not in it was erased."""
        wanted = set(subjects)
        if not wanted:
            return {}
        found: dict[Subject, bytes] = {}
        listed = sorted(wanted, key=str)
        for start in range(0, len(listed), 200):
            same = (
                and_(subject_key.c.kind == one.kind, subject_key.c.id == one.id) for one in listed[start : start + 200]
            )
            rows = await connection.execute(select(subject_key).where(or_(*same), subject_key.c.wrapped.is_not(None)))
            for row in rows.mappings():
                subject = Subject(row["kind"], row["id"])
                found[subject] = self.vault.unwrapped(subject, row["wrapped"])
        return found

    async def destroy(self, connection: AsyncConnection, now: datetime, subject: Subject) -> bool:
        """Erase what is under this subject's key, here and in every copy that does not have the key; from now on nothing is
        kept under one. False: it had none."""
        same = (subject_key.c.kind == subject.kind) & (subject_key.c.id == subject.id)
        living = same & subject_key.c.wrapped.is_not(None)
        done = await connection.execute(update(subject_key).where(living).values(wrapped=None, destroyed_at=now))
        if not done.rowcount:
            # Else the next record would make a key for who is erased.
            dialect_insert = sqlite_insert if connection.dialect.name == "sqlite" else postgresql_insert
            gone = {"kind": subject.kind, "id": subject.id, "wrapped": None, "made_at": now, "destroyed_at": now}
            await connection.execute(dialect_insert(subject_key).values(**gone).on_conflict_do_nothing())
        self._kept.pop(subject, None)
        return bool(done.rowcount)
