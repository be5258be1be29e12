"""Opens SQLite or PostgreSQL and hands out read snapshots and write transactions."""

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, nullcontext, suppress
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from telepath.access import Allowed, ObjectRef
from telepath.actor import SYSTEM, Actor
from telepath.db.changes import Changes
from telepath.db.connections import kept_alive, prepared_sqlite, read_only, rolled_back_when_open
from telepath.db.group_commit import GroupCommit
from telepath.db.refusals import Refusals
from telepath.db.transaction import Reader, Transaction
from telepath.db.vault_store import Keys
from telepath.errors import AuditMissing, Unavailable
from telepath.vault import Vault

CLOSE_PATIENCE: Final = 2.0
"""Seconds that ``Database.close`` waits for connections that are still in use."""


def utc_now() -> datetime:
    """The clock that is used unless a test gives another."""
    return datetime.now(UTC)


class Database:
    """Two pools of connections. ``async with db.read() as reader`` and ``async with db.write(actor) as tx``.

    ``master_key``, 32 bytes, wraps the keys of the vault (telepath/vault.py).

    SQLite: every write transaction is BEGIN IMMEDIATE and waits its turn in one queue; a deferred BEGIN that reads and then
    writes would fail at once in spite of busy_timeout. Readers never wait (WAL).
    """

    def __init__(
        self,
        url: str,
        master_key: bytes,
        *,
        clock: Callable[[], datetime] = utc_now,
        random: Callable[[int], bytes] = os.urandom,
    ):
        self.url = make_url(url)
        self.clock = clock
        self.random = random
        self.keys = Keys(Vault(master_key, random))
        self.changes = Changes()
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._turn = asyncio.Lock() if self.is_sqlite else nullcontext()
        self._records = GroupCommit(self._record)
        self.refusals = Refusals(self.record, lambda: self.clock())  # noqa: PLW0108 - tests give another clock later
        # Values stay out of errors: these end in the log, and what people typed does not belong there.
        options: dict[str, Any] = {
            "hide_parameters": True,
            "max_overflow": 0,
            "json_serializer": _json,
            "json_deserializer": msgspec.json.decode,
        }
        if self.is_sqlite:
            self.engine = prepared_sqlite(create_async_engine(self.url, pool_size=8, **options), begin="BEGIN")
            self._writer = prepared_sqlite(
                create_async_engine(self.url, pool_size=1, **options), begin="BEGIN IMMEDIATE"
            )
        else:
            options |= {"pool_reset_on_return": None}
            # By itself PostgreSQL shows each statement of a transaction another instant. Said once of a connection, not each
            # time it is given out: whoever was cancelled just then would never give it back.
            self.engine = read_only(
                _postgresql(create_async_engine(self.url, pool_size=20, isolation_level="REPEATABLE READ", **options))
            )
            self._writer = _postgresql(create_async_engine(self.url, pool_size=10, **options))

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Reader]:
        """A snapshot to read from: one instant, whatever is committed meanwhile. Raises Unavailable: no answer."""
        async with available(), self.engine.connect() as connection, connection.begin():
            yield Reader(connection, self.clock())

    @asynccontextmanager
    async def write(self, actor: Actor, *, unaudited: str = "", pause: float = 0.0) -> AsyncIterator[Transaction]:
        """One transaction: rows, rights, audit and outgoing events are committed together or not at all.

        ``unaudited`` says why this change needs no audit record (bookkeeping of our own); without it a transaction that
        recorded nothing raises AuditMissing and changes nothing. ``pause``: seconds of silence after which PostgreSQL undoes
        it, 0 for never: what a process that hangs has locked would be locked for every node. Raises Unavailable: the database
        does not answer, or undid it."""
        async with available(), self._turn, self._writer.begin() as connection:
            if pause and not self.is_sqlite:
                await connection.execute(_PAUSE, {"longest": f"{pause * 1000:.0f}"})
            tx = Transaction(connection, self.clock(), actor, self.random, self.keys)
            yield tx
            if not tx.audited and not unaudited:
                raise AuditMissing
            await tx.keep_records()
        self.changes.tell()

    async def record(
        self,
        actor: Actor,
        kind: str,
        thing: ObjectRef | None = None,
        *,
        because: Allowed | None = None,
        case_id: str = "",
        outcome: str = "success",
        private: Mapping[str, Any] | None = None,
        **detail: Any,
    ) -> None:
        """Record what has no row of its own beside it (a reading, a refusal), and return when that is committed: together with
        what others record meanwhile, in one transaction. The rest as for ``Transaction.audit``.

        Raises Unavailable: the database does not answer, and what was to be shown must not be."""
        words = {"because": because, "case_id": case_id, "outcome": outcome, "private": private} | detail
        await self._records.add((actor, kind, thing, words))

    async def _record(self, entries: "Sequence[_Entry]") -> None:
        async with self.write(SYSTEM) as tx:
            for actor, kind, thing, words in entries:
                tx.actor = actor
                await tx.audit(kind, thing, **words)

    async def close(self) -> None:
        await self.refusals.close()
        for engine in (self.engine, self._writer):
            await _given_back(engine)
            await engine.dispose()


def _postgresql(engine: AsyncEngine) -> AsyncEngine:
    return rolled_back_when_open(kept_alive(engine))


async def _given_back(engine: AsyncEngine) -> None:
    """Wait until no task has a connection: one that was cancelled gives it back a little later."""
    with suppress(TimeoutError):
        async with asyncio.timeout(CLOSE_PATIENCE):
            while engine.pool.checkedout():  # type: ignore[attr-defined] # noqa: ASYNC110 - nothing announces it
                await asyncio.sleep(0.01)


_AWAY = (
    "read-only transaction",
    "database is locked",
    "unable to open database file",
    "disk I/O error",
    "database or disk is full",
)
"""How PostgreSQL says that another server has taken over, and SQLite that the disk does not answer for now."""


@asynccontextmanager
async def available() -> AsyncIterator[None]:
    """Raises Unavailable for an error of the driver that means: the database does not answer for now."""
    try:
        yield
    except DBAPIError as error:
        # psycopg's OperationalError: PEP 249, "errors that are related to the database's operation and not necessarily under
        # the control of the programmer", such as no server, one that ends or recovers, a deadlock. SQLite's is of anything.
        away = error.connection_invalidated or (
            isinstance(error, OperationalError) and not isinstance(error.orig, sqlite3.Error)
        )
        if away or any(words in str(error) for words in _AWAY):
            raise Unavailable(what="database") from error
        raise
    except PoolTimeout as error:
        raise Unavailable(what="database") from error


_PAUSE: Final = text("SELECT set_config('idle_in_transaction_session_timeout', :longest, true)")
_Entry = tuple[Actor, str, ObjectRef | None, dict[str, Any]]


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
