"""telepath/db/migrations: what they make is what the schema says."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from telepath.db.database import Database
from telepath.db.migrations import revision, upgrade
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
