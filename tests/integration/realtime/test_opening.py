"""realtime/opening.py on both databases: one room for all who look at a case together, and who is invited to it."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from realtime import ledger, opening, operations, roll, visits
from realtime.messages import CloseRoom
from telepath.db.schema.outbox import outbox
from telepath.db.schema.rooms import room
from telepath.errors import Invalid, NotFound, Refused
from tests.rooms import Ward


async def test_opening_a_room_invites_each_person_once_and_is_audited(ward: Ward) -> None:
    room = await opening.open_room(
        ward.db,
        ward.actor("zoe"),
        ward.slides[0],
        invited=[*map(ward.person, ("paul", "paul", "lea", "zoe")), "0" * 26],
    )
    assert await ward.facts(room) == [(1, "opened")]
    async with ward.db.read() as reader:
        events = await reader.all(select(outbox.c.body).where(outbox.c.kind == "room.invited"))
    assert {event["body"]["person"] for event in events} == {ward.person("paul"), ward.person("lea")}
    assert len(events) == 2
    (opened,) = await ward.audited("room.opened")
    assert (opened["object_id"], opened["case_id"], opened["detail"]["invited"]) == (room, ward.case, 2)


async def test_the_expert_opens_a_room_too(ward: Ward) -> None:
    room = await ward.room("paul", "zoe")
    async with ward.db.read() as reader:
        state = await ledger.state_of(reader, room)
    assert (state.presenter, state.epoch, state.seq) == (ward.person("paul"), 1, 1)


async def test_two_who_open_at_once_are_in_the_same_room(ward: Ward) -> None:
    one, other = await asyncio.gather(ward.room("zoe", "paul"), ward.room("paul", "zoe"))
    assert one == other
    assert len(await ward.audited("room.opened")) == 1
    async with ward.db.read() as reader:
        assert len(await reader.all(select(outbox.c.body).where(outbox.c.kind == "room.invited"))) == 1


async def test_opening_leads_to_the_room_that_somebody_is_in_and_else_to_a_new_one(ward: Ward) -> None:
    now, first = ward.db.clock(), await ward.room("zoe", "paul")
    there = await visits.join(ward.db, ward.actor("zoe"), first)
    ward.db.clock = lambda: now + timedelta(minutes=40)
    await roll.note(ward.db, there.state, [there.seat.stream])
    assert await ward.room("paul", "zoe") == first
    await visits.leave(ward.db, ward.actor("zoe"), there.state, there.seat.stream)
    assert await ward.room("paul", "zoe") == first
    ward.db.clock = lambda: now + timedelta(minutes=42)
    second = await ward.room("paul", "zoe")
    assert second != first
    await operations.perform(ward.db, ward.actor("paul"), second, "close-it", CloseRoom())
    assert await ward.room("paul", "zoe") not in {first, second}


async def test_whom_a_later_one_names_is_invited_to_the_room_that_somebody_is_in(ward: Ward) -> None:
    first = await ward.room("zoe", "paul")
    for _ in range(2):
        assert await ward.room("paul", "zoe", "lea") == first
    async with ward.db.read() as reader:
        assert set(await opening.invited(reader, first)) == {ward.person(key) for key in ("zoe", "paul", "lea")}
        events = await reader.all(select(outbox.c.body).where(outbox.c.kind == "room.invited"))
    assert sorted((event["body"]["person"], event["body"]["by"]) for event in events) == sorted(
        [(ward.person("paul"), ward.person("zoe")), (ward.person("lea"), ward.person("paul"))]
    )
    given = [one for one in await ward.audited("right.given") if one["object_id"] == first]
    assert len(given) == 3
    (told,) = await ward.audited("room.invited")
    assert (told["object_id"], told["case_id"], told["detail"]["invited"]) == (first, ward.case, 1)
    joined = await visits.join(ward.db, ward.actor("lea"), first)
    assert joined.seat.person == ward.person("lea")


async def test_whose_invitation_has_ended_is_invited_anew(ward: Ward) -> None:
    now, room = ward.db.clock(), await ward.room("zoe", "paul")
    ward.db.clock = lambda: now + timedelta(hours=6)
    there = await visits.join(ward.db, ward.actor("zoe"), room)
    ward.db.clock = lambda: now + opening.INVITATION + timedelta(minutes=1)
    await roll.note(ward.db, there.state, [there.seat.stream])
    async with ward.db.read() as reader:
        assert await opening.invited(reader, room) == []
    assert await ward.room("zoe", "paul") == room
    async with ward.db.read() as reader:
        assert await opening.invited(reader, room) == [ward.person("paul")]
    joined = await visits.join(ward.db, ward.actor("paul"), room)
    assert joined.seat.person == ward.person("paul")


async def test_who_may_not_see_the_consult_invites_nobody_to_its_room(ward: Ward) -> None:
    asked = await ward.world.consult_row(ward.actor("zoe"), ward.case)
    room = await opening.open_room(ward.db, ward.actor("zoe"), ward.slides[0], asked, [ward.person("paul")])
    assert await ward.room("paul", "lea") == room
    async with ward.db.read() as reader:
        assert set(await opening.invited(reader, room)) == {ward.person("zoe"), ward.person("paul")}
    assert await ward.audited("room.invited") == []
    assert await ward.room("zoe", "lea") == room
    assert len(await ward.audited("room.invited")) == 1


async def test_no_more_are_invited_to_a_room_than_may_come(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "EXPECTED", 1)
    room = await ward.room("zoe", "paul")
    with pytest.raises(Invalid):
        await ward.room("paul", "lea")
    assert await ward.room("paul", "zoe") == room


async def test_who_may_not_join_the_open_room_opens_another(ward: Ward) -> None:
    first = await ward.room("zoe", "lea")
    second = await ward.room("paul", "zoe")
    assert second != first
    async with ward.db.read() as reader:
        seen = [one.room for one in await opening.joinable(reader, ward.actor("paul"), room.c.case_id == ward.case)]
        assert seen == [second]
        assert await opening.joinable(reader, ward.actor("max"), room.c.case_id == ward.case) == []


async def test_who_may_not_see_the_slide_opens_no_room(ward: Ward) -> None:
    with pytest.raises(Refused):
        await opening.open_room(ward.db, ward.actor("max"), ward.slides[0])
    with pytest.raises(NotFound):
        await opening.open_room(ward.db, ward.actor("zoe"), "0" * 26)
    with pytest.raises(NotFound):
        await opening.open_room(ward.db, ward.actor("zoe"), ward.slides[0], consult_id="0" * 26)
    with pytest.raises(Invalid):
        await opening.open_room(ward.db, ward.actor("zoe"), ward.slides[0], invited=map(str, range(101)))


async def test_who_may_not_see_a_consult_opens_no_room_for_it(ward: Ward) -> None:
    asked = await ward.world.consult_row(ward.actor("zoe"), ward.case)
    with pytest.raises(Refused):
        await opening.open_room(ward.db, ward.actor("paul"), ward.slides[0], consult_id=asked)
    assert await opening.open_room(ward.db, ward.actor("zoe"), ward.slides[0], consult_id=asked)
