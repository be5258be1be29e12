"""Alembic migrations, from the first day. ``upgrade(url)`` brings a database to the newest schema."""

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
    finally:
        await engine.dispose()


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
