"""realtime/ledger.py on both databases: facts are numbered, done once, audited, and somebody's to do."""

import asyncio
from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import select

from auth import administration
from realtime import admission, ledger, opening, operations, roll, visits
from realtime.close_codes import CloseCode
from realtime.messages import Act, Ask, ChangeSlide, CloseRoom, HandOver, Say, Take
from telepath import standing
from telepath.db.database import Database
from telepath.db.schema.outbox import outbox
from telepath.db.schema.rooms import room
from telepath.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from tests.rooms import Ward


@pytest.fixture
async def ward(database: Database) -> Ward:
    return await Ward(database).build()


async def facts(ward: Ward, room: str, since: int = 0, limit: int = 500) -> list[tuple[int, str]]:
    async with ward.db.read() as reader:
        return [(fact.seq, fact.kind) for fact in await ledger.facts_since(reader, room, since, limit)]


async def test_opening_a_room_invites_each_person_once_and_is_audited(ward: Ward) -> None:
    room = await opening.open_room(
        ward.db,
        ward.actor("zoe"),
        ward.slides[0],
        invited=[*map(ward.person, ("paul", "paul", "lea", "zoe")), "0" * 26],
    )
    assert await facts(ward, room) == [(1, "opened")]
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
        await opening.open_room(ward.db, ward.actor("zoe"), ward.slides[0], invited=map(str, range(51)))


async def test_who_may_not_see_a_consult_opens_no_room_for_it(ward: Ward) -> None:
    asked = await ward.world.consult_row(ward.actor("zoe"), ward.case)
    with pytest.raises(Refused):
        await opening.open_room(ward.db, ward.actor("paul"), ward.slides[0], consult_id=asked)
    assert await opening.open_room(ward.db, ward.actor("zoe"), ward.slides[0], consult_id=asked)


async def test_operations_are_numbered_without_gaps_and_a_repeated_one_is_the_same_fact(ward: Ward) -> None:
    room = await ward.room()
    zoe, paul = ward.actor("zoe"), ward.actor("paul")
    first = await operations.perform(ward.db, zoe, room, "operation-1", Say("un"))
    again = await operations.perform(ward.db, zoe, room, "operation-1", Say("un"))
    assert first.fact == again.fact
    await operations.perform(ward.db, paul, room, "operation-2", Take(1))
    await operations.perform(ward.db, paul, room, "operation-3", ChangeSlide(2, ward.slides[1]))
    assert await facts(ward, room) == [(1, "opened"), (2, "said"), (3, "presenter"), (4, "slide")]
    assert await facts(ward, room, since=2) == [(3, "presenter"), (4, "slide")]
    assert await facts(ward, room, limit=2) == [(3, "presenter"), (4, "slide")]
    with pytest.raises(Conflict):
        await operations.perform(ward.db, paul, room, "operation-1", Say("un"))


async def test_of_many_who_take_at_once_exactly_one_wins(ward: Ward) -> None:
    room = await ward.room()
    takers = [ward.actor(key) for key in ("paul", "lea") for _ in range(5)]
    attempts = (
        operations.perform(ward.db, taker, room, f"operation-{number}", Take(1)) for number, taker in enumerate(takers)
    )
    results = await asyncio.gather(*attempts, return_exceptions=True)
    assert sum(isinstance(result, operations.Recorded) for result in results) == 1
    assert sum(isinstance(result, Conflict) for result in results) == 9
    assert await facts(ward, room) == [(1, "opened"), (2, "presenter")]


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
    assert await facts(ward, room) == [(1, "opened")]
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


async def test_a_membership_that_ended_ends_the_stay(ward: Ward) -> None:
    room = await ward.room()
    lea = ward.actor("lea")
    async with ward.db.write(ward.actor("zoe")) as tx:
        await administration.set_membership(tx, lea.person_id, lea.institution_id, [])
    async with ward.db.read() as reader:
        assert await admission.why_not(reader, lea, await ledger.state_of(reader, room)) is CloseCode.SESSION_ENDED
    await ward.sign_in("lea", "a cookie of a login that was under way")
    lea = ward.actor("lea")
    async with ward.db.read() as reader:
        # Though invited by name: without a membership nobody has a right of their own.
        assert await admission.why_not(reader, lea, await ledger.state_of(reader, room)) is CloseCode.RIGHT_WITHDRAWN
        found = await standing.of(
            reader, msgspec.structs.replace(lea, groups=frozenset("g"), stands_for=frozenset("p"))
        )
        assert found is not None
        assert (found.roles, found.groups, found.stands_for) == (frozenset(), frozenset(), frozenset())


async def test_what_ends_a_stay(ward: Ward) -> None:
    room = await ward.room()

    async def verdict(key: str) -> CloseCode | None:
        async with ward.db.read() as reader:
            return await admission.why_not(reader, ward.actor(key), await ledger.state_of(reader, room))

    assert await verdict("paul") is None
    assert await verdict("max") is CloseCode.RIGHT_WITHDRAWN
    async with ward.db.write(ward.actor("zoe"), unaudited="a test's world") as tx:
        await tx.revoke("consult", "c" * 26)
    assert await verdict("paul") is CloseCode.RIGHT_WITHDRAWN, "the invitation alone opens no slide"
    await ward.sign_out("zoe")
    assert await verdict("zoe") is CloseCode.SESSION_ENDED
    now = ward.db.clock()
    ward.db.clock = lambda: now + timedelta(hours=4)
    assert await verdict("lea") is CloseCode.SESSION_ENDED
