"""web/bootstrap.py: what happens when the services are opened."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from telepath.db import roles
from telepath.errors import Invalid
from telepath.ids import make_id
from telepath.slides import leftovers
from tests.conftest import as_service
from tests.login import free_port
from web.bootstrap import open_services, prepare_database
from web.settings import Settings
from web.words import LANGUAGES, Words


async def test_a_service_that_starts_removes_what_killed_ingests_left(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, oidc_issuer=f"http://127.0.0.1:{free_port()}/away")
    slide_id = make_id(1_700_000_000_000, b"long ago..")
    for name in (f"{slide_id}/files/slide.svs", f"{leftovers.MARKS}/{slide_id}"):
        (tmp_path / "slides" / name).parent.mkdir(parents=True)
        (tmp_path / "slides" / name).write_bytes(b"half")
    async with open_services(settings):
        assert [path for path in (tmp_path / "slides").rglob("*") if path.is_file()] == []


def in_production(database: str) -> Settings:
    return Settings(production=True, database=database)


async def test_a_service_in_production_does_not_start_with_a_role_that_could_rewrite_the_audit(
    postgres_owner_url: str, postgres_url: str
) -> None:
    await prepare_database(in_production(postgres_url))
    with pytest.raises(Invalid) as caught:
        await prepare_database(in_production(postgres_owner_url))
    assert caught.value.code == "error-database-role"
    for language in LANGUAGES:
        sentence = Words()(language)(caught.value.code, **caught.value.params)
        assert all(part in sentence for part in ("postgres", "DELETE audit_log", "telepath migrate"))


async def test_a_migration_as_the_owner_gives_the_service_its_rights(tmp_path: Path, empty_postgres: str) -> None:
    settings = Settings(data=tmp_path, database=as_service(empty_postgres), migrations_database=empty_postgres)
    await prepare_database(settings)
    await prepare_database(in_production(settings.database))
    assert (await roles.excess(settings.database))[1] == []


@pytest.fixture
def empty_postgres(postgres: str) -> Iterator[str]:
    """A database without any table, as its owner."""
    with psycopg.connect(postgres.format(name="postgres").replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("CREATE DATABASE without_tables")
        yield postgres.format(name="without_tables")
        connection.execute("DROP DATABASE without_tables WITH (FORCE)")
