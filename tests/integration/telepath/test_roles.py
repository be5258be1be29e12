"""The service's role in PostgreSQL, on the real one: what it may do is one table, and the sealed audit is out of its reach."""

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from telepath.actor import SYSTEM
from telepath.db import audit_check, audit_log, roles
from telepath.db.database import Database
from telepath.db.migrations import upgrade
from telepath.db.schema import metadata
from telepath.errors import Invalid
from tests.builders import MASTER_KEY
from tests.conftest import SERVICE, as_service

LOG = "telepath.example/audit"
TAMPERING = [
    "UPDATE audit_log SET kind = 'slide.added'",
    "UPDATE audit_log SET body = replace(body, 'a', 'b')",
    "DELETE FROM audit_log",
    "TRUNCATE audit_log",
    "DROP TABLE audit_log",
    "ALTER TABLE audit_log DISABLE TRIGGER ALL",
    "ALTER TABLE audit_log ADD COLUMN more text",
    "ALTER TABLE audit_log OWNER TO CURRENT_USER",
    "CREATE RULE nothing AS ON INSERT TO audit_log DO INSTEAD NOTHING",
    "CREATE TRIGGER other BEFORE INSERT ON audit_log FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "GRANT DELETE ON audit_log TO CURRENT_USER; DELETE FROM audit_log",
    "INSERT INTO audit_log SELECT * FROM audit_log ON CONFLICT (seq) DO UPDATE SET body = ''",
    "UPDATE audit_checkpoint SET note = ''",
    "DELETE FROM audit_checkpoint",
    "TRUNCATE audit_checkpoint",
    "DROP TABLE audit_checkpoint",
    "UPDATE audit_node SET hash = ''",
    "DELETE FROM audit_node",
    "DROP INDEX ix_audit_log_kind",
    "CREATE TABLE audit_log_of_mine (seq bigint)",
    "CREATE SCHEMA elsewhere",
    "SET ROLE postgres",
    "UPDATE alembic_version SET version_num = '0001'",
    "SELECT setval('audit_pending_position_seq', 1)",
    "DELETE FROM opinion",
]


def libpq(url: str) -> str:
    return url.replace("+psycopg", "")


async def sealed(url: str) -> None:
    """A few records in the log, and one that waits."""
    db = Database(url, MASTER_KEY)
    for _ in range(3):
        async with db.write(SYSTEM) as tx:
            await tx.audit("audit.verified")
    await audit_log.seal_all(db, LOG)
    async with db.write(SYSTEM) as tx:
        await tx.audit("audit.verified")
    await db.close()


def test_every_table_of_the_schema_has_its_rights() -> None:
    assert set(roles.RIGHTS) == {*metadata.tables, "alembic_version"}


def test_nothing_that_is_sealed_may_be_changed_or_deleted() -> None:
    for name in roles.SEALED:
        assert roles.RIGHTS[name] == {"SELECT", "INSERT"}


async def test_the_service_has_the_rights_of_the_table_and_no_others(postgres_owner_url: str) -> None:
    query = "SELECT table_name, privilege_type FROM information_schema.role_table_grants WHERE grantee = %s"
    with psycopg.connect(libpq(postgres_owner_url)) as connection:
        granted: dict[str, set[str]] = {}
        for table, right in connection.execute(query, [SERVICE]):
            granted.setdefault(table, set()).add(right)
    assert granted == roles.RIGHTS


@pytest.mark.parametrize("statement", TAMPERING)
async def test_tampering_as_the_service_is_refused(postgres_url: str, statement: str) -> None:
    await sealed(postgres_url)
    with psycopg.connect(libpq(postgres_url)) as connection, pytest.raises(InsufficientPrivilege):
        connection.execute(statement)
    db = Database(postgres_url, MASTER_KEY)
    async with db.read() as reader:
        verdict = await audit_check.verify(reader, [])
    await db.close()
    assert (verdict.records, verdict.problems) == (4, ())


async def test_the_service_has_nothing_in_excess_and_the_owner_has(postgres_url: str, postgres_owner_url: str) -> None:
    assert await roles.excess(postgres_url) == (SERVICE, [])
    role, found = await roles.excess(postgres_owner_url)
    assert role == "postgres"
    assert {"SUPERUSER", "UPDATE audit_log", "DELETE audit_log", "TRUNCATE audit_log", "OWNER audit_log"} <= set(found)


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("GRANT DELETE ON audit_log TO {role}", "DELETE audit_log"),
        ("GRANT UPDATE (body) ON audit_log TO {role}", "UPDATE audit_log"),
        ("GRANT TRIGGER ON audit_checkpoint TO {role}", "TRIGGER audit_checkpoint"),
        ("GRANT TRUNCATE ON audit_node TO PUBLIC", "TRUNCATE audit_node"),
        ("ALTER TABLE audit_log OWNER TO {role}", "OWNER audit_log"),
        ("ALTER SCHEMA public OWNER TO {role}", "OWNER public"),
    ],
)
async def test_each_right_in_excess_is_told_and_taken_back_by_the_next_migration(
    postgres_url: str, postgres_owner_url: str, statement: str, told: str
) -> None:
    with psycopg.connect(libpq(postgres_owner_url), autocommit=True) as connection:
        connection.execute(statement.format(role=SERVICE))
    assert told in (await roles.excess(postgres_url))[1]
    if not told.startswith("OWNER"):  # who owns is decided by whoever set the roles up
        await roles.give(postgres_owner_url, postgres_url)
        assert (await roles.excess(postgres_url))[1] == []


async def test_rights_given_twice_and_at_once_are_the_same_rights(postgres_url: str, postgres_owner_url: str) -> None:
    for _ in range(2):
        await upgrade(postgres_owner_url)
        await roles.give(postgres_owner_url, postgres_url)
    await test_the_service_has_the_rights_of_the_table_and_no_others(postgres_owner_url)


async def test_two_different_databases_are_told(postgres: str, postgres_owner_url: str) -> None:
    with pytest.raises(Invalid) as caught:
        await roles.give(postgres_owner_url, as_service(postgres.format(name="template1")))
    assert caught.value.code == "error-database-other"


async def test_sqlite_has_no_roles(sqlite_url: str) -> None:
    await roles.give(sqlite_url, sqlite_url)
    assert await roles.excess(sqlite_url) == ("", [])
