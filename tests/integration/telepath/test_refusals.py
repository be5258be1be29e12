"""telepath/db/refusals.py: what is refused is recorded, and a flood of it does not fill the log."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import text

from telepath.access import ObjectRef
from telepath.actor import SYSTEM, Actor
from telepath.db.database import Database
from telepath.errors import Unavailable
from tests.audited import records

SLIDE = ObjectRef("slide", "s" * 26, "i" * 26)
OTHER = ObjectRef("slide", "t" * 26, "i" * 26)
ZOE = Actor(person_id="z" * 26, name="Dr Essai", institution_id="e" * 26, session_id="one")
ASKED = {"action": "slide.view", "reason": "no-grant"}


async def refuse(db: Database, actor: Actor = ZOE, thing: ObjectRef = SLIDE) -> None:
    await db.refusals.record(actor, "access.refused", thing, **ASKED)


async def refused(db: Database) -> list[dict[str, Any]]:
    return await records(db, "access.refused")


async def test_the_first_refusal_is_recorded_at_once(database: Database) -> None:
    await refuse(database)
    (record,) = await refused(database)
    assert (record["outcome"], record["actor"], record["object_id"]) == ("refused", ZOE.person_id, SLIDE.id)
    assert record["detail"] == ASKED


async def test_a_flood_of_the_same_refusal_is_one_record_and_a_number(database: Database) -> None:
    await asyncio.gather(*(refuse(database) for _ in range(200)))
    assert len(await refused(database)) == 1
    await database.refusals.close()
    _, repeated = await refused(database)
    assert repeated["detail"]["times"] == 199
    assert repeated["detail"]["from"] <= repeated["detail"]["to"]
    assert (repeated["detail"]["reason"], repeated["object_id"]) == ("no-grant", SLIDE.id)


async def test_the_number_is_written_when_the_minute_is_over_and_the_next_one_begins_anew(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = database.refusals._record
    late: list[asyncio.Task[None]] = []

    async def with_one_more(*args: Any, **words: Any) -> None:
        if "times" in words and not late:
            late.append(asyncio.create_task(refuse(database)))
            await asyncio.sleep(0)  # it waits until the number is written
        await original(*args, **words)

    monkeypatch.setattr(database.refusals, "_record", with_one_more)
    database.refusals.every = 0.0
    await asyncio.gather(refuse(database), refuse(database))
    async with asyncio.timeout(10):
        while not late or database.refusals._known:  # noqa: ASYNC110 - the record is what we wait for
            await asyncio.sleep(0.01)
        await late[0]
    assert [record["detail"].get("times") for record in await refused(database)] == [None, 1, None]


async def test_a_number_that_cannot_be_written_keeps_no_other_one_back(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    original = database.refusals._record

    async def broken(actor: Actor, kind: str, thing: ObjectRef, **words: Any) -> None:
        if "times" in words and thing == SLIDE:
            raise ValueError("a number that has no canonical form")
        await original(actor, kind, thing, **words)

    monkeypatch.setattr(database.refusals, "_record", broken)
    database.refusals.every = 0.0
    await asyncio.gather(*(refuse(database, thing=thing) for thing in (SLIDE, SLIDE, OTHER, OTHER)))
    async with asyncio.timeout(10):
        while database.refusals._known:  # noqa: ASYNC110 - the record is what we wait for
            await asyncio.sleep(0.01)
    counted = [record["object_id"] for record in await refused(database) if "times" in record["detail"]]
    assert counted == [OTHER.id]
    assert "1 repetitions of a refusal are not recorded" in caplog.text


async def test_other_sessions_and_other_objects_are_records_of_their_own(database: Database) -> None:
    await refuse(database)
    await refuse(database, thing=OTHER)
    await refuse(database, Actor(person_id=ZOE.person_id, name="", institution_id="", session_id="two"))
    assert len(await refused(database)) == 3


async def test_what_cannot_be_recorded_is_not_taken_for_recorded(database: Database, owner: Database) -> None:
    async def execute(statement: str) -> None:
        async with owner.write(SYSTEM, unaudited="a test's fault") as tx:
            await tx.execute(text(statement))

    await execute("ALTER TABLE audit_pending RENAME TO away")
    with pytest.raises(Unavailable):
        await refuse(database)
    await execute("ALTER TABLE away RENAME TO audit_pending")
    await refuse(database)
    assert len(await refused(database)) == 1


async def test_a_database_that_is_away_is_told_and_asked_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = database.refusals._record

    answers = iter([False])

    async def away_at_first(*args: Any, **words: Any) -> None:
        if not next(answers, True):
            await asyncio.sleep(0)  # the others wait for it
            raise Unavailable(what="database")
        await original(*args, **words)

    monkeypatch.setattr(database.refusals, "_record", away_at_first)
    first, *others = await asyncio.gather(*(refuse(database) for _ in range(3)), return_exceptions=True)
    assert isinstance(first, Unavailable)
    assert others == [None, None]
    await database.refusals.close()
    assert [record["detail"].get("times") for record in await refused(database)] == [None, 1]
