"""A whole database written out at one instant, and read back into an empty one. SQLite and PostgreSQL.

The keys of the vault (telepath/vault.py) are not written out: in a copy that lives on, who was erased would not be."""

import asyncio
import logging
import os
import re
import shutil
import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

from sqlalchemy import URL, inspect, make_url, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from telepath.db import migrations
from telepath.db.database import Database
from telepath.db.schema.audit import subject_key
from telepath.db.transaction import Reader
from telepath.errors import Invalid, Unavailable

log = logging.getLogger("telepath.snapshot")

SQLITE_FILE = "database.sqlite3"
POSTGRESQL_FILE = "database.pgdump"


async def size(db: Database) -> int:
    """Bytes that the database holds now; what is written out is at most about as large."""
    async with db.read() as reader:
        if db.is_sqlite:
            pages = await reader.connection.scalar(text("PRAGMA page_count"))
            return int(pages * await reader.connection.scalar(text("PRAGMA page_size")))
        return int(await reader.connection.scalar(text("SELECT pg_database_size(current_database())")))


@asynccontextmanager
async def written_out(db: Database, folder: Path) -> AsyncIterator[Reader]:
    """Write the database into ``folder`` as one file, and read in exactly what was written, whatever happens meanwhile.

    Nobody waits for it: SQLite's VACUUM INTO reads one WAL snapshot, PostgreSQL's pg_dump an exported one. Neither copies what
    was deleted and still lies in the files of the database.
    Raises Unavailable: no pg_dump, one older than the server, or it failed; Invalid: SQLite finds the copy damaged."""
    if db.is_sqlite:
        path = folder / SQLITE_FILE
        await asyncio.to_thread(_copy_sqlite, str(db.url.database), path)
        engine = create_async_engine(f"sqlite+aiosqlite:///{path.absolute()}", poolclass=NullPool)
        try:
            async with engine.connect() as connection:
                yield Reader(connection, db.clock())
        finally:
            await engine.dispose()
        return
    async with db.engine.connect() as connection, connection.begin():
        snapshot = await connection.scalar(text("SELECT pg_export_snapshot()"))
        server = int(await connection.scalar(text("SHOW server_version_num"))) // 10000
        options = (f"--snapshot={snapshot}", "--format=custom", f"--file={folder / POSTGRESQL_FILE}")
        await _run("pg_dump", server, db.url, *options, f"--exclude-table-data={subject_key.name}")
        yield Reader(connection, db.clock())


async def read_back(url: str, folder: Path) -> None:
    """Put what ``written_out`` wrote into the database at ``url``, which must be empty (``is_empty``). All or nothing.

    Raises Unavailable: no pg_restore, one older than the server, or it failed."""
    where = make_url(url)
    if where.get_backend_name() == "sqlite":
        await asyncio.to_thread(_place_sqlite, folder / SQLITE_FILE, Path(str(where.database)))
        return
    engine = create_async_engine(where, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            server = int(await connection.scalar(text("SHOW server_version_num"))) // 10000
    finally:
        await engine.dispose()
    await _run("pg_restore", server, where, "--exit-on-error", "--single-transaction", str(folder / POSTGRESQL_FILE))


async def is_empty(url: str) -> bool:
    """Whether the database holds no table at all. An SQLite file that does not exist stays so."""
    where = make_url(url)
    if where.get_backend_name() == "sqlite" and not await asyncio.to_thread(Path(str(where.database)).exists):
        return True
    engine = create_async_engine(where, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            return not await connection.run_sync(lambda sync: inspect(sync).get_table_names())
    finally:
        await engine.dispose()


async def revision(reader: Reader) -> str:
    """The schema's revision in this very snapshot; empty when no migration ever ran."""
    return await reader.connection.run_sync(migrations.current) or ""


def is_known(name: str) -> bool:
    """Whether this telepath has the migration ``name``: a newer one's database cannot be brought forward by it."""
    return name in migrations.known()


async def weak_settings(db: Database) -> list[str]:
    """The settings, as ``name=value``, by which an acknowledged commit could be lost at a power cut; none is good."""
    async with db.read() as reader:
        if db.is_sqlite:
            found = {name: str(await reader.connection.scalar(text(f"PRAGMA {name}"))) for name in _DURABLE_SQLITE}
        else:
            found = {name: str(await reader.connection.scalar(text(f"SHOW {name}"))) for name in _DURABLE_POSTGRESQL}
    durable = _DURABLE_SQLITE if db.is_sqlite else _DURABLE_POSTGRESQL
    return [f"{name}={value}" for name, value in found.items() if value not in durable[name]]


# https://sqlite.org/pragma.html#pragma_synchronous: 2 is FULL and 3 EXTRA; with 1, NORMAL, "WAL mode does lose durability".
_DURABLE_SQLITE = {"journal_mode": {"wal", "delete", "truncate", "persist"}, "synchronous": {"2", "3"}}
_DURABLE_POSTGRESQL = {
    "fsync": {"on"},
    "full_page_writes": {"on"},
    "synchronous_commit": {"on", "local", "remote_write", "remote_apply"},
}


def _copy_sqlite(source: str, target: Path) -> None:
    address = f"{Path(source).absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as old:
        old.execute("VACUUM INTO ?", (str(target),))
    with closing(sqlite3.connect(target)) as new:
        new.execute("PRAGMA journal_mode=DELETE")  # one file, without -wal and -shm beside it
        new.execute("PRAGMA secure_delete=ON")  # overwrites what is deleted
        with new:
            new.execute(f"DELETE FROM {subject_key.name}")  # noqa: S608
        verdict = new.execute("PRAGMA quick_check(1)").fetchone()[0]
    if verdict != "ok":
        raise Invalid("error-backup-database-damaged")
    with target.open("rb+") as file:
        os.fsync(file.fileno())


def _place_sqlite(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.partial")
    try:
        shutil.copyfile(source, partial)
        with partial.open("rb+") as file:
            os.fsync(file.fileno())
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


async def _run(program: str, server: int, url: URL, *options: str) -> None:
    """``server`` is PostgreSQL's major version: pg_dump refuses a server that is newer than itself."""
    found = shutil.which(program)
    if found is None:
        raise Unavailable("error-backup-program-missing", program=program, package=f"postgresql-client-{server}")
    output = await _output(found, {}, "--version")
    version = re.search(r"\d+", output.decode())
    if version is None or int(version[0]) < server:
        raise Unavailable(
            "error-backup-program-old",
            program=program,
            version=version[0] if version else "?",
            server=server,
            package=f"postgresql-client-{server}",
        )
    target, secret = _libpq(url)
    await _output(found, secret, "--no-owner", "--no-privileges", "--no-password", f"--dbname={target}", *options)


async def _output(program: str, environment: Mapping[str, str], *arguments: str) -> bytes:
    process = await asyncio.create_subprocess_exec(
        program,
        *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **environment},
    )
    try:
        output, complaint = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    if process.returncode != 0:
        # It names hosts and files: for the operator's log, not for an error. What it quotes of the rows stays out of both.
        said = re.split(r"DETAIL:|CONTEXT:|\n", complaint.decode(errors="replace").strip())[0]
        log.error("%s: %s", Path(program).name, said)
        raise Unavailable("error-backup-program-failed", program=Path(program).name, status=process.returncode or 0)
    return output


def _libpq(url: URL) -> tuple[str, dict[str, str]]:
    """The connection string without its password, which goes by the environment: arguments are seen by every user."""
    from psycopg.conninfo import make_conninfo

    arguments: dict[str, Any] = url.translate_connect_args(username="user", database="dbname")
    arguments |= {key: value if isinstance(value, str) else ",".join(value) for key, value in url.query.items()}
    password = arguments.pop("password", None)
    return make_conninfo(**arguments), {"PGPASSWORD": str(password)} if password else {}
