"""``telepath audit key`` and ``telepath audit retire``, as an operator types them."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from telepath.actor import SYSTEM
from telepath.audit import parse_verifier_key
from telepath.db import audit_log
from telepath.db.database import Database
from telepath.db.migrations import upgrade
from tests.builders import VAULT_KEY, Clock
from tests.command_line import tp
from tests.conftest import as_owner
from web import keys
from web.settings import Settings, read
from web.words import LANGUAGES, Words


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A service whose first tree is of 2020."""
    settings = Settings(data=tmp_path / "var")
    settings.data.mkdir()

    async def fill() -> None:
        await upgrade(settings.database_url)
        db = keys.database(settings)
        for year in (2020, 2026):
            db.clock = Clock(datetime(year, 3, 1, tzinfo=UTC))
            async with db.write(SYSTEM) as tx:
                await tx.audit("backup.made")
            await audit_log.seal_all(db, settings.log_name)
            await audit_log.checkpoint(db, settings.log_name, keys.audit_key(settings))
        await db.close()

    asyncio.run(fill())
    return settings.data


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_old_enough_is_told_and_deleted_only_when_asked(old: Path, language: str) -> None:
    t = Words()(language)
    for _ in range(2):
        said = tp(old, "audit", "retire", language=language, audit_retention_years="5")
        assert (said.code, said.out.splitlines()) == (
            0,
            [t("command-audit-due", tree="2020", records=2), t("command-audit-to-delete")],
        )
    said = tp(old, "audit", "retire", "--delete", language=language, audit_retention_years="5")
    assert said.out.splitlines() == [t("command-audit-retired", tree="2020", records=2)]
    verified = tp(old, "audit", "verify", language=language, audit_retention_years="5")
    assert (verified.code, verified.out.splitlines()[:1]) == (0, [t("command-audit-of-retired", tree="2020")])
    verified = tp(old, "audit", "verify", language=language, audit_retention_years="0")
    early = t("audit-problem-tree-retired-early", tree="2020", years=0)
    assert (verified.code, verified.out.splitlines()[:1]) == (1, [early])
    said = tp(old, "audit", "retire", "--delete", language=language, audit_retention_years="5")
    assert said.out.splitlines() == [t("command-audit-nothing-to-retire", years=5)]


def test_nothing_is_retired_before_its_time_or_when_all_is_kept_for_ever(old: Path) -> None:
    for years in ("20", "0"):
        said = tp(old, "audit", "retire", "--delete", audit_retention_years=years)
        assert said.out.splitlines() == [Words()("en")("command-audit-nothing-to-retire", years=int(years))]


def test_the_services_own_role_retires_nothing(postgres_url: str, tmp_path: Path) -> None:
    given = {"database": postgres_url, "vault_key": VAULT_KEY}
    assert "TELEPATH_MIGRATIONS_DATABASE" in tp(tmp_path, "audit", "retire", "--delete", **given).sentence()
    done = tp(tmp_path, "audit", "retire", "--delete", **given, migrations_database=as_owner(postgres_url))
    assert done.code == 0, done.err


def test_the_key_that_is_printed_is_what_the_setting_takes(tmp_path: Path) -> None:
    said = tp(tmp_path, "audit", "key", audit_key="2" * 64, origin="https://telepath.example")
    key = parse_verifier_key(said.out)
    assert key.name == "telepath.example/audit"
    later = read({"TELEPATH_AUDIT_KEY": "3" * 64, "TELEPATH_AUDIT_OLD_KEYS": said.out.strip()})
    assert keys.public_keys(later) == [keys.public_key(later).public_key, key.public_key]


async def test_after_a_change_of_key_old_heads_verify_by_the_old_key(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    before = Settings(database=database_url, vault_key=VAULT_KEY, audit_key="2" * 64)
    async with database.write(SYSTEM) as tx:
        await tx.audit("backup.made")
    await audit_log.seal_all(database, before.log_name)
    await audit_log.checkpoint(database, before.log_name, keys.audit_key(before))
    given = {"database": database_url, "vault_key": VAULT_KEY, "audit_key": "3" * 64}
    old_key = str(keys.public_key(before))
    for old_keys, code in (("", 1), (old_key, 0)):
        said = await asyncio.to_thread(tp, tmp_path, "audit", "verify", **given, audit_old_keys=old_keys)
        assert said.code == code, said.out
