"""realtime/roll.py on both databases: who was in a room, from when to when, and that a node's death ends a visit."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from realtime import ledger, roll, visits
from realtime.roll import Stay, merged
from telepath.actor import SYSTEM
from telepath.db.database import Database
from telepath.db.schema.rooms import room_visit
from telepath.errors import Refused
from tests.builders import MASTER_KEY
from tests.rooms import Ward

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


class Hours:
    """A room whose clock is set by hand, in minutes after noon."""

    def __init__(self, ward: Ward) -> None:
        self.ward, self.room = ward, ""
        self.streams: dict[str, int] = {}

    def now(self, minutes: float) -> None:
        self.ward.db.clock = lambda: at(minutes)

    async def join(self, key: str) -> int:
        joined = await visits.join(self.ward.db, self.ward.actor(key), self.room)
        return joined.seat.stream

    async def leave(self, key: str, stream: int) -> None:
        async with self.ward.db.read() as reader:
            state = await ledger.state_of(reader, self.room)
        await visits.leave(self.ward.db, self.ward.actor(key), state, stream)

    async def note(self, *streams: int) -> None:
        async with self.ward.db.read() as reader:
            state = await ledger.state_of(reader, self.room)
        await roll.note(self.ward.db, state, streams)

    async def read(self) -> dict[str, list[tuple[datetime, datetime | None]]]:
        async with self.ward.db.read() as reader:
            found = await roll.attendance(reader, self.room)
        return {one.name: [(stay.joined, stay.left) for stay in one.stays] for one in found}


@pytest.fixture
async def hours(ward: Ward) -> Hours:
    hours = Hours(ward)
    hours.now(0)
    hours.room = await hours.ward.room()
    return hours


async def test_the_roll_says_who_came_when_and_left_when(hours: Hours) -> None:
    zoe = await hours.join("zoe")
    hours.now(2)
    paul = await hours.join("paul")
    hours.now(5)
    await hours.leave("zoe", zoe)
    await hours.note(paul)
    assert await hours.read() == {"Dr Zoé Marchand": [(at(0), at(5))], "Dr Paul Lenoir": [(at(2), None)]}
    async with hours.ward.db.read() as reader:
        zoe_there, paul_there = await roll.attendance(reader, hours.room)
    assert (zoe_there.institution, zoe_there.colour) == (hours.ward.actor("zoe").institution_name, 0)
    assert (paul_there.institution, paul_there.colour) == (hours.ward.actor("paul").institution_name, 1)


async def test_two_windows_and_a_cut_are_one_stay_and_a_pause_makes_two(hours: Hours) -> None:
    first = await hours.join("zoe")
    hours.now(1)
    second = await hours.join("zoe")
    await hours.leave("zoe", first)
    hours.now(4)
    await hours.note(second)
    await hours.leave("zoe", second)
    hours.now(4.5)
    third = await hours.join("zoe")
    hours.now(6)
    await hours.leave("zoe", third)
    hours.now(20)
    await hours.join("zoe")
    assert await hours.read() == {"Dr Zoé Marchand": [(at(0), at(6)), (at(20), None)]}


async def test_who_died_with_their_node_left_when_it_spoke_last(hours: Hours) -> None:
    zoe = await hours.join("zoe")
    paul = await hours.join("paul")
    hours.now(1)
    await hours.note(zoe, paul)
    hours.now(3.9)
    assert [stays[-1][1] for stays in (await hours.read()).values()] == [None, None]
    hours.now(4.5)
    await hours.note(zoe)  # another node, on which Zoé is; Paul's is gone
    assert await hours.read() == {"Dr Zoé Marchand": [(at(0), None)], "Dr Paul Lenoir": [(at(0), at(1))]}
    (left,) = await hours.ward.audited("room.left")
    assert (left["actor"], left["detail"]) == (
        "system",
        {"stream": paul, "person": hours.ward.person("paul"), "reason": "silent"},
    )


async def test_who_was_thought_silent_and_is_there_did_not_leave(hours: Hours) -> None:
    zoe, paul, lea = await hours.join("zoe"), await hours.join("paul"), await hours.join("lea")
    hours.now(1)
    await hours.note(zoe, paul, lea)
    hours.now(10)  # the database stood still: another node was the first to speak again
    await hours.note(zoe)
    assert (await hours.read())["Dr Paul Lenoir"] == [(at(0), at(1))]
    hours.now(10.5)
    await hours.leave("lea", lea)
    hours.now(11)
    await hours.note(paul, lea)  # that node begins to say so while Léa leaves
    assert await hours.read() == {
        "Dr Zoé Marchand": [(at(0), None)],
        "Dr Paul Lenoir": [(at(0), None)],
        "Dr Léa Tamarin": [(at(0), at(10.5))],
    }
    again = [one for one in await hours.ward.audited("room.joined") if one["actor"] == "system"]
    assert [one["detail"] for one in again] == [
        {"stream": paul, "person": hours.ward.person("paul"), "reason": "not-silent"}
    ]
    hours.now(12)
    await hours.note(paul)
    assert len([one for one in await hours.ward.audited("room.joined") if one["actor"] == "system"]) == 1


async def test_a_node_does_not_end_what_another_speaks_for_at_this_moment(postgres_url: str) -> None:
    db = Database(postgres_url, MASTER_KEY)
    hours = Hours(await Ward(db).build())
    hours.now(0)
    hours.room = await hours.ward.room()
    zoe, paul = await hours.join("zoe"), await hours.join("paul")
    hours.now(10)
    async with db.write(SYSTEM, unaudited="as the other node does") as tx, asyncio.timeout(20):
        await tx.execute(update(room_visit).where(room_visit.c.stream == paul).values(seen_at=tx.now))
        await hours.note(zoe)
    assert await hours.read() == {"Dr Zoé Marchand": [(at(0), None)], "Dr Paul Lenoir": [(at(0), None)]}
    await db.close()


async def test_who_reads_the_roll_of_a_room_that_no_node_holds_ends_it(hours: Hours) -> None:
    zoe = await hours.join("zoe")
    async with hours.ward.db.read() as reader:
        state = await ledger.state_of(reader, hours.room)
    hours.now(2)
    await hours.note(zoe)
    hours.now(4)
    await roll.close_silent(hours.ward.db, state)
    assert await hours.read() == {"Dr Zoé Marchand": [(at(0), None)]}
    hours.now(60)
    for _ in range(2):
        await roll.close_silent(hours.ward.db, state)
    assert await hours.read() == {"Dr Zoé Marchand": [(at(0), at(2))]}
    assert len(await hours.ward.audited("room.left")) == 1


async def test_many_connections_of_a_node_are_noted(hours: Hours) -> None:
    zoe = await hours.join("zoe")
    hours.now(2)
    await hours.note(*range(zoe, zoe + 2500))
    hours.now(4)
    assert await hours.read() == {"Dr Zoé Marchand": [(at(0), None)]}


async def test_the_roll_is_read_by_who_may_read_what_is_said(hours: Hours) -> None:
    async with hours.ward.db.read() as reader:
        state = await ledger.state_of(reader, hours.room)
        for key in ("zoe", "paul", "lea"):
            assert await roll.may_read(reader, hours.ward.actor(key), state)
        with pytest.raises(Refused):
            await roll.may_read(reader, hours.ward.actor("max"), state)


def test_stays_that_overlap_or_nearly_touch_are_one() -> None:
    assert merged([]) == ()
    assert merged([Stay(at(5), at(6)), Stay(at(0), at(9))]) == (Stay(at(0), at(9)),)
    assert merged([Stay(at(0), None), Stay(at(3), at(4))]) == (Stay(at(0), None),)
    assert merged([Stay(at(0), at(2)), Stay(at(3), None)]) == (Stay(at(0), None),)
    assert merged([Stay(at(0), at(2)), Stay(at(3.1), None)]) == (Stay(at(0), at(2)), Stay(at(3.1), None))
