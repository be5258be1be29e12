"""web/audit_export.py and web/verify_audit.py: what is exported is complete, says no more than it may, and is accepted."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from telepath.access import ObjectRef
from telepath.actor import SYSTEM, Actor, Role, Subject
from telepath.audit import parse_note
from telepath.checkpoints import signed_checkpoint
from telepath.db import audit_log
from telepath.db.database import Database
from telepath.db.schema.audit import audit_log as log
from telepath.db.schema.audit import audit_shard
from telepath.errors import Invalid
from tests.builders import VAULT_KEY, Clock
from web import audit_export, keys, verify_audit
from web.audit_export import Selection, export, export_zip
from web.settings import Settings

LILLE, CAYENNE = "l" * 26, "c" * 26
ZOE = Actor(
    person_id="z" * 26,
    name="Dr Zoé Marchand",
    institution_id=LILLE,
    roles=frozenset({Role.EXPERT}),
    subject_name_id="899700000001",
    address="192.0.2.7",
    device="Firefox",
    session_id="s" * 64,
    acr="eidas2",
)
AUDITOR = Actor(person_id="a" * 26, name="Alix Auditrice", institution_id=LILLE, roles=frozenset({Role.AUDITOR}))
TYPED = "tumeur du rein gauche"


def slide(case: int, owner: str = CAYENNE) -> ObjectRef:
    return ObjectRef("slide", f"{'s' * 24}{case:02d}", owner, case_id=f"{'k' * 24}{case:02d}")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "var", vault_key=VAULT_KEY)


def key(settings: Settings) -> str:
    return str(keys.public_key(settings))


async def live(db: Database, settings: Settings, records: int = 6, cases: int = 3) -> Clock:
    """Views and a typed text in ``cases`` cases, some owned by Lille; heads signed on the way, also over a year's end."""
    clock = Clock(datetime(2026, 12, 30, 12, 0, tzinfo=UTC))
    db.clock = clock
    audit_key = keys.audit_key(settings)
    for number in range(records):
        async with db.write(ZOE) as tx:
            thing = slide(number % cases, LILLE if number % 2 else CAYENNE)
            await tx.audit("slide.viewed", thing, private={"typed": TYPED}, number=number)
        await audit_log.seal_all(db, settings.log_name)
        if number % 2:
            await audit_log.checkpoint(db, settings.log_name, audit_key)
        clock.advance(hours=13)
    return clock


def lines(folder: Path, name: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / name).read_bytes().splitlines()]


def kept(folder: Path) -> str:
    return "".join(path.read_text(errors="replace") for path in folder.rglob("*") if path.is_file())


async def test_an_outsider_accepts_a_whole_export(database: Database, settings: Settings, tmp_path: Path) -> None:
    await live(database, settings)
    done = await export(database, settings, tmp_path / "out", Selection(), AUDITOR)
    async with database.read() as reader:
        sealed = await reader.scalar(select(func.count()).select_from(log))
        trees = await reader.scalar(select(func.count()).select_from(audit_shard))
    assert (done.records, done.trees, done.problem) == (sealed, trees, "")
    assert trees == 2
    said = subprocess.run(
        [sys.executable, "-I", tmp_path / "out" / "verify_audit.py", tmp_path / "out", key(settings)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (said.returncode, said.stderr) == (0, "")
    assert f"Intact: {sealed} records" in said.stdout


async def test_the_export_is_recorded_and_in_itself(database: Database, settings: Settings, tmp_path: Path) -> None:
    await live(database, settings, records=2)
    await export(database, settings, tmp_path / "out", Selection(year="2026"), AUDITOR)
    last = lines(tmp_path / "out", "records.ndjson")[-1]
    assert (last["kind"], last["actor"], last["detail"]) == (
        "audit.exported",
        AUDITOR.person_id,
        {"format": "ndjson", "tree": "2026"},
    )
