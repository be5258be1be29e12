"""telepath/db/timers.py: what is to happen happens once, late by no other's fault, and never twice."""

import asyncio
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from telepath.actor import SYSTEM
from telepath.db import timers
from telepath.db.database import Database
from telepath.db.schema.consults import turnaround
from telepath.db.schema.outbox import outbox
from telepath.db.schema.timers import timer
from telepath.db.timers import Timer
from telepath.db.transaction import Transaction
from tests.builders import MASTER_KEY, NOON, Clock

KIND = "consult.alarm"
SOON = timedelta(minutes=5)


@pytest.fixture
def clock(database: Database) -> Clock:
    database.clock = Clock()
    return database.clock


async def put(db: Database, *subjects: str, due_at: datetime = NOON, kind: str = KIND, **body: str | int) -> None:
    async with db.write(SYSTEM, unaudited="a test") as tx:
        for subject in subjects:
            await timers.put(tx, kind, subject, due_at, **body)


async def tell(tx: Transaction, fired: Timer) -> None:
    """Leaves a trace that is committed with the timer's end."""
    await tx.emit("thread.written", subject=fired.subject_id, **fired.body)


async def told(db: Database) -> list[dict[str, Any]]:
    async with db.read() as reader:
        return [row["body"] for row in await reader.all(select(outbox).order_by(outbox.c.position))]


async def standing(db: Database) -> list[tuple[str, datetime, int]]:
    async with db.read() as reader:
        rows = await reader.all(select(timer).order_by(timer.c.kind, timer.c.subject_id))
    return [(row["subject_id"], row["due_at"], row["attempts"]) for row in rows]


async def test_a_timer_fires_when_it_is_due_and_is_gone(database: Database, clock: Clock) -> None:
    await put(database, "a", due_at=NOON + SOON, rank=2)
    await put(database, "b", due_at=NOON + 3 * SOON)
    await put(database, "b", due_at=NOON + 2 * SOON, rank=7)  # moved, with another body
    await put(database, "c", due_at=NOON + SOON)
    async with database.write(SYSTEM, unaudited="a test") as tx:
        await timers.drop(tx, KIND, "c")
        await timers.drop(tx, KIND, "nothing of this name")
    assert await timers.fire(database, {KIND: tell}) == 0
    clock.advance(minutes=5)
    assert await timers.fire(database, {KIND: tell}) == 1
    clock.advance(minutes=5)
    assert await timers.fire(database, {KIND: tell}) == 1
    assert await told(database) == [{"subject": "a", "rank": 2}, {"subject": "b", "rank": 7}]
    assert await standing(database) == []


async def test_one_that_fails_is_tried_later_each_time_and_stands_in_no_others_way(
    database: Database, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    broken = True

    async def handler(tx: Transaction, fired: Timer) -> None:
        await tell(tx, fired)
        if fired.subject_id == "a" and broken:
            raise RuntimeError("no good")

    await put(database, "a")
    await put(database, "b", due_at=NOON + timedelta(microseconds=1))
    await put(database, "x", kind="from.a-newer-node")
    clock.advance(seconds=1)
    assert await timers.fire(database, {KIND: handler}) == 2
    assert await told(database) == [{"subject": "b"}]  # what the failed one wrote is not there
    assert "(consult.alarm) failed, attempt 1" in caplog.text
    waits = []
    for _ in range(12):
        ((_, due_at, attempts), (_, _, untouched)) = await standing(database)
        waits.append((due_at - clock.now).total_seconds())
        assert (attempts, untouched) == (len(waits), 0)
        assert await timers.fire(database, {KIND: handler}) == 0
        clock.now = due_at
        assert await timers.fire(database, {KIND: handler}) == 1
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]
    broken = False
    clock.advance(minutes=5)
    await timers.fire(database, {KIND: handler})
    assert await told(database) == [{"subject": "b"}, {"subject": "a"}]
    assert await standing(database) == [("x", NOON, 0)]  # nobody here knows what it means: it stays


async def test_a_handler_may_come_again_and_set_what_follows(database: Database, clock: Clock) -> None:
    async def ring(tx: Transaction, fired: Timer) -> datetime | None:
        await timers.put(tx, "another.kind", fired.subject_id, tx.now + SOON)
        return None if clock.now > NOON else tx.now + SOON

    async def itself(tx: Transaction, fired: Timer) -> None:
        await timers.put(tx, fired.kind, fired.subject_id, tx.now + SOON)

    await put(database, "a")
    await timers.fire(database, {KIND: ring})
    assert await standing(database) == [("a", NOON + SOON, 0)] * 2
    clock.advance(minutes=5)
    await timers.fire(database, {KIND: ring})
    assert await standing(database) == [("a", NOON + 2 * SOON, 0)]
    await put(database, "b")
    await timers.fire(database, {KIND: itself})
    assert ("b", clock.now + timedelta(seconds=1), 1) in await standing(database)  # it may not: tried again


async def test_several_nodes_fire_each_once(database: Database, clock: Clock) -> None:
    await put(database, *(f"{number:03d}" for number in range(60)))
    others = [Database(database.url.render_as_string(False), MASTER_KEY, clock=clock) for _ in range(2)]
    try:
        taken = await asyncio.gather(*(timers.fire(node, {KIND: tell}, 100) for node in (database, *others)))
    finally:
        for node in others:
            await node.close()
    assert sum(taken) == 60
    assert Counter(body["subject"] for body in await told(database)) == {f"{number:03d}": 1 for number in range(60)}


async def test_who_moves_a_timer_while_it_fires_waits_for_nobody(database: Database, clock: Clock) -> None:
    """The verb has the consult's row and then moves its timer; the handler wants the consult's row."""
    async with database.write(SYSTEM, unaudited="a test") as tx:
        await tx.insert(turnaround, institution_id="", urgency="urgent", amount=1, unit="hours")
    await put(database, "a")
    row = update(turnaround).values(amount=turnaround.c.amount + 1)
    in_hand, firing = asyncio.Event(), asyncio.Event()

    async def verb() -> None:
        async with database.write(SYSTEM, unaudited="a test") as tx:
            await tx.execute(row)
            in_hand.set()
            if not database.is_sqlite:  # which has one writer: the handler begins afterwards
                await firing.wait()
            await timers.put(tx, KIND, "a", NOON + SOON)

    async def handler(tx: Transaction, fired: Timer) -> None:
        firing.set()
        await tx.execute(row)
        await tell(tx, fired)

    async def fire() -> None:
        await in_hand.wait()
        await timers.fire(database, {KIND: handler})

    async with asyncio.timeout(20):
        await asyncio.gather(verb(), fire())
    assert await standing(database) == [("a", NOON + SOON, 0)]
    assert await told(database) == []  # the move came first
    async with database.read() as reader:
        assert await reader.scalar(select(turnaround.c.amount)) == 2
