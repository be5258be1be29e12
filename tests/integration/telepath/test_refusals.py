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


async def test_the_number_is_written_when_the_minute_is_over_and_the_next_one_begins_anew(database: Database) -> None:
    database.refusals.every = 0.02
    await refuse(database)
    await refuse(database)
    async with asyncio.timeout(10):
        while len(await refused(database)) < 2:  # noqa: ASYNC110 - the record is what we wait for
            await asyncio.sleep(0.01)
        while database.refusals._known:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    await refuse(database)
    assert [record["detail"].get("times") for record in await refused(database)] == [None, 1, None]


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

    async def away(*_args: Any, **_words: Any) -> None:
        raise Unavailable(what="database")

    monkeypatch.setattr(database.refusals, "_record", away)
    with pytest.raises(Unavailable):
        await refuse(database)
    monkeypatch.setattr(database.refusals, "_record", original)
    await refuse(database)
    assert len(await refused(database)) == 1
