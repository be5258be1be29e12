"""What a database still holds of rows that were deleted, and what we can do about it.

SQLite overwrites deleted content at once (``secure_delete``, telepath/db/connections.py); older pages lie in the write-ahead
log until it is written back. PostgreSQL keeps the old rows until VACUUM, their bytes in the files until the place is used
again, and its write-ahead log as long as the server's settings say: deploy/README.md tells the operator."""

import asyncio
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Final

from sqlalchemy import Table, text

from telepath.db.database import Database, available

PATIENCE: Final = 2.0
"""Seconds to wait for the transactions and the readers of others."""
AGAIN: Final = 0.05


async def readers_done(db: Database, table: Table) -> None:
    """Wait until every transaction has ended that has read ``table`` by now, at most ``PATIENCE``: it may still write by what
    it read. SQLite: there is one writer at a time, and it reads what it writes by."""
    if db.is_sqlite:
        return
    # A transaction keeps its lock on what it read until it ends; everybody sees pg_locks, whatever their role.
    question = text(
        "SELECT virtualtransaction FROM pg_locks WHERE locktype = 'relation' AND relation = CAST(:name AS regclass)"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND pid <> pg_backend_pid()"
    )
    name = db.engine.dialect.identifier_preparer.format_table(table)
    waited_for: set[str] | None = None
    for _ in range(int(PATIENCE / AGAIN)):
        async with available(), db.engine.connect() as connection:
            there = set(await connection.scalars(question, {"name": name}))
        waited_for = there if waited_for is None else waited_for & there
        if not waited_for:
            return
        await asyncio.sleep(AGAIN)


async def wipe(db: Database, tables: Iterable[Table]) -> bool:
    """Write SQLite's write-ahead log back and empty it; have PostgreSQL give up the deleted rows of ``tables``.

    False: somebody was reading all the time, and the log could not be emptied. Raises Unavailable."""
    if db.is_sqlite:
        return await asyncio.to_thread(_empty_log, Path(str(db.url.database)))
    engine = db.engine.execution_options(isolation_level="AUTOCOMMIT")
    async with available(), engine.connect() as connection:
        quote = connection.dialect.identifier_preparer.format_table
        await connection.exec_driver_sql(f"VACUUM {', '.join(quote(table) for table in tables)}")
    return True


def _empty_log(path: Path) -> bool:
    with closing(sqlite3.connect(path, timeout=PATIENCE)) as connection:
        busy: int = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        return busy == 0
