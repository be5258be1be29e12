"""realtime/operations.py on both databases: facts are numbered, done once, audited, and somebody's to do."""

import asyncio

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from realtime import operations, visits
from realtime.messages import (
    Acknowledged,
    Act,
    Ask,
    ChangeSlide,
    CloseRoom,
    HandOver,
    Operation,
    RefusedOperation,
    Say,
    Take,
)
from telepath.errors import Conflict, Forbidden, Refused
from tests.rooms import Ward


async def test_operations_are_numbered_without_gaps_and_a_repeated_one_is_the_same_fact(ward: Ward) -> None:
    room = await ward.room()
    zoe, paul = ward.actor("zoe"), ward.actor("paul")
    first = await operations.perform(ward.db, zoe, room, "operation-1", Say("un"))
    again = await operations.perform(ward.db, zoe, room, "operation-1", Say("un"))
    assert first.fact == again.fact
    await operations.perform(ward.db, paul, room, "operation-2", Take(1))
    await operations.perform(ward.db, paul, room, "operation-3", ChangeSlide(2, ward.slides[1]))
    assert await ward.facts(room) == [(1, "opened"), (2, "said"), (3, "presenter"), (4, "slide")]
    assert await ward.facts(room, since=2) == [(3, "presenter"), (4, "slide")]
    assert await ward.facts(room, limit=2) == [(3, "presenter"), (4, "slide")]
    with pytest.raises(Conflict):
        await operations.perform(ward.db, paul, room, "operation-1", Say("un"))


async def test_what_cannot_be_committed_is_not_acknowledged(ward: Ward) -> None:
    room, zoe = await ward.room(), ward.actor("zoe")
    operation, engine = Operation("operation-1", Say("un")), ward.db._writer.sync_engine

    def fail(_connection: object) -> None:
        raise OperationalError("COMMIT", None, OSError("no space is left"))

    event.listen(engine, "commit", fail)
    refused = await operations.record(ward.db, zoe, room, operation)
    event.remove(engine, "commit", fail)
    assert isinstance(refused, RefusedOperation)
    assert (refused.op, refused.code) == ("operation-1", "error-unavailable")
    assert await ward.facts(room) == [(1, "opened")]
    assert await operations.record(ward.db, zoe, room, operation) == Acknowledged("operation-1", 2)


async def test_of_many_who_take_at_once_exactly_one_wins(ward: Ward) -> None:
    room = await ward.room()
    takers = [ward.actor(key) for key in ("paul", "lea") for _ in range(5)]
    attempts = (
        operations.perform(ward.db, taker, room, f"operation-{number}", Take(1)) for number, taker in enumerate(takers)
    )
    results = await asyncio.gather(*attempts, return_exceptions=True)
    assert sum(isinstance(result, operations.Recorded) for result in results) == 1
    assert sum(isinstance(result, Conflict) for result in results) == 9
    assert await ward.facts(room) == [(1, "opened"), (2, "presenter")]


async def test_facts_written_at_once_each_have_their_number(ward: Ward) -> None:
    room = await ward.room()
    said = (
        operations.perform(ward.db, ward.actor(key), room, f"operation-{key}-{number}", Say(f"{number}"))
        for number in range(8)
        for key in ("zoe", "paul")
    )
    numbers = [recorded.fact.seq for recorded in await asyncio.gather(*said)]
    assert sorted(numbers) == list(range(2, 18))


async def test_the_presentation_is_given_only_to_who_came_and_may_present(ward: Ward) -> None:
    room = await ward.room()
    zoe = ward.actor("zoe")
    for nobody in (ward.person("paul"), ward.person("max"), "0" * 26):
        with pytest.raises(Forbidden):
            await operations.perform(ward.db, zoe, room, "operation-1", HandOver(1, nobody))
    await visits.join(ward.db, ward.actor("paul"), room)
    recorded = await operations.perform(ward.db, zoe, room, "operation-1", HandOver(1, ward.person("paul")))
    assert recorded.state.presenter == ward.person("paul")


@pytest.mark.parametrize("act", [Take(1), Ask(), Say("…"), CloseRoom()])
async def test_a_stranger_does_nothing_and_the_audit_knows_that_they_tried(act: Act, ward: Ward) -> None:
    room = await ward.room()
    with pytest.raises((Refused, Forbidden)):
        await operations.perform(ward.db, ward.actor("max"), room, "operation-1", act)
    assert await ward.facts(room) == [(1, "opened")]
    if not isinstance(act, CloseRoom):
        (refusal,) = await ward.audited("access.refused")
        assert refusal["actor"] == ward.person("max")


async def test_every_fact_has_its_audit_record(ward: Ward) -> None:
    room = await ward.room()
    zoe = ward.actor("zoe")
    await operations.perform(ward.db, ward.actor("paul"), room, "operation-1", Ask())
    await operations.perform(ward.db, zoe, room, "operation-2", ChangeSlide(1, ward.slides[1]))
    await operations.perform(ward.db, zoe, room, "operation-3", Say("Ici."))
    await operations.perform(ward.db, zoe, room, "operation-4", CloseRoom())
    kinds = [record["kind"] for record in await ward.audited("room.fact", "thread.written", "room.closed")]
    assert kinds == ["room.fact", "room.fact", "thread.written", "room.closed"]
    (asked, changed) = await ward.audited("room.fact")
    assert (asked["detail"]["fact"], asked["detail"]["seq"]) == ("asked", 2)
    assert (changed["detail"]["slide"], changed["detail"]["epoch"]) == (ward.slides[1], 2)
