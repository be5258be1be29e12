"""How often a room sends, and how long it waits for who says nothing. The hub's clock is set by hand."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from realtime import calls, frames, wire
from realtime.bus_memory import MemoryBus
from realtime.calls import Call
from realtime.close_codes import CloseCode
from realtime.frames import ViewportFrame
from realtime.presence import Seat
from telepath.db.database import Database
from tests.builders import MASTER_KEY
from tests.rooms import Ward, node


@pytest.fixture
async def ward(sqlite_url: str) -> AsyncIterator[Ward]:
    db = Database(sqlite_url, MASTER_KEY)
    yield await Ward(db).build()
    await db.close()


class Clock:
    """Seconds; stands still until somebody moves it."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


async def test_the_first_field_leaves_at_once_and_of_those_behind_it_the_last_each_built_and_published_once(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, bus, room = Clock(), MemoryBus(), await ward.room()
    subject, there = calls.topic(room, calls.FRAMES), calls.topic(room, calls.PRESENCE)
    built: list[bytes] = []
    binary = wire.binary

    def counted(payload: bytes) -> wire.Message:
        built.append(payload)
        return binary(payload)

    async with (
        node(ward.db, bus, clock=clock) as ours,
        ours.guest("zoe", room) as zoe,
        ours.guest("paul", room) as paul,
        ours.guest("lea", room) as lea,
        bus.subscribe(subject) as published,
    ):
        max_ = Seat(1000, ward.person("max"), "Dr Max", "Rennes", 1)
        await bus.publish(there, calls.encode(Call("the other", (max_,), b"", 0)))
        await zoe.until(lambda: max_.person in zoe.members)
        clock.now += 1
        monkeypatch.setattr(wire, "binary", counted)
        live, moves = ours.hub.rooms[room], [zoe.viewport(x) for x in range(5)]
        for frame in moves:
            live.relay(zoe.you, frame)
            live.flush_soon()
        assert built == [frames.encode(moves[0])], "the first one waits for no tick"
        for follower in (paul, lea):
            await follower.until(lambda follower=follower: follower.field == moves[-1])  # type: ignore[misc]
            assert [one for one in follower.frames if isinstance(one, ViewportFrame)] == [moves[0], moves[-1]]
        assert built == [frames.encode(moves[0]), frames.encode(moves[-1])], "once for all"
        await bus.publish(subject, b"the end")
        told = []
        async with asyncio.timeout(5):
            async for _, payload in published:
                if payload == b"the end":
                    break
                told.append(payload)
        assert len(told) <= 2
        assert told[-1].endswith(frames.encode(moves[-1]))


async def test_who_says_nothing_for_ten_seconds_is_closed_and_may_come_back(ward: Ward) -> None:
    clock, room = Clock(), await ward.room()
    async with (
        node(ward.db, MemoryBus(), clock=clock) as ours,
        ours.guest("zoe", room) as zoe,
        ours.guest("paul", room, acks=False) as paul,
    ):
        clock.now += 9
        told = len(zoe.of("pong"))
        await zoe.say({"type": "ping", "at": 9})
        await paul.until(lambda: bool(paul.of("tick")))
        await zoe.until(lambda: len(zoe.of("pong")) > told)
        clock.now += 2
        assert await paul.closed() == CloseCode.SLOW
        await zoe.operate("say", text="encore là")
        await zoe.until(lambda: bool(zoe.of("fact")))
