"""web/server.py in a room: what Autobahn finds in the engine below it, recreated with raw sockets. Numbers are of Autobahn's
cases; test_server_conformance.py has those that need no room."""

import asyncio
import struct
from collections.abc import AsyncIterator

import pytest
from websockets.frames import Opcode

from realtime.bus_memory import MemoryBus
from realtime.frames import AckRecord, StrokeFrame
from realtime.messages import MAX_BYTES
from realtime.wire import HIGH_WATER
from telepath.db.database import Database
from tests.builders import MASTER_KEY
from tests.conformance.raw import NORMAL, Raw, connected
from tests.rooms import Node, Ward, node
from web.server import RoomProtocol


@pytest.fixture
async def place(sqlite_url: str) -> AsyncIterator[tuple[Node, Ward]]:
    db = Database(sqlite_url, MASTER_KEY)
    ward = await Ward(db).build()
    async with node(db, MemoryBus()) as running:
        yield running, ward
    await db.close()


@pytest.fixture
async def raw(place: tuple[Node, Ward]) -> AsyncIterator[Raw]:
    """Connected to a room, before the hello."""
    running, ward = place
    room = await ward.room()
    host = running.origin.removeprefix("http://")
    who = (f"Origin: {running.origin}", "Cookie: telepath=cookie-of-zoe")
    async with connected(host, f"/rooms/{room}/live", *who) as client:
        yield client


HELLO = b'{"type":"hello","protocol":3}'


async def test_7_1_5_a_close_in_the_middle_of_a_message_is_answered_in_kind(raw: Raw) -> None:
    raw.put(Opcode.TEXT, b"fragment1", fin=False)
    raw.put(Opcode.CLOSE, NORMAL)
    raw.put(Opcode.CONT, b"fragment2")
    assert await raw.end() == [(Opcode.CLOSE, NORMAL)]


async def test_7_1_3_a_ping_after_the_close_is_not_answered(raw: Raw) -> None:
    raw.put(Opcode.CLOSE, NORMAL)
    raw.put(Opcode.PING, b"out of band")
    assert await raw.end() == [(Opcode.CLOSE, NORMAL)]


async def test_7_1_4_a_message_after_the_close_is_not_read(raw: Raw) -> None:
    raw.put(Opcode.CLOSE, NORMAL)
    raw.put(Opcode.TEXT, b"not json")
    assert await raw.end() == [(Opcode.CLOSE, NORMAL)]


async def test_5_6_a_ping_between_fragments_is_answered_at_once_and_the_message_goes_on(raw: Raw) -> None:
    raw.put(Opcode.TEXT, HELLO[:9], fin=False)
    raw.put(Opcode.PING, b"between")
    raw.put(Opcode.CONT, b"", fin=False)
    raw.put(Opcode.CONT, HELLO[9:])
    raw.put(Opcode.PING, b"after")
    raw.put(Opcode.CLOSE, NORMAL)
    assert await raw.end() == [(Opcode.PONG, b"between"), (Opcode.PONG, b"after"), (Opcode.CLOSE, NORMAL)]


@pytest.mark.parametrize("opcode", [Opcode.TEXT, Opcode.BINARY])
async def test_5_18_a_new_message_inside_another_is_a_protocol_error(opcode: Opcode, raw: Raw) -> None:
    raw.put(Opcode.TEXT, b"fragment1", fin=False)
    raw.put(opcode, b"fragment2")
    ((last, body),) = await raw.end()
    assert (last, body[:2]) == (Opcode.CLOSE, struct.pack("!H", 1002))


async def test_6_3_1_text_that_is_not_utf8_is_closed_with_1007(raw: Raw) -> None:
    raw.put(Opcode.TEXT, b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80edited")
    ((last, body),) = await raw.end()
    assert (last, body[:2]) == (Opcode.CLOSE, struct.pack("!H", 1007))


@pytest.mark.parametrize("code", [0, 999, 1004, 1005, 1006, 1015, 65535])
async def test_7_9_a_close_code_that_does_not_exist_is_a_protocol_error(code: int, raw: Raw) -> None:
    raw.put(Opcode.CLOSE, struct.pack("!H", code))
    ((last, body),) = await raw.end()
    assert (last, body[:2]) == (Opcode.CLOSE, struct.pack("!H", 1002))


async def test_9_3_a_message_in_very_many_fragments_is_one_message(raw: Raw) -> None:
    hello = HELLO + b" " * (MAX_BYTES - len(HELLO) - 1)
    raw.put(Opcode.TEXT, hello[:1], fin=False)
    for byte in hello[1:20_000]:
        raw.put(Opcode.CONT, bytes((byte,)), fin=False)
    raw.put(Opcode.CONT, hello[20_000:])
    raw.put(Opcode.PING, b"done")
    raw.put(Opcode.CLOSE, NORMAL)
    assert await raw.end() == [(Opcode.PONG, b"done"), (Opcode.CLOSE, NORMAL)]


async def test_empty_fragments_without_end_are_not_collected(raw: Raw, place: tuple[Node, Ward]) -> None:
    raw.put(Opcode.TEXT, b"", fin=False)
    for _ in range(20_000):
        raw.put(Opcode.CONT, b"", fin=False)
    raw.put(Opcode.PING, b"still there")
    await raw.writer.drain()
    assert await asyncio.wait_for(raw.reader.readexactly(13), 10) == b"\x8a\x0bstill there"
    (connection,) = place[0].server.server_state.connections
    assert len(connection.frames) <= 1  # type: ignore[union-attr]


async def test_a_message_over_the_limit_is_closed_with_1009_before_it_is_read(raw: Raw) -> None:
    raw.writer.write(b"\x82\xff" + struct.pack("!Q", 10**12) + b"\0\0\0\0")
    ((last, body),) = await raw.end()
    assert (last, body[:2]) == (Opcode.CLOSE, struct.pack("!H", 1009))


async def test_a_follower_who_stops_reading_does_not_slow_the_others(place: tuple[Node, Ward]) -> None:
    """He reads nothing, yet acknowledges all: his credit never ends, and the socket's own buffer is what is bounded."""
    running, ward = place
    room = await ward.room()
    async with (
        running.guest("zoe", room) as zoe,
        running.guest("lea", room) as lea,
        running.guest("paul", room, acks=False) as paul,
    ):
        assert paul._socket is not None
        paul._socket.transport.pause_reading()
        (stuck,) = [c for c in running.hub._connections if c.actor.person_id == ward.person("paul")]
        below = stuck._socket
        assert isinstance(below, RoomProtocol)
        sent, most, full = paul.received, 0, 0
        while full < 20:
            shown = zoe.viewport(most)
            ink = StrokeFrame(zoe.you, zoe.epoch, shown.sequence, 0, 0, 0, steps=((1, 1),) * 255)
            await zoe.send(shown, ink)
            await lea.until(lambda shown=shown: lea.field == shown)  # type: ignore[misc]
            await paul.send(AckRecord(stuck.mailbox.messages))
            most = max(most, below.transport.get_write_buffer_size())
            full += below.full
            lea.frames.clear()
            await asyncio.sleep(0.02)
        assert HIGH_WATER <= most < HIGH_WATER + 2048, "what is more waits in its slot"
        assert (paul.received, zoe.close_code, paul.close_code) == (sent, None, None)
        paul._socket.transport.resume_reading()
        await paul.until(lambda: paul.field == shown)
