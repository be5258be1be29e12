"""Alembic migrations, from the first day. ``upgrade(url)`` brings a database to the newest schema.

Alembic takes 12 MB, with its templates and what colours them: it is loaded only where there is something to bring forward."""

import asyncio
import sqlite3
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, column, inspect, select, table
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from telepath.db.connections import explicit_transactions
from telepath.db.database import available

LOCK: Final = 2122228945
"""The PostgreSQL advisory lock of who changes the schema, or the rights on it."""
PATIENCE: Final = 2.0
"""Seconds to wait for others who have the same SQLite file open."""
AGAIN: Final = 0.02
HEAD: Final = "head"
_HERE: Final = Path(__file__).parent
_STANDS_IN: Final = table("alembic_version", column("version_num"))


async def upgrade(url: str, to: str = HEAD) -> None:
    """Create or bring forward the schema, all of it or nothing; does nothing when it is current. Safe to run from several
    nodes at once. ``to``: the revision at which to stop.

    Raises Unavailable: the database does not answer."""
    engine = create_async_engine(url, poolclass=NullPool)
    if engine.dialect.name == "sqlite":
        explicit_transactions(engine, "BEGIN IMMEDIATE")
    try:
        async with available(), engine.begin() as connection:
            await connection.run_sync(_upgrade, to)
        if engine.dialect.name == "sqlite":
            await asyncio.to_thread(_write_ahead, str(engine.url.database))
    finally:
        await engine.dispose()


def _write_ahead(file: str) -> None:
    """Give the file its write-ahead log, which it then keeps. Of several connections that do so at once SQLite tells some
    that the file is locked, and makes them wait for nothing: those of a pool must find it done. Where it
    cannot have one now, each of them asks for it again."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with suppress(sqlite3.OperationalError), closing(sqlite3.connect(file, timeout=PATIENCE)) as connection:
            if connection.execute("PRAGMA journal_mode=WAL").fetchone() == ("wal",):
                return
        time.sleep(AGAIN)


def _upgrade(connection: Connection, to: str) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
    if to == HEAD and current(connection) == newest():
        return
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_HERE))
    config.attributes["connection"] = connection
    command.upgrade(config, to)


async def revision(url: str) -> tuple[str | None, str]:
    """The revision that the database is at, and the newest one. Raises Unavailable: the database does not answer."""
    engine = create_async_engine(url, poolclass=NullPool)
    try:
        async with available(), engine.connect() as connection:
            return await connection.run_sync(current), newest()
    finally:
        await engine.dispose()


def current(connection: Connection) -> str | None:
    """The revision that the database is at; None: no migration ever ran."""
    if not inspect(connection).has_table(_STANDS_IN.name):
        return None
    found: str | None = connection.scalar(select(_STANDS_IN.c.version_num))
    return found


def newest() -> str:
    return max(known())


def known() -> frozenset[str]:
    """The revisions that this telepath has: the numbers that their files begin with. Each follows the one before it."""
    return frozenset(path.name.partition("_")[0] for path in (_HERE / "versions").glob("[0-9]*.py"))
