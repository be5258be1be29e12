"""The vault's keys in the database: made with the first record about a subject, destroyed to erase it."""

import logging
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import and_, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from telepath.actor import Subject
from telepath.db.schema.audit import subject_key
from telepath.vault import Vault

KEPT: Final = 4096
KEPT_FOR: Final = timedelta(seconds=60)
"""How long a node may go on writing under a key that another has destroyed: unreadable from the first byte."""

log = logging.getLogger("telepath.audit")


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
        columns = subject_key.c.wrapped, subject_key.c.made_at, subject_key.c.destroyed_at
        statement = select(*columns).where(same)
        row = (await connection.execute(statement)).first()
        if row is None:
            # Two transactions at once: the second one waits here, and then finds the key of the first.
            wrapped = self.vault.wrapped(subject, self.vault.new_key())
            made = {"kind": subject.kind, "id": subject.id, "wrapped": wrapped, "made_at": now}
            await connection.execute(_insert(connection).values(**made).on_conflict_do_nothing())
            row = (await connection.execute(statement)).one()
        key = None if row.wrapped is None else self.vault.unwrapped(subject, row.wrapped)
        if now in (row.made_at, row.destroyed_at):
            return key  # by this very transaction: not remembered before it is committed
        self._kept[subject] = (now, key)
        self._kept.move_to_end(subject)
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return key

    async def of(self, connection: AsyncConnection, subjects: Iterable[Subject]) -> dict[Subject, bytes]:
        """The keys of those of ``subjects`` that have one, read from the database now. Who is not in it was erased, or
        has a key that this vault cannot unwrap, which the technical log says: one of them does not close all others."""
        wanted = set(subjects)
        if not wanted:
            return {}
        found: dict[Subject, bytes] = {}
        unfit = 0
        listed = sorted(wanted, key=str)
        for start in range(0, len(listed), 200):
            same = (
                and_(subject_key.c.kind == one.kind, subject_key.c.id == one.id) for one in listed[start : start + 200]
            )
            rows = await connection.execute(select(subject_key).where(or_(*same), subject_key.c.wrapped.is_not(None)))
            for row in rows.mappings():
                subject = Subject(row["kind"], row["id"])
                try:
                    found[subject] = self.vault.unwrapped(subject, row["wrapped"])
                except ValueError:
                    unfit += 1
        if unfit:
            log.error("%d keys of the vault cannot be unwrapped: damaged, or wrapped under another master key", unfit)
        return found

    async def opened(
        self, connection: AsyncConnection, subject: Subject, context: str, text: str
    ) -> dict[str, Any] | None:
        """What ``closed`` was given; None: it kept nothing, or the subject's key is gone.

        Raises ValueError: the text is not what was kept here."""
        key = (await self.of(connection, [subject])).get(subject) if text else None
        return None if key is None else self.vault.opened(key, context, text)

    async def destroy(self, connection: AsyncConnection, now: datetime, subject: Subject) -> bool:
        """Erase what is under this subject's key, here and in every copy that does not have the key; from now on nothing is
        kept under one. False: it had none when this began."""
        same = (subject_key.c.kind == subject.kind) & (subject_key.c.id == subject.id)
        living = same & subject_key.c.wrapped.is_not(None)
        done = await connection.execute(update(subject_key).where(living).values(wrapped=None, destroyed_at=now))
        if not done.rowcount:
            # Else the next record would make a key for who is erased, or the one that is being made now would stay.
            gone = {"kind": subject.kind, "id": subject.id, "wrapped": None, "made_at": now, "destroyed_at": now}
            upsert = _insert(connection).values(**gone)
            await connection.execute(
                upsert.on_conflict_do_update(
                    index_elements=[subject_key.c.kind, subject_key.c.id],
                    set_={"wrapped": None, "destroyed_at": now},
                    where=subject_key.c.wrapped.is_not(None),
                )
            )
        self._kept.pop(subject, None)
        return bool(done.rowcount)


def _insert(connection: AsyncConnection) -> sqlite.Insert | postgresql.Insert:
    """INSERT into the table of keys, as the dialect that knows ON CONFLICT has it."""
    return sqlite.insert(subject_key) if connection.dialect.name == "sqlite" else postgresql.insert(subject_key)
