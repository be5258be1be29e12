"""What ``telepath check`` says of the audit: keys, signatures, copies outside."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, update

from telepath.actor import SYSTEM, Actor
from telepath.db import audit_log
from telepath.db.database import Database
from telepath.db.schema.audit import audit_anchor
from tests.builders import VAULT_KEY, Clock
from web import checks, checks_audit, keys
from web.findings import Result, State, lines
from web.settings import Settings
from web.words import LANGUAGES, Words


def only(results: list[Result]) -> tuple[State, str]:
    """The one finding, without its prefix; its words exist in every language."""
    (result,) = results
    worded(results)
    return result.state, result.code.removeprefix(f"operations-check-{result.check}-")


def worded(results: list[Result]) -> None:
    words = Words()
    for language in LANGUAGES:
        assert len(lines(results, words(language))) == len(results) + 1


async def record(settings: Settings, db: Database, *, sign: bool = True) -> None:
    async with db.write(SYSTEM) as tx:
        await tx.audit("directory.changed")
    await audit_log.seal_all(db, settings.log_name)
    if sign:
        await audit_log.checkpoint(db, settings.log_name, keys.audit_key(settings))


@pytest.fixture
async def audited(database: Database, database_url: str, tmp_path: Path) -> Settings:
    settings = Settings(data=tmp_path, database=database_url, vault_key=VAULT_KEY, audit_key="2" * 64)
    await record(settings, database)
    return settings


async def anchored(db: Database, size: int, error: str = "", attempts: int = 0) -> None:
    """As the service leaves it that gave a copy to somebody."""
    values = {
        "name": "CHU",
        "kind": "folder",
        "every": 0,
        "shard": f"{datetime.now(UTC):%Y}",
        "size": size,
        "held_at": datetime.now(UTC),
        "receipt": "",
        "due_at": datetime.now(UTC),
        "attempts": attempts,
        "error": error,
    }
    async with db.write(SYSTEM, unaudited="a test's anchor") as tx:
        await tx.execute(insert(audit_anchor).values(**values))


# Signatures


async def test_an_audit_that_is_signed_passes(audited: Settings) -> None:
    assert only(await checks_audit.audit(audited)) == (State.OK, "good")


async def test_records_that_wait_for_a_signature_are_told(audited: Settings, database: Database) -> None:
    await record(audited, database, sign=False)
    assert only(await checks_audit.audit(audited)) == (State.OK, "good")
    database.clock = Clock(datetime.now(UTC) - timedelta(minutes=12))
    await record(audited, database, sign=False)
    results = await checks_audit.audit(audited)
    assert only(results) == (State.FAILED, "unsigned")
    assert results[0].params["minutes"] == 12


async def test_a_checkpoint_of_another_key_is_told(audited: Settings) -> None:
    other = Settings(data=audited.data, database=audited.database, vault_key=VAULT_KEY, audit_key="3" * 64)
    assert only(await checks_audit.audit(other)) == (State.FAILED, "other-key")
    results = await checks_audit.audit_keys(other)
    assert only(results) == (State.FAILED, "unknown")
    assert results[0].params["number"] == keys.public_key(audited).id.hex()


# Keys


async def test_keys_that_open_and_verify_pass(audited: Settings) -> None:
    assert only(await checks_audit.audit_keys(audited)) == (State.OK, "good")
    known = str(keys.public_key(audited))
    changed = Settings(
        data=audited.data, database=audited.database, vault_key=VAULT_KEY, audit_key="3" * 64, audit_old_keys=known
    )
    assert only(await checks_audit.audit_keys(changed)) == (State.OK, "good")


async def test_a_vault_key_that_opens_nothing_is_a_finding(audited: Settings, database: Database) -> None:
    async with database.write(Actor(person_id="zoe", name="", institution_id="", address="192.0.2.7")) as tx:
        await tx.audit("case.viewed")
    wrong = Settings(data=audited.data, database=audited.database, vault_key="7" * 64, audit_key="2" * 64)
    (result,) = [one for one in await checks.run(wrong) if one.check == "keys"]
    assert (result.state, result.code) == (State.FAILED, "error-vault-key-wrong")


async def test_before_the_first_start_there_is_only_a_number_to_tell(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, audit_key="2" * 64, vault_key=VAULT_KEY)
    assert only(await checks_audit.audit_keys(settings)) == (State.OK, "new")


async def test_a_malformed_key_is_a_finding(tmp_path: Path) -> None:
    results = await checks.run(Settings(data=tmp_path, audit_key="short"))
    for name in ("audit", "keys"):
        (result,) = [one for one in results if one.check == name]
        assert (result.state, result.code) == (State.FAILED, "error-setting-key-missing")


# Copies outside


async def test_nobody_outside_is_a_warning(audited: Settings) -> None:
    assert only(await checks_audit.anchors(audited)) == (State.WARNING, "none")


async def test_a_head_that_somebody_holds_passes(audited: Settings, database: Database) -> None:
    await anchored(database, 2)
    results = await checks_audit.anchors(audited)
    assert only(results) == (State.OK, "good")
    assert results[0].params == {"holders": 1, "size": 2}


async def test_one_that_refuses_is_told_with_the_reason(audited: Settings, database: Database) -> None:
    await anchored(database, 2, "error-anchor-away", 7)
    results = await checks_audit.anchors(audited)
    assert only(results) == (State.FAILED, "troubled")
    t = Words()("en")
    assert t("error-anchor-away") in lines(results, t)[0]


async def test_records_that_nobody_outside_holds_are_told_after_a_while(audited: Settings, database: Database) -> None:
    await anchored(database, 2)
    database.clock = Clock(datetime.now(UTC) - timedelta(minutes=9))
    await record(audited, database)
    results = await checks_audit.anchors(audited)
    assert only(results) == (State.FAILED, "late")
    assert results[0].params["minutes"] == 9


async def test_one_that_the_settings_name_no_more_does_not_count(audited: Settings, database: Database) -> None:
    await anchored(database, 2, "error-anchor-away", 7)
    async with database.write(SYSTEM, unaudited="a test's anchor") as tx:
        await tx.execute(update(audit_anchor).values(every=None))
    assert only(await checks_audit.anchors(audited)) == (State.WARNING, "none")
