"""Alembic migrations, from the first day. ``upgrade(url)`` brings a database to the newest schema."""

import asyncio
import sqlite3
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from telepath.db.connections import explicit_transactions
from telepath.db.database import available

LOCK: Final = 2122228945
"""The PostgreSQL advisory lock of who changes the schema, or the rights on it."""
PATIENCE: Final = 2.0
"""Seconds to wait for others who have the same SQLite file open."""
AGAIN: Final = 0.02


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config


async def upgrade(url: str, to: str = "head") -> None:
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
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, to)


async def revision(url: str) -> tuple[str | None, str | None]:
    """The revision that the database is at, and the newest one. Raises Unavailable: the database does not answer."""
    engine = create_async_engine(url, poolclass=NullPool)
    try:
        async with available(), engine.connect() as connection:
            present = await connection.run_sync(lambda sync: MigrationContext.configure(sync).get_current_revision())
    finally:
        await engine.dispose()
    return present, ScriptDirectory.from_config(_config()).get_current_head()
