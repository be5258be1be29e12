"""Who was erased stays erased: the list outside the database, and restores of older backups that follow it."""

import argparse
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from telepath.access import ObjectRef
from telepath.actor import SYSTEM, Subject
from telepath.cases.erasure import Erasure, Reason, erase_case
from telepath.db import audit_check
from telepath.db.schema.audit import audit_log as log_table
from telepath.db.schema.cases import case
from telepath.db.schema.directory import institution, person
from telepath.errors import Forbidden, NotFound, Unavailable
from tests.backups import ZOE, Service, opened
from web import checks_audit, commands_erase, erasures, keys
from web.backup import backup, restore, restored_lines
from web.bootstrap import open_services
from web.words import Words

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()
LOG = "telepath.test/audit"
MADE = Erasure(Subject("case", "01kkec98g02zzdrwgamcarq626"), Reason.COURT, datetime(2026, 3, 11, 12, tzinfo=UTC))


def test_what_was_listed_is_read_again(tmp_path: Path) -> None:
    erasures.add(tmp_path / "list", KEY, LOG, MADE)
    erasures.add(tmp_path / "list", KEY, LOG, MADE)
    assert erasures.read(tmp_path / "list", [bytes(32), PUBLIC]) == erasures.Read((MADE,), ())
    assert [path.name for path in (tmp_path / "list").iterdir()] == [f"case-{MADE.subject.id}.note"]


def test_where_nothing_was_erased_the_list_is_empty(tmp_path: Path) -> None:
    assert erasures.read(tmp_path / "none", [PUBLIC]) == erasures.Read((), ())


@pytest.mark.parametrize(
    "altered",
    [
        lambda text: text.replace("01kkec98g02zzdrwgamcarq626", "01kkec98g02zzdrwgamcarq627"),
        lambda text: text.replace("case ", "person "),
        lambda text: text.partition("\n\n")[0],
        lambda text: "",
    ],
)
def test_what_nobody_known_signed_is_named_and_not_followed(tmp_path: Path, altered: Callable[[str], str]) -> None:
    erasures.add(tmp_path, KEY, LOG, MADE)
    path = tmp_path / f"case-{MADE.subject.id}.note"
    path.write_text(altered(path.read_text()))
    assert erasures.read(tmp_path, [PUBLIC]) == erasures.Read((), (path.name,))


def test_another_key_signs_nothing(tmp_path: Path) -> None:
    erasures.add(tmp_path, Ed25519PrivateKey.generate(), LOG, MADE)
    assert erasures.read(tmp_path, [PUBLIC]).erasures == ()


def test_a_list_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "list").write_text("a mount that is gone")
    with pytest.raises(Unavailable, match="error-erase-list"):
        erasures.add(tmp_path / "list", KEY, LOG, MADE)


async def erased(service: Service) -> str:
    """The case of the service is erased; returns its identifier."""
    db = commands_erase.database(service.settings)
    async with db.write(SYSTEM) as tx:
        case_id = str(await tx.scalar(select(case.c.id).where(case.c.erased_at.is_(None))))
        thing = ObjectRef("case", case_id, "", case_id=case_id)
        await tx.audit("case.changed", thing, private={"title": "Ganglion cervical"})
    await erase_case(
        db, service.storage, SYSTEM, case_id, Reason.RIGHT, "DPO-14", commands_erase.listed(service.settings)
    )
    await db.close()
    return case_id


async def test_the_role_of_the_service_erases_nothing_and_is_told_so(service: Service) -> None:
    if service.settings.database_url.startswith("sqlite"):
        pytest.skip("SQLite knows no roles")
    async with opened(service) as db, db.read() as reader:
        finess = await reader.scalar(select(institution.c.finess))
    wanted = argparse.Namespace(
        case="26-00417", person="", institution=finess, because="court-order", motive="DPO-14", yes=True
    )
    own = msgspec.structs.replace(service.settings, migrations_database="")
    with pytest.raises(Forbidden, match="error-erase-role"):
        await commands_erase.erase(own, service.storage, SYSTEM, wanted, Words()("en"))
    assert await service.storage.names(service.slide_id) == ["files"]
    complete, _ = await commands_erase.erase(service.settings, service.storage, SYSTEM, wanted, Words()("en"))
    assert complete


async def test_a_restore_of_an_older_backup_erases_again(service: Service, there: Service, tmp_path: Path) -> None:
    await service.write()
    async with opened(service) as db, db.write(SYSTEM) as tx:
        case_id = str(await tx.scalar(select(case.c.id)))
        thing = ObjectRef("case", case_id, "", case_id=case_id)
        await tx.audit("case.changed", thing, private={"title": "Ganglion cervical"})
    await backup(service.settings, service.storage, tmp_path / "backup", with_keys=True)
    assert await erased(service) == case_id
    restored = await restore(there.settings, there.storage, tmp_path / "backup")
    assert (restored.erased, restored.problems, restored.complete) == (1, (), True)
    assert "An erasure decided before was done again." in restored_lines(restored, Words()("en"))
    assert await there.storage.names(service.slide_id) == []
    async with opened(there) as db, db.read() as reader:
        row = await reader.one(select(case).where(case.c.id == case_id))
        assert (row["title"], row["clinical_context"], row["number"]) == ("", "", case_id)
        assert await db.keys.of(reader.connection, [Subject("case", case_id)]) == {}
        verdict = await audit_check.verify(reader, keys.public_keys(there.settings))
    assert verdict.problems == ()
    if there.settings.database_url.startswith("sqlite"):
        left = b"".join(path.read_bytes() for path in there.settings.data.glob("telepath.db*"))
        assert b"Ganglion cervical" not in left


async def test_an_erasure_that_a_restore_cannot_do_is_told_until_it_is_done_alone(
    service: Service, there: Service, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The patient's slide cannot be marked, for there is a file where the marks go; who left is erased all the same."""
    async with opened(service) as db, db.read() as reader:
        zoe = str(await reader.scalar(select(person.c.id)))
    await backup(service.settings, service.storage, tmp_path / "backup", with_keys=True)
    case_id = await erased(service)
    await commands_erase.listed(service.settings)(Erasure(Subject("person", zoe), Reason.RIGHT, datetime.now(UTC)))
    marks = there.storage.root / "adding"
    marks.write_bytes(b"")
    restored = await restore(there.settings, there.storage, tmp_path / "backup")
    assert (restored.erased, restored.still_there, restored.complete) == (1, 1, False)
    assert any("telepath erase-again" in line for line in restored_lines(restored, Words()("en")))
    async with opened(there) as db, db.read() as reader:
        assert await reader.scalar(select(person.c.family_name)) == "—"
        assert await reader.scalar(select(case.c.title)) == "Ganglion cervical"
    (result,) = await checks_audit.erased(there.settings)
    assert (result.failed, result.code, result.params) == (True, "operations-check-erasures-there", {"count": 1})
    async with open_services(msgspec.structs.replace(there.settings, audit_anchors="")):
        assert "1 who were erased are in the database again" in caplog.text
    complete, lines = await commands_erase.again(there.settings, there.storage, SYSTEM, Words()("en"))
    assert (complete, len(lines)) == (False, 2)
    marks.unlink()
    assert await commands_erase.again(there.settings, there.storage, SYSTEM, Words()("en")) == (
        True,
        ["An erasure decided before was done again."],
    )
    async with opened(there) as db, db.read() as reader:
        assert await reader.scalar(select(case.c.title).where(case.c.id == case_id)) == ""
    (result,) = await checks_audit.erased(there.settings)
    assert (result.failed, result.params) == (False, {"count": 2})


async def test_a_restore_that_fails_after_the_database_is_back_is_said_to_be_unfinished(
    service: Service, there: Service, tmp_path: Path
) -> None:
    await service.write_as(ZOE)
    await backup(service.settings, service.storage, tmp_path / "backup", with_keys=True)
    vault = tmp_path / "backup" / "vault.json"
    kept = vault.read_bytes()
    vault.write_bytes(b"[" + kept[1:-1] + b"," + kept[1:])  # the same keys twice
    with pytest.raises(Unavailable, match="error-restore-unfinished"):
        await restore(there.settings, there.storage, tmp_path / "backup")


async def test_keys_that_are_older_than_an_erasure_open_nothing(
    service: Service, there: Service, tmp_path: Path
) -> None:
    """The backup knows of the erasure; the safe still has the keys of before, and the list outside was lost."""
    async with opened(service) as db, db.write(SYSTEM) as tx:
        case_id = str(await tx.scalar(select(case.c.id)))
        thing = ObjectRef("case", case_id, "", case_id=case_id)
        await tx.audit("case.changed", thing, private={"title": "Ganglion cervical"})
    await backup(service.settings, service.storage, tmp_path / "older", with_keys=True)
    await erased(service)
    await backup(service.settings, service.storage, tmp_path / "backup")
    for name in ("keys.json", "vault.json"):
        (tmp_path / "older" / name).rename(tmp_path / "backup" / name)
    for path in service.settings.erasures.iterdir():
        path.unlink()
    restored = await restore(there.settings, there.storage, tmp_path / "backup")
    assert restored.erased == 0
    async with opened(there) as db, db.read() as reader:
        assert await db.keys.of(reader.connection, [Subject("case", case_id)]) == {}


async def test_a_new_backup_holds_nothing_of_who_was_erased(service: Service, tmp_path: Path) -> None:
    case_id = await erased(service)
    await backup(service.settings, service.storage, tmp_path / "backup", with_keys=True)
    texts = {path: path.read_bytes() for path in (tmp_path / "backup").rglob("*") if path.is_file()}
    assert [path.name for path in texts if path.parts[-2:-1] == ("files",)] == []
    for word in ("Ganglion cervical", "26-00417", "Adénopathie cervicale"):
        assert not any(word.encode() in data for data in texts.values())
    # What stays is the identifier of the case: PostgreSQL's dump is packed, and this shows that SQLite's is read.
    if service.settings.database_url.startswith("sqlite"):
        assert any(case_id.encode() in data for data in texts.values())


async def test_a_forged_erasure_is_named_by_the_restore_and_not_followed(
    service: Service, there: Service, tmp_path: Path
) -> None:
    async with opened(service) as db, db.read() as reader:
        case_id = str(await reader.scalar(select(case.c.id)))
    await backup(service.settings, service.storage, tmp_path / "backup", with_keys=True)
    forged = Erasure(Subject("case", case_id), Reason.COURT, datetime.now(UTC))
    erasures.add(there.settings.erasures, Ed25519PrivateKey.generate(), LOG, forged)
    restored = await restore(there.settings, there.storage, tmp_path / "backup")
    assert (restored.erased, restored.complete) == (0, False)
    assert any(f"case-{case_id}.note" in line for line in restored_lines(restored, Words()("fr")))
    async with opened(there) as db, db.read() as reader:
        assert await reader.scalar(select(case.c.title)) == "Ganglion cervical"


async def test_an_erasure_stands_in_the_log_that_a_later_backup_holds(
    service: Service, there: Service, tmp_path: Path
) -> None:
    case_id = await erased(service)
    await backup(service.settings, service.storage, tmp_path / "backup", with_keys=True)
    restored = await restore(there.settings, there.storage, tmp_path / "backup")
    assert (restored.erased, restored.problems) == (0, ())
    async with opened(there) as db, db.read() as reader:
        kinds = select(log_table.c.object_id).where(log_table.c.kind == "subject.erased")
        assert [row["object_id"] for row in await reader.all(kinds)] == [case_id]
    with pytest.raises(NotFound):
        await erased_again(there, case_id)


async def erased_again(service: Service, case_id: str) -> None:
    db = commands_erase.database(service.settings)
    try:
        await erase_case(
            db, service.storage, SYSTEM, case_id, Reason.RIGHT, "DPO-14", commands_erase.listed(service.settings)
        )
    finally:
        await db.close()
