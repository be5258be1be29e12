"""What the operator changed between two starts is in the audit, once, and without any secret."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from telepath.actor import Actor
from telepath.audit import parse_verifier_key
from telepath.db.database import Database
from telepath.db.schema.audit import audit_pending, setting_seen
from telepath.errors import Invalid
from tests.builders import MASTER_KEY, VAULT_KEY
from web import keys, startup_record
from web.bootstrap import prepare_database
from web.settings import Settings
from web.words import LANGUAGES, Words

FIRST: dict[str, Any] = {
    "secret_key": "1" * 64,
    "audit_key": "2" * 64,
    "vault_key": VAULT_KEY,
    "mail": "smtp://telepath:pass-of-the-mail@mail.example:587",
    "oidc_client_secret": "secret-of-the-provider",
    "origin": "https://telepath.example",
    "session_idle_minutes": 20.0,
}
SECRETS = ("1" * 64, "2" * 64, VAULT_KEY, "pass-of-the-mail", "secret-of-the-provider", "another", "9" * 64, "8" * 64)


async def started(db: Database, **changed: Any) -> list[dict[str, Any]]:
    """The records that a start with these settings adds: kind and details."""
    before = len(await recorded(db))
    made = await startup_record.record(db, Settings(**FIRST | changed))
    found = (await recorded(db))[before:]
    assert len(found) == made
    everything = json.dumps(found) + json.dumps(await seen(db))
    assert not any(secret in everything for secret in SECRETS)
    return [{"kind": one["kind"]} | one["detail"] for one in found]


async def recorded(db: Database) -> list[dict[str, Any]]:
    async with db.read() as reader:
        rows = await reader.all(select(audit_pending.c.record).order_by(audit_pending.c.position))
    return [row["record"] for row in rows]


async def seen(db: Database) -> dict[str, str]:
    async with db.read() as reader:
        return {row["name"]: row["value"] for row in await reader.all(select(setting_seen))}


async def test_the_first_start_records_what_is_not_as_it_comes(database: Database) -> None:
    found = {one.pop("name"): one for one in await started(database)}
    setting = {"kind": "setting.changed"}
    assert found == {
        "mail": setting | {"after": "smtp://telepath:…@mail.example:587"},
        "oidc_client_secret": setting,
        "origin": setting | {"before": "http://localhost:8000", "after": "https://telepath.example"},
        "session_idle_minutes": setting | {"before": "30.0", "after": "20.0"},
    }


async def test_a_start_with_the_same_settings_records_nothing(database: Database) -> None:
    await started(database)
    assert await started(database) == []
    assert await started(database, host="192.0.2.1", port=8010, data=Path("/elsewhere"), log_level="debug") == []


async def test_what_was_changed_is_recorded_with_what_was_there_before(database: Database) -> None:
    await started(database)
    kind = {"kind": "setting.changed"}
    assert await started(database, session_idle_minutes=25.0) == [
        kind | {"name": "session_idle_minutes", "before": "20.0", "after": "25.0"}
    ]
    assert await started(database, session_idle_minutes=30.0, audit_retention_years=0) == [
        kind | {"name": "session_idle_minutes", "before": "25.0", "after": "30.0"},
        kind | {"name": "audit_retention_years", "before": "20", "after": "0"},
    ]


async def test_a_provider_more_in_the_file_of_providers_is_a_change(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "providers.toml"
    path.write_text("[[provider]]")
    (first,) = [one for one in await started(database, oidc_providers=str(path)) if one["name"] == "oidc_providers"]
    assert await started(database, oidc_providers=str(path)) == []
    path.write_text("[[provider]] # and another")
    (second,) = await started(database, oidc_providers=str(path))
    assert (second["name"], second["before"]) == ("oidc_providers", first["after"])
    assert second["after"].startswith(f"{path} ")


async def test_a_changed_secret_is_recorded_as_changed(database: Database) -> None:
    await started(database)
    assert await started(database, mail="smtp://telepath:another@mail.example:587", oidc_client_secret="another") == [
        {"kind": "setting.changed", "name": "oidc_client_secret"},
        {"kind": "setting.changed", "name": "mail", "after": "smtp://telepath:…@mail.example:587"},
    ]


async def test_a_changed_key_is_recorded_by_its_numbers(database: Database) -> None:
    await started(database)
    (changed,) = await started(database, audit_key="9" * 64)
    numbers = [keys.public_key(Settings(**FIRST | {"audit_key": text})).id.hex() for text in ("2" * 64, "9" * 64)]
    assert (changed["kind"], changed["name"]) == ("key.changed", "audit_key")
    assert [changed["before"], changed["after"]] == numbers
    assert parse_verifier_key(changed["verifier"]).id.hex() == numbers[1]
    # The capability key is also what secrets are compared under: another one says nothing of them.
    found = await started(database, audit_key="9" * 64, secret_key="8" * 64)
    assert [(one["kind"], one["name"]) for one in found] == [("key.changed", "secret_key")]
    assert await started(database, audit_key="9" * 64, secret_key="8" * 64) == []


async def test_of_nodes_that_start_together_one_records(database: Database, database_url: str) -> None:
    await started(database)
    others = [Database(database_url, MASTER_KEY) for _ in range(3)]
    settings = Settings(**FIRST | {"session_hours": 2.0})
    made = await asyncio.gather(*(startup_record.record(db, settings) for db in others))
    for db in others:
        await db.close()
    assert sorted(made) == [0, 0, 1]
    assert [one["detail"]["name"] for one in await recorded(database)].count("session_hours") == 1


async def test_a_long_value_is_kept_by_its_beginning_and_its_digest(database: Database) -> None:
    await started(database)
    (changed,) = await started(database, audit_old_keys=",".join("x" * 60 for _ in range(20)))
    assert len(changed["after"]) < 400
    assert max(map(len, (await seen(database)).values())) <= 400


SHOWN = {
    "smtp://telepath:another@mail.example:587": "smtp://telepath:…@mail.example:587",
    "smtp://telepath:an@other/word@mail.example": "smtp://telepath:…@mail.example",
    "redis://:another@host": "redis://:…@host",
    "s3://AKIA:another@bucket/x?region=fr-par s3://AKIB:another@b": "s3://AKIA:…@bucket/x?region=fr-par s3://AKIB:…@b",
    "https://another@witness.example/x": "https://…@witness.example/x",
    "https://one:another@witness.example/x": "https://one:…@witness.example/x",
    "https://witness.example?token=another": "https://witness.example?token=…",
    "https://witness.example?api_key=another&every=60": "https://witness.example?api_key=…&every=60",
    "https://witness.example?CLIENT-SECRET=another#x": "https://witness.example?CLIENT-SECRET=…",
    "https://witness.example?every=60&access_key=another": "https://witness.example?every=60&access_key=…",
    "https://blob.example/x?X-Amz-Signature=another": "https://blob.example/x?X-Amz-Signature=…",
    "postgresql+psycopg://telepath@/telepath?host=/run&sslpassword=another": (
        "postgresql+psycopg://telepath@/telepath?host=/run&sslpassword=…"
    ),
    "https://witness.example?vkey=w.example+0a1b2c3d+BA==": "https://witness.example?vkey=w.example+0a1b2c3d+BA==",
    "mailto:audit@chu.example?language=en": "mailto:audit@chu.example?language=en",
    "https://telepath.example:8443/x": "https://telepath.example:8443/x",
}
"""Address → as it is recorded."""


def test_an_address_is_shown_without_what_is_secret_in_it() -> None:
    assert {url: startup_record.shown(url) for url in SHOWN} == SHOWN


async def test_a_service_with_another_vault_key_does_not_start(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    right = Settings(data=tmp_path, database=database_url, vault_key=VAULT_KEY)
    wrong = Settings(data=tmp_path, database=database_url, vault_key="7" * 64)
    await prepare_database(wrong)  # nothing is wrapped yet
    zoe = Actor(person_id="zoe", name="", institution_id="lille", address="192.0.2.7")
    async with database.write(zoe) as tx:
        await tx.audit("case.viewed")
    await prepare_database(right)
    with pytest.raises(Invalid) as caught:
        await prepare_database(wrong)
    assert caught.value.code == "error-vault-key-wrong"
    assert all("TELEPATH_VAULT_KEY" in Words()(language)(caught.value.code) for language in LANGUAGES)
