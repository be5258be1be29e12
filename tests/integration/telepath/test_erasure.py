"""A case is erased: what was planted in every column is gone from the bytes, the audit verifies, and nobody finds it again."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from time import monotonic

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import func, select, update

from consults import repository as consults
from consults import worklist
from realtime import admission, ledger
from realtime.close_codes import CloseCode
from telepath.access import ObjectRef
from telepath.actor import SYSTEM, Subject
from telepath.cases import erasure, patients, repository, threads
from telepath.cases.erasure import Erasure, Reason, erase_case
from telepath.db import audit_check, audit_log, remains
from telepath.db.database import Database
from telepath.db.schema.audit import audit_log as log_table
from telepath.db.schema.audit import subject_key
from telepath.db.schema.auth import session
from telepath.db.schema.cases import case, patient
from telepath.db.schema.directory import institution
from telepath.db.schema.grants import grants
from telepath.db.schema.notices import notice
from telepath.db.schema.outbox import outbox
from telepath.db.schema.slides import slide_view
from telepath.errors import Invalid, NotFound, Unavailable
from telepath.slides import catalogue, ingest, leftovers, views
from telepath.storage_local import LocalStorage
from tests.audited import records
from tests.builders import MASTER_KEY, session_of
from tests.conftest import as_owner
from tests.planted import LOG, MOTIVE, PICTURE, WHO, Ward, filled_ward
from web.audit_coverage import COMMANDS, kinds


@pytest.fixture
async def ward(database_url: str, tmp_path: Path) -> AsyncIterator[Ward]:
    async with filled_ward(Database(as_owner(database_url), MASTER_KEY), tmp_path) as made:
        yield made


async def test_nothing_that_was_planted_is_left_in_the_bytes(ward: Ward) -> None:
    began = monotonic()
    done = await ward.erase()
    assert monotonic() - began < 5.0
    planted = {**ward.tokens, "case.number": ward.number, "the files": "Qzpicturex"}
    left = await ward.bytes_left()
    assert len(planted) >= 20
    assert {of for of, text in planted.items() if text.encode() in left} == set()
    assert (done.leftovers, done.wiped) == ((), True)
    assert (done.contents.slides, done.contents.opinions, done.contents.rooms) == (1, 1, 1)


async def test_what_was_planted_is_there_before_it_is_erased(ward: Ward) -> None:
    planted = {**ward.tokens, "case.number": ward.number, "the files": "Qzpicturex"}
    left = await ward.bytes_left()
    # Of the audit, and of who the patient is, the ciphertext alone.
    assert {of for of, text in planted.items() if text.encode() not in left} == {"the audit", "the patient"}


async def test_the_audit_verifies_and_says_who_was_erased_why_and_how_much(ward: Ward) -> None:
    before = await records(ward.db)
    await ward.erase()
    made = {record["kind"] for record in await records(ward.db)} - {record["kind"] for record in before}
    assert made == set(kinds(COMMANDS["erase"]))
    await audit_log.seal_all(ward.db, LOG)
    key = Ed25519PrivateKey.generate()
    note = await audit_log.checkpoint(ward.db, LOG, key)
    async with ward.db.read() as reader:
        verdict = await audit_check.verify(reader, [key.public_key().public_bytes_raw()], [note] if note else [])
        body = await reader.scalar(select(log_table.c.body).where(log_table.c.kind == "subject.erased"))
        keys = await ward.db.keys.of(reader.connection, [Subject("case", ward.case_id), Subject("person", "system")])
    assert verdict.problems == ()
    assert '"reason":"right-to-erasure"' in body
    assert '"opinions":1' in body
    assert MOTIVE not in body
    assert set(keys) == {Subject("person", "system")}
    assert [(made.subject, made.reason) for made in ward.erasures] == [(Subject("case", ward.case_id), Reason.RIGHT)]


async def test_nobody_finds_what_belonged_to_an_erased_case(ward: Ward) -> None:
    await ward.erase()
    async with ward.db.read() as reader:
        for absent in (
            repository.get(reader, ward.case_id),
            catalogue.get(reader, ward.slide_id),
            consults.get(reader, ward.consult_id),
            ledger.state_of(reader, ward.room_id),
        ):
            with pytest.raises(NotFound):
                await absent
        listed, _ = await repository.listed(reader, ward.owner.institution_id, [ward.case_id])
        assert ward.case_id not in {one.case.id for one in listed}
        assert await catalogue.of_case(reader, ward.case_id) == []
        standing = select(func.count()).select_from(grants).where(grants.c.revoked_at.is_(None))
        assert await reader.scalar(standing) == 0
        views = select(func.count()).select_from(slide_view).where(slide_view.c.revoked_at.is_(None))
        assert await reader.scalar(views) == 0
        assert await consults.loads(reader, [ward.expert.person_id]) == {}
        erased = [(await worklist.of_person(reader, actor)).done for actor in (ward.owner, ward.expert)]
    assert [[(entry.consult_id, entry.status, entry.question) for entry in done] for done in erased] == [
        [(ward.consult_id, "erased", "")],
        [(ward.consult_id, "erased", "")],
    ]


async def test_who_is_in_a_room_or_at_a_slide_of_it_is_put_out(ward: Ward) -> None:
    async with ward.db.write(SYSTEM, unaudited="a test's world") as tx:
        living = session_of(ward.owner, ward.owner.session_id, tx.now)
        await tx.insert(session, **msgspec.structs.asdict(living) | {"finess": []})
        (there,) = await admission.look(tx, [ward.owner], ward.room_id)
        assert there.over is None
        await tx.execute(update(slide_view).values(expires_at=tx.now + timedelta(minutes=5)))
    await ward.erase()
    async with ward.db.read() as reader:
        (there,) = await admission.look(reader, [ward.owner], ward.room_id)
        assert there.over is CloseCode.RIGHT_WITHDRAWN
        assert len(await views.revoked(reader)) == 1


async def test_what_others_were_told_of_it_no_longer_says_about_which_case(ward: Ward) -> None:
    await ward.erase()
    async with ward.db.read() as reader:
        rows = await reader.all(select(notice.c.params, notice.c.path, notice.c.mail_due_at))
        told = [row["kind"] for row in await reader.all(select(outbox.c.kind))]
    assert [(dict(row["params"]), row["path"]) for row in rows] == [({"by": ward.owner.name, "erased": "yes"}, "/")] * 3
    assert set(told) == {"grant.revoked"}


async def test_who_the_patient_is_goes_with_their_last_case(ward: Ward) -> None:
    second = await ward.world.case(ward.owner, "26-00900")
    await patients.change(ward.db, ward.owner, second, "", WHO)
    async with ward.db.read() as reader:
        [kept] = await reader.all(select(patient))
    subject = Subject("patient", kept["id"])
    await ward.erase()
    page = await patients.view(ward.db, ward.owner, second)
    assert page.patient
    assert (page.patient.id, page.patient.identity.given_names, page.siblings) == (kept["id"], "QZGIVENX", ())
    await erase_case(ward.db, ward.storage, SYSTEM, second, Reason.RIGHT, MOTIVE, ward.listed)
    async with ward.db.read() as reader:
        assert await reader.all(select(patient)) == []
        assert await ward.db.keys.of(reader.connection, [subject]) == {}
    left = await ward.bytes_left()
    assert kept["sealed"].encode() not in left
    assert kept["lookup"].encode() not in left


async def test_the_same_number_may_be_given_to_another_case_afterwards(ward: Ward) -> None:
    await ward.erase()
    again = await ward.world.case(ward.owner, ward.number)
    async with ward.db.read() as reader:
        finess = await reader.scalar(select(institution.c.finess).where(institution.c.id == ward.owner.institution_id))
        assert (await erasure.find(reader, finess, ward.number))[0] == again


async def test_a_case_is_erased_once(ward: Ward) -> None:
    await ward.erase()
    with pytest.raises(NotFound):
        await ward.erase()
    assert len(ward.erasures) == 1


@pytest.mark.parametrize("why", ["", "  ", "dossier 26-QZNUMBERX", "patient Qz000x"])
async def test_a_motive_that_says_nothing_or_too_much_is_refused(ward: Ward, why: str) -> None:
    assert ward.tokens["case.organ"] == "Qz000x"
    why = why.replace("Qz000x", ward.tokens["case.title"])
    with pytest.raises(Invalid):
        await ward.erase(why)
    assert await ward.storage.size(f"{ward.slide_id}/files/slide.tif") == len(PICTURE)


async def test_nothing_is_erased_that_the_list_outside_does_not_know(ward: Ward) -> None:
    async def out_of_reach(_made: Erasure) -> None:
        raise Unavailable("error-erase-list")

    with pytest.raises(Unavailable):
        await erase_case(ward.db, ward.storage, SYSTEM, ward.case_id, Reason.COURT, MOTIVE, out_of_reach)
    async with ward.db.read() as reader:
        assert (await repository.get(reader, ward.case_id)).number == ward.number
        assert await ward.db.keys.of(reader.connection, [Subject("case", ward.case_id)])
    ward.world.clock.advance(days=2)
    assert await leftovers.remove(ward.db, ward.storage) == 0
    assert await ward.storage.size(f"{ward.slide_id}/files/slide.tif") == len(PICTURE)
    assert await ward.storage.names(leftovers.MARKS) == []


async def test_files_that_a_killed_erasure_left_are_removed_by_the_next_start(ward: Ward, tmp_path: Path) -> None:
    refusing = Refusing(tmp_path / "slides")
    done = await erase_case(ward.db, refusing, SYSTEM, ward.case_id, Reason.MISTAKE, MOTIVE, ward.listed)
    assert done.leftovers == (ward.slide_id, ward.attachment_id)
    ward.world.clock.advance(days=2)
    assert await leftovers.remove(ward.db, ward.storage) == 2
    assert [*ward.storage.root.rglob("*.tif"), *ward.storage.root.rglob("*.png")] == []


class Refusing(LocalStorage):
    """A storage that is out of reach when something is to be removed."""

    async def delete(self, key: str) -> None:
        raise Unavailable(what="storage")


async def test_somebody_who_goes_on_reading_keeps_the_old_pages_and_it_is_said(ward: Ward) -> None:
    if not ward.db.is_sqlite:
        pytest.skip("PostgreSQL's log is the server's")
    async with ward.db.read() as reader:
        assert await reader.scalar(select(func.count()).select_from(case))
        assert not (await ward.erase()).wiped
    assert await remains.wipe(ward.db, ())


async def test_nothing_more_is_kept_under_the_key_of_an_erased_case(ward: Ward) -> None:
    await ward.erase()
    async with ward.db.write(SYSTEM) as tx:
        thing = ObjectRef("case", ward.case_id, "", case_id=ward.case_id)
        await tx.audit("case.changed", thing, private={"title": "again"})
    await audit_log.seal_all(ward.db, LOG)
    async with ward.db.read() as reader:
        newest = select(log_table.c.body).order_by(log_table.c.seq.desc()).limit(1)
        assert '"case_private":""' in await reader.scalar(newest)
        held = await reader.one(select(subject_key).where(subject_key.c.id == ward.case_id))
    assert held["wrapped"] is None


async def test_what_comes_in_while_a_case_is_erased_goes_with_it(ward: Ward) -> None:
    """Somebody had read the case, and writes a line just after the erasure was committed."""
    begun, erased = asyncio.Event(), asyncio.Event()

    async def write_late() -> None:
        async with ward.db.write(ward.owner) as tx:
            seen = await repository.get(tx, ward.case_id)
            begun.set()
            await erased.wait()
            await threads.write(tx, ward.owner, seen, "Qzlatex")

    if ward.db.is_sqlite:
        pytest.skip("SQLite has one writer at a time: it reads what it writes by")
    late = asyncio.create_task(write_late())
    await begun.wait()

    async def committed(made: Erasure) -> None:
        await ward.listed(made)
        # PostgreSQL: the late line waits for this commit, or comes after it.
        asyncio.get_running_loop().call_later(0.2, erased.set)

    await erase_case(ward.db, ward.storage, SYSTEM, ward.case_id, Reason.RIGHT, MOTIVE, committed)
    await late
    assert b"Qzlatex" not in await ward.bytes_left()


async def test_slides_cannot_be_added_to_an_erased_case(ward: Ward, tmp_path: Path) -> None:
    await ward.erase()
    with pytest.raises(NotFound):
        await ingest.add(
            ward.db,
            ward.storage,
            None,  # type: ignore[arg-type]  # it is not asked
            SYSTEM,
            tmp_path / "one.svs",
            case_id=ward.case_id,
            institution_id=ward.owner.institution_id,
        )
