"""telepath/db/group_commit.py, through Database.record: one commit for many, and each waits for it."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import event, select

from telepath.access import ObjectRef
from telepath.actor import SYSTEM, Actor
from telepath.db.database import Database
from telepath.db.schema.audit import audit_pending
from telepath.errors import Unavailable
from tests.builders import MASTER_KEY

SLIDE = ObjectRef("slide", "s" * 26, "i" * 26)
EXPERT = Actor(person_id="p" * 26, name="Dr Essai", institution_id="e" * 26, subject_name_id="899700000001")


async def pending(db: Database) -> list[dict[str, object]]:
    async with db.read() as reader:
        return [row["record"] for row in await reader.all(select(audit_pending).order_by(audit_pending.c.position))]


async def test_what_is_recorded_at_one_moment_is_committed_together(database: Database) -> None:
    commits = 0

    @event.listens_for(database._writer.sync_engine, "commit")
    def count(_connection: object) -> None:
        nonlocal commits
        commits += 1

    await asyncio.gather(*(database.record(EXPERT, "slide.viewed", SLIDE, number=number) for number in range(50)))
    assert sorted(record["detail"]["number"] for record in await pending(database)) == list(range(50))  # type: ignore[index]
    assert commits <= 2


async def test_a_record_is_its_own_actors(database: Database) -> None:
    await asyncio.gather(
        database.record(EXPERT, "access.refused", SLIDE, outcome="refused"),
        database.record(SYSTEM, "audit.verified"),
    )
    of_expert, of_system = await pending(database)
    assert (of_expert["actor"], of_expert["outcome"]) == (EXPERT.person_id, "refused")
    assert (of_system["actor"], of_system["actor_private"]) == ("system", "")


async def test_nobody_fails_for_anothers_fault(database: Database) -> None:
    results = await asyncio.gather(
        database.record(EXPERT, "slide.viewed", SLIDE, number=1),
        database.record(EXPERT, "slide.viewed", SLIDE, number=object()),
        database.record(EXPERT, "slide.viewed", SLIDE, number=2),
        return_exceptions=True,
    )
    assert [type(result) for result in results] == [type(None), TypeError, type(None)]
    assert len(await pending(database)) == 2


async def test_who_stops_waiting_disturbs_nobody(database: Database) -> None:
    tasks = [asyncio.create_task(database.record(EXPERT, "slide.viewed", SLIDE, number=n)) for n in range(3)]
    await asyncio.sleep(0)
    tasks[1].cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(result) for result in results] == [type(None), asyncio.CancelledError, type(None)]
    assert {0, 2} <= {record["detail"]["number"] for record in await pending(database)}  # type: ignore[index]
    await database.record(EXPERT, "slide.viewed", SLIDE, number=4)


async def test_without_the_database_nobody_is_told_that_it_was_recorded(tmp_path: Path) -> None:
    db = Database(f"sqlite+aiosqlite:///{tmp_path}/nowhere/none.db", MASTER_KEY)
    results = await asyncio.gather(*(db.record(EXPERT, "slide.viewed") for _ in range(3)), return_exceptions=True)
    assert [type(result) for result in results] == [Unavailable] * 3
    with pytest.raises(Unavailable):
        await db.record(EXPERT, "slide.viewed")
    await db.close()
