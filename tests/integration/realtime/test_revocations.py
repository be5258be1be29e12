"""A node full of people: who lost a right is cut before the others are asked about theirs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import msgspec
from sqlalchemy import event

from realtime import messages
from realtime.bus import REVOKED
from realtime.bus_memory import MemoryBus
from realtime.close_codes import CloseCode
from realtime.hub import Hub
from realtime.messages import Hello
from realtime.revocations import News
from realtime.wire import Message
from telepath.db.database import Database
from tests.rooms import Ward, until

CROWD = 100
FEW = 150
"""Statements, those of the look at everybody that has begun included. That takes more than five of them for each."""


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
async def seated(hub: Hub, ward: Ward, key: str, room: str) -> AsyncIterator[Wire]:
    """Somebody in the room, from the hub's side of the socket."""
    wire = Wire()
    connection = hub.connect(wire, ward.actor(key), room, acknowledges=False)
    running = asyncio.create_task(connection.run())
    try:
        connection.receive(msgspec.json.encode(Hello(protocol=messages.PROTOCOL)).decode())
        await until(lambda: connection.seat is not None)
        yield wire
    finally:
        connection.lost()
        await running


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
