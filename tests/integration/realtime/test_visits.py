"""realtime/visits.py on both databases: who comes gets a number and a colour, and is in the audit."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from realtime import operations, visits
from realtime.messages import CloseRoom
from telepath.db.schema.outbox import outbox
from telepath.errors import Invalid, Refused
from tests.rooms import Ward


async def test_numbers_and_colours_of_the_roll(ward: Ward) -> None:
    room = await ward.room()
    came = [await visits.join(ward.db, ward.actor(key), room) for key in ("zoe", "paul", "zoe", "lea")]
    assert [joined.seat.stream for joined in came] == [1, 2, 3, 4]
    assert [joined.seat.colour for joined in came] == [0, 1, 0, 2]
    assert came[0].seat.name == "Dr Zoé Marchand"


async def test_numbers_given_at_once_are_never_the_same(ward: Ward) -> None:
    room = await ward.room()
    came = await asyncio.gather(*(visits.join(ward.db, ward.actor("zoe"), room) for _ in range(10)))
    assert sorted(joined.seat.stream for joined in came) == list(range(1, 11))


async def test_of_many_who_join_at_once_each_is_in_the_audit_under_their_own_name(ward: Ward) -> None:
    room = await ward.room()
    came = await visits.join_together(ward.db, [ward.actor(key) for key in ("paul", "max", "lea")], room)
    assert [type(one) for one in came] == [visits.Joined, Refused, visits.Joined]
    joined = await ward.audited("room.joined")
    assert [(one["actor"], one["session"], one["detail"]["stream"]) for one in joined] == [
        (ward.person(key), ward.actor(key).session_id[:16], stream) for key, stream in (("paul", 1), ("lea", 2))
    ]
    (refusal,) = await ward.audited("access.refused")
    assert (refusal["actor"], refusal["object_id"]) == (ward.person("max"), room)
    assert refusal["detail"]["action"] == "room.join"


async def test_a_closed_room_admits_nobody_and_its_invitations_are_withdrawn(ward: Ward) -> None:
    room = await ward.room("zoe", "max")
    await operations.perform(ward.db, ward.actor("zoe"), room, "operation-1", CloseRoom())
    with pytest.raises(Invalid):
        await visits.join(ward.db, ward.actor("lea"), room)
    async with ward.db.read() as reader:
        events = await reader.all(select(outbox.c.body).where(outbox.c.kind == "grant.revoked"))
    assert [event["body"]["because_id"] for event in events] == [room]


async def test_a_room_that_nobody_came_to_for_twelve_hours_is_closed(ward: Ward) -> None:
    now, forgotten = ward.db.clock(), await ward.room()
    ward.db.clock = lambda: now + timedelta(minutes=2)
    visited = await ward.room()
    ward.db.clock = lambda: now + timedelta(hours=11)
    await visits.join(ward.db, ward.actor("zoe"), visited)
    ward.db.clock = lambda: now + timedelta(hours=13)
    with pytest.raises(Invalid) as refused:
        await visits.join(ward.db, ward.actor("lea"), forgotten)
    assert refused.value.code == "error-room-closed"
    assert (await visits.join(ward.db, ward.actor("lea"), visited)).seat.stream == 2
