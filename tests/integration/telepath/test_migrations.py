"""telepath/db/migrations: what they make is what the schema says."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from telepath.db import migrations
from telepath.db.database import Database
from telepath.db.migrations import known, newest, revision, upgrade
from telepath.db.schema import metadata


async def test_the_migrated_database_has_exactly_the_declared_schema(database: Database) -> None:
    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))

    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_upgrading_a_current_database_changes_nothing(database_url: str) -> None:
    before = await revision(database_url)
    await upgrade(database_url)
    assert await revision(database_url) == before
    assert before[0] == before[1]


def test_the_numbers_of_the_files_are_alembic_s_revisions() -> None:
    """A node reads them without alembic."""
    scripts = ScriptDirectory(str(Path(migrations.__file__).parent))
    assert {script.revision for script in scripts.walk_revisions()} == known()
    assert scripts.get_current_head() == newest()


async def test_a_database_without_a_schema_is_at_no_revision(tmp_path: Path) -> None:
    assert await revision(f"sqlite+aiosqlite:///{tmp_path / 'new.db'}") == (None, newest())


async def test_a_new_file_has_its_write_ahead_log_before_anybody_opens_it(tmp_path: Path) -> None:
    """The connections of a pool that all gave it one at once were told that the file is locked (about once in a hundred)."""
    path = tmp_path / "new.db"
    await asyncio.gather(*(upgrade(f"sqlite+aiosqlite:///{path}") for _ in range(3)))
    with closing(sqlite3.connect(path)) as new:
        assert new.execute("PRAGMA journal_mode").fetchone() == ("wal",)


async def test_rights_that_were_given_before_say_where_their_experts_read(tmp_path: Path) -> None:
    """The words are the same for both databases; an old one is at hand as a file."""
    path = tmp_path / "old.db"
    url = f"sqlite+aiosqlite:///{path}"
    await upgrade(url, "0003")
    given = "2026-11-01T08:00:00+00:00"
    told: dict[str, list[tuple[str, ...]]] = {
        "offer": [("offer-1", "consult-1", "karim", "lille", "accepted", "[]", "", given, given, "1")],
        "reading": [("reading-1", "consult-1", "karim", "lille", "in-progress", "2", "{}", given, "1")],
        "grants": [
            ("g1", "person", "karim", "consult", "consult-1", "[]", "offer", "offer-1", "1", "zoe", given),
            ("g2", "person", "karim", "slide", "slide-1", "[]", "consult", "consult-1", "1", "zoe", given),
            ("g3", "person", "karim", "room", "room-1", "[]", "room", "room-1", "1", "zoe", given),
        ],
    }
    columns = {
        "offer": "id, consult_id, expert_id, institution_id, status, reasons, decline_reason, offered_at, due_at, version",
        "reading": "id, consult_id, expert_id, institution_id, status, rank, draft, started_at, version",
        "grants": "id, subject_kind, subject_id, object_kind, object_id, rights, because, because_id, epoch,"
        " granted_by, granted_at",
    }
    with closing(sqlite3.connect(path)) as old, old:
        for table, rows in told.items():
            marks = ", ".join("?" * len(rows[0]))
            old.executemany(f"INSERT INTO {table} ({columns[table]}) VALUES ({marks})", rows)  # noqa: S608 - our own words
    await upgrade(url)
    with closing(sqlite3.connect(path)) as new:
        assert new.execute("SELECT id, institution_id FROM grants ORDER BY id").fetchall() == [
            ("g1", "lille"),
            ("g2", "lille"),
            ("g3", ""),
        ]
