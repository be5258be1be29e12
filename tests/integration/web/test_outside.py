"""web/outside.py and what opens with it: the anchors of the settings are given every head, and asked at the start."""

import asyncio
import shutil
import sqlite3
from contextlib import closing
from email import message_from_bytes
from email.policy import SMTP
from pathlib import Path

import pytest

from telepath.actor import SYSTEM
from telepath.anchors.model import note_name
from telepath.anchors.state import state
from telepath.audit import parse_note
from telepath.db import audit_log
from telepath.db.database import Database
from tests.command_line import tp
from tests.login import free_port
from web import keys
from web.bootstrap import open_services
from web.settings import Settings
from web.words import Words


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data", oidc_issuer=f"http://127.0.0.1:{free_port()}/away")


async def record(db: Database, settings: Settings, records: int) -> int:
    """Record, seal, sign; returns how many the newest tree has."""
    for number in range(records):
        async with db.write(SYSTEM) as tx:
            await tx.audit("slide.viewed", number=number)
    await audit_log.seal_all(db, settings.log_name)
    await audit_log.checkpoint(db, settings.log_name, keys.audit_key(settings))
    async with db.read() as reader:
        return (await audit_log.shards(reader))[-1].size


async def held(db: Database, settings: Settings, size: int) -> Path:
    """Wait until the folder holds a head of this size, and the database knows it: it is the relay's work."""
    async with asyncio.timeout(60):
        while True:
            async with db.read() as reader:
                (folder,) = (one for one in (await state(reader)).holders if one.kind == "folder")
            if folder.size >= size:
                return settings.data / "anchors" / folder.shard / note_name(folder.size)
            await asyncio.sleep(0.02)


async def letters(settings: Settings) -> list[Path]:
    async with asyncio.timeout(30):
        while not (found := list((settings.data / "mail").glob("*.eml"))):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    return found


async def test_without_a_setting_heads_go_to_a_folder_and_letters_beside_the_data(settings: Settings) -> None:
    async with open_services(settings) as services:
        size = await record(services.db, settings, 3)
        path = await held(services.db, settings, size)
        (letter,) = await letters(settings)
        async with services.db.read() as reader:
            kinds = [holder.kind for holder in (await state(reader)).holders]
    assert sorted(kinds) == ["folder", "mail"]
    assert parse_note(path.read_text()).origin == f"{settings.log_name}/{path.parent.name}"
    message = message_from_bytes(letter.read_bytes(), policy=SMTP)
    body = message.get_body()
    assert body is not None
    text = body.get_content()
    assert str(keys.public_key(settings)) in text
    assert "python3 -I verify_audit.py EXPORT CLÉ PIÈCE-JOINTE" in text
    assert str(settings.data) not in letter.read_text()


@pytest.mark.slow
async def test_a_service_that_starts_from_an_older_copy_knows_what_is_missing_before_it_serves(
    settings: Settings, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.db"
    async with open_services(settings) as services:
        before = await held(services.db, settings, await record(services.db, settings, 3))
    old = int(before.stem)
    with closing(sqlite3.connect(settings.data / "telepath.db")) as db, closing(sqlite3.connect(copy)) as target:
        db.backup(target)
    async with open_services(settings) as services:
        size = await record(services.db, settings, 12)
        await held(services.db, settings, size)
        async with services.db.read() as reader:
            assert (await state(reader)).gaps == ()
    for path in settings.data.glob("telepath.db*"):
        path.unlink()
    shutil.copy(copy, settings.data / "telepath.db")
    async with open_services(settings) as services:
        async with services.db.read() as reader:
            (gap,) = (await state(reader)).gaps
            trees = [tree.name for tree in await audit_log.shards(reader)]
        assert (gap.signed, gap.present) == (int(max(path.stem for path in before.parent.glob("*.note"))), old)
        assert gap.missing >= 12
        assert trees == [before.parent.name, f"{before.parent.name}-2"]
    said = await asyncio.to_thread(tp, settings.data, "audit", "verify", language="fr")
    assert said.code == 1
    sentence = Words()("fr")("audit-problem-records-missing", tree=gap.tree, signed=gap.signed, present=gap.present)
    assert sentence in said.out
