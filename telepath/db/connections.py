"""What a pool does with its connections: how they begin, when they are rolled back, when they are asked if they live."""

import select
import time
from typing import Any, Final, Protocol

from sqlalchemy import Connection, event
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine

ASK_AFTER: Final = 30.0
"""Seconds of rest after which a connection is asked whether the server is still there."""


def prepared_sqlite(engine: AsyncEngine, begin: str) -> AsyncEngine:
    """Durable at every commit, and nothing of a deleted row left in its place; transactions as ``explicit_transactions``."""

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        for pragma in (
            "busy_timeout=10000",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "secure_delete=ON",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    return explicit_transactions(engine, begin)


def explicit_transactions(engine: AsyncEngine, begin: str) -> AsyncEngine:
    """Of SQLite: a transaction begins by ``begin``. Python's driver would begin none to read or to change the schema, and what
    a crash cuts short would stay half done."""

    @event.listens_for(engine.sync_engine, "connect")
    def say_nothing(connection: Any, _record: Any) -> None:
        connection.isolation_level = None

    @event.listens_for(engine.sync_engine, "begin")
    def say_begin(connection: Connection) -> None:
        # One step of the driver's thread; a statement of SQLAlchemy's takes three.
        adapted: Any = connection.connection.dbapi_connection
        adapted.run_async(lambda driver: driver.execute(begin))

    return engine


def kept_alive(engine: AsyncEngine) -> AsyncEngine:
    """Of PostgreSQL: replaces a connection that died while it rested, and with it all that are older.

    A server that goes says so, and a resting connection has nothing else to hear: only one with something to read, or that
    rested long (its end may have got lost on the way), is asked. To ask each one each time (``pool_pre_ping``) is a round
    trip more for every transaction."""

    @event.listens_for(engine.sync_engine, "checkin")
    def rest(_connection: Any, record: Any) -> None:
        record.info["rests_since"] = time.monotonic()

    @event.listens_for(engine.sync_engine, "checkout")
    def wake(connection: Any, record: Any, _proxy: Any) -> None:
        since = record.info.get("rests_since")
        if since is None or (time.monotonic() - since < ASK_AFTER and not _something_to_read(connection)):
            return
        dialect = engine.sync_engine.dialect
        try:
            dialect.do_ping(connection)
        except dialect.loaded_dbapi.Error as error:
            if dialect.is_disconnect(error, connection, None):
                raise InvalidatePoolError from error
            raise

    return engine


def read_only(engine: AsyncEngine) -> AsyncEngine:
    """Of PostgreSQL: every transaction on its connections refuses to change anything."""

    @event.listens_for(engine.sync_engine, "connect")
    def say_so(connection: Any, _record: Any) -> None:
        engine.sync_engine.dialect.set_readonly(connection, True)  # type: ignore[attr-defined]

    return engine


def rolled_back_when_open(engine: AsyncEngine) -> AsyncEngine:
    """Of PostgreSQL: a connection that comes back in the middle of a transaction is rolled back; the others are spared the
    round trip. For ``pool_reset_on_return=None``.

    Not of SQLite: the BEGIN of a task that was cancelled may still wait in the driver's thread, and shows only behind it."""

    from psycopg.pq import TransactionStatus  # where it is in use anyway

    @event.listens_for(engine.sync_engine, "reset")
    def roll_back(connection: Any, _record: Any, state: "_ResetState") -> None:
        if state.asyncio_safe and connection.driver_connection.pgconn.transaction_status != TransactionStatus.IDLE:
            connection.rollback()

    return engine


class _ResetState(Protocol):
    asyncio_safe: bool


def _something_to_read(connection: Any) -> bool:
    pgconn = connection.driver_connection.pgconn
    if pgconn.status != 0:
        return True
    poll = select.poll()
    poll.register(pgconn.socket, select.POLLIN)
    return bool(poll.poll(0))
