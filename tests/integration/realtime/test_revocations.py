"""A node full of people: who lost a right is cut before the others are asked about theirs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import delete, event

from auth import delegations
from realtime import messages
from realtime.bus import REVOKED
from realtime.bus_memory import MemoryBus
from realtime.close_codes import CloseCode
from realtime.connection import Connection
from realtime.hub import Hub
from realtime.messages import Acknowledged, Hello, Operation, RefusedOperation, Take
from realtime.revocations import News
from realtime.wire import Message
from telepath import standing
from telepath.actor import Role
from telepath.db.database import Database
from telepath.db.schema.directory import membership
from tests.rooms import Ward, until

CROWD = 100
FEW = 25
"""Statements, those of the look at everybody that has begun included. That takes five for fifty people."""


class Wire:
    """The sending side of a client that takes whatever comes."""

    file = -1
    full = False

    def __init__(self) -> None:
        self.code = 0

    def mend(self, rest: bytes) -> None:
        pass

    def write(self, message: Message) -> None:
        pass

    def close(self, code: int) -> None:
        self.code = code


@asynccontextmanager
async def connected(hub: Hub, ward: Ward, key: str, room: str) -> AsyncIterator[tuple[Connection, Wire]]:
    """Somebody in the room, from the hub's side of the socket."""
    wire = Wire()
    connection = hub.connect(wire, ward.actor(key), room, acknowledges=False)
    running = asyncio.create_task(connection.run())
    try:
        connection.receive(msgspec.json.encode(Hello(protocol=messages.PROTOCOL)).decode())
        await until(lambda: connection.seat is not None)
        yield connection, wire
    finally:
        connection.lost()
        await running


@asynccontextmanager
async def seated(hub: Hub, ward: Ward, key: str, room: str) -> AsyncIterator[Wire]:
    async with connected(hub, ward, key, room) as (_, wire):
        yield wire


async def test_who_lost_a_right_is_cut_before_a_hundred_others_are_asked(
    database: Database,
) -> None:
    ward = await Ward(database).build()
    room, bus = await ward.room(), MemoryBus()
    async with Hub(database, bus, recheck_every=3600.0) as hub, AsyncExitStack() as stack:
        crowd = [await stack.enter_async_context(seated(hub, ward, "lea", room)) for _ in range(CROWD - 2)]
        paul = await stack.enter_async_context(seated(hub, ward, "paul", room))
        zoe = await stack.enter_async_context(seated(hub, ward, "zoe", room))

        async def spent(lost: Wire, because: str, because_id: str) -> int:
            """Statements until this one was cut, after the news of it."""
            count = 0

            def one_more(*_: object) -> None:
                nonlocal count
                count += not lost.code

            event.listen(database.engine.sync_engine, "before_cursor_execute", one_more)
            await bus.publish(REVOKED, msgspec.json.encode(News(because, because_id)))
            await until(lambda: bool(lost.code))
            event.remove(database.engine.sync_engine, "before_cursor_execute", one_more)
            return count

        async with database.write(ward.actor("zoe"), unaudited="a test's world") as tx:
            await tx.revoke("consult", "c" * 26)
        assert await spent(paul, "consult", "c" * 26) < FEW
        assert paul.code == CloseCode.RIGHT_WITHDRAWN
        # Meanwhile everybody is looked at still: the next one is not behind them.
        await ward.sign_out("zoe")
        assert await spent(zoe, "session", ward.actor("zoe").session_id[:16]) < FEW
        assert zoe.code == CloseCode.SESSION_ENDED
        # What names nobody cuts whom it must all the same, and nobody else before.
        assert not any(one.code for one in crowd)
        await ward.sign_out("lea")
        await bus.publish(REVOKED, b"what is this?")
        await until(lambda: all(one.code == CloseCode.SESSION_ENDED for one in crowd))


async def test_who_came_in_somebodys_stead_goes_on_as_who_they_are(database: Database) -> None:
    ward = await Ward(database).build()
    room, lea = await ward.room(), ward.actor("lea")
    await ward.world.person("tess", "cayenne", "Tess", "Vidal", roles=(Role.TECHNICIAN,))
    await ward.sign_in("tess")
    now = database.clock()
    hour = timedelta(hours=1)
    there = {"absent_id": lea.person_id, "delegate_id": ward.person("tess")}
    await delegations.give(database, lea, **there, starts_at=now - hour, ends_at=now + timedelta(minutes=9))
    async with database.read() as reader:
        tess = await standing.of(reader, ward.actor("tess"))
    assert tess is not None
    ward.world.actors["tess"] = tess
    async with (
        Hub(database, MemoryBus(), recheck_every=3600.0) as hub,
        connected(hub, ward, "tess", room) as (connection, wire),
    ):
        perform = hub.rooms[room].perform
        assert isinstance(await perform(connection.actor, Operation("t" * 16, Take(1))), Acknowledged)
        assert isinstance(await perform(ward.actor("zoe"), Operation("z" * 16, Take(2))), Acknowledged)
        database.clock = lambda: now + timedelta(minutes=10)  # it ends by itself: nobody says so
        await hub.recheck([connection])
        assert not wire.code, "a technician may look"
        assert connection.actor.roles == {Role.TECHNICIAN}
        refused = await perform(connection.actor, Operation("s" * 16, Take(3)))
        assert refused == RefusedOperation("s" * 16, "error-forbidden")
    assert [one["roles"] for one in await ward.audited("room.left")] == [["technician"]]


async def test_what_cannot_be_read_of_one_is_looked_at_again_and_the_others_are_asked_all_the_same(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    ward = await Ward(database).build()
    room = await ward.room()
    seconds = 0.0
    async with Hub(database, MemoryBus(), recheck_every=3.0, clock=lambda: seconds) as hub, AsyncExitStack() as stack:
        paul, at_paul = await stack.enter_async_context(connected(hub, ward, "paul", room))
        zoe, at_zoe = await stack.enter_async_context(connected(hub, ward, "zoe", room))
        lea, at_lea = await stack.enter_async_context(connected(hub, ward, "lea", room))
        async with database.write(ward.actor("zoe"), unaudited="a defect") as tx:
            await tx.execute(delete(membership).where(membership.c.person_id == ward.person("paul")))
            of_paul = {"person_id": ward.person("paul"), "institution_id": ward.actor("paul").institution_id}
            await tx.insert(membership, **of_paul, roles=["unheard-of"])
        await ward.sign_out("lea")
        seconds = 4.0
        await hub.recheck([paul, zoe, lea])
        assert "a right could not be checked" in caplog.text
        assert (at_paul.code, at_zoe.code, at_lea.code) == (0, 0, CloseCode.SESSION_ENDED)
        assert (paul.checked_at, zoe.checked_at) == (0.0, 4.0)
        seconds = 7.0
        await hub.recheck([paul, zoe])
        assert (at_paul.code, at_zoe.code) == (CloseCode.TRY_LATER, 0)
