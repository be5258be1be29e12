"""realtime/fan_out.py on the sockets of web/server.py: what is written past the transport stays whole and in order, and reaches
whom it was for and nobody else."""

import asyncio
import itertools
import os
import socket
import ssl
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager, suppress
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket
from websockets.frames import Opcode

from realtime import fan_out, wire
from realtime.bus_memory import MemoryBus
from realtime.chorus import Chorus
from realtime.close_codes import CloseCode
from realtime.connection import Connection
from realtime.hub import Hub
from realtime.wire import Message
from telepath.db.database import Database
from tests.builders import MASTER_KEY
from tests.certificates import Certificates, make_certificates
from tests.conformance.raw import NORMAL, Raw, connected, framed
from tests.rooms import Ward, until
from web.server import AT_ONCE, RoomProtocol, room_socket, server_of
from web.settings import Settings

LONG = 8000
"""Bytes of a message: half of the credit that a follower has at first."""


class Follower:
    """A client that is sent what a chorus is, and the end of it that is ours."""

    def __init__(
        self, hub: Hub, far: Raw, connection: Connection, below: RoomProtocol, running: asyncio.Task[Any]
    ) -> None:
        self.hub, self.far, self.connection, self.below, self.running = hub, far, connection, below, running
        self.chorus = Chorus()
        self._told = itertools.count(1)

    def tell(self, message: Message) -> bool:
        """Whether it was sent; it is acknowledged at once, whoever reads it."""
        if fan_out.send(message, {0: self.connection}, self.chorus, self.hub.clock()):
            return False
        self.connection.mailbox.acked(next(self._told), self.hub.clock())
        return True


@pytest.fixture
async def hub(sqlite_url: str) -> AsyncIterator[Hub]:
    db = Database(sqlite_url, MASTER_KEY)
    yield Hub(db, MemoryBus())
    await db.close()


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@asynccontextmanager
async def following(hub: Hub, certificates: Certificates | None = None) -> AsyncIterator[Follower]:
    """``certificates``: through TLS."""
    ward = await Ward(hub.db).build()
    there: asyncio.Future[tuple[Connection, RoomProtocol, asyncio.Task[Any]]] = asyncio.Future()

    async def live(websocket: WebSocket) -> None:
        await websocket.accept()
        below = room_socket(websocket.scope)
        assert below is not None, "this is our own server"
        connection = hub.connect(below, ward.actor("zoe"), "room")
        below.attach(connection.receive, connection.lost, connection.hold)
        running = asyncio.create_task(connection.run())
        there.set_result((connection, below, running))
        with suppress(asyncio.CancelledError):
            await running

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[dict[str, Any]]:
        yield {}

    async with AsyncExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        server = server_of(
            Starlette(routes=[WebSocketRoute("/", live)], lifespan=lifespan), Settings(log_level="warning")
        )
        secure: ssl.SSLContext | None = None
        if certificates is not None:
            server.config.ssl_certfile, server.config.ssl_keyfile = certificates.chain, str(certificates.key)
            secure = certificates.client()
        serving = asyncio.create_task(server.serve([listener]))
        try:
            await until(lambda: server.started or serving.done())
            address = f"127.0.0.1:{listener.getsockname()[1]}"
            far = await stack.enter_async_context(connected(address, "/", secure=secure))
            yield Follower(hub, far, *await there)
        finally:
            server.should_exit = True
            await serving


async def test_what_the_kernel_does_not_take_goes_before_all_that_comes_later(hub: Hub) -> None:
    async with following(hub) as one:
        sent = 0

        def tell() -> bool:
            nonlocal sent
            told = one.tell(wire.binary(sent.to_bytes(4, "big") * (LONG // 4)))
            sent += told
            return told

        assert tell()
        assert one.chorus.files == {0: one.below.file}, "from now on past the transport"
        while one.chorus.files:
            assert tell()
        assert one.below.file == -1
        assert one.below.transport.get_write_buffer_size() > 0, "the rest of a message"
        while tell():
            assert one.chorus.files == {}, "nobody writes there while the transport has something to say"
        assert one.below.full
        for number in range(sent):
            assert await one.far.frame() == (Opcode.BINARY, number.to_bytes(4, "big") * (LONG // 4))
        await until(lambda: not one.below.full)
        assert tell()
        assert one.chorus.files == {0: one.below.file}, "and past it again"
        assert await one.far.frame() == (Opcode.BINARY, (sent - 1).to_bytes(4, "big") * (LONG // 4))


async def test_what_goes_by_the_transport_in_between_is_not_overtaken(hub: Hub) -> None:
    async with following(hub) as one:
        assert one.tell(wire.binary(b"first"))
        assert one.tell(wire.binary(b"past"))
        one.far.put(Opcode.PING, b"here")
        assert [await one.far.frame() for _ in range(3)] == [
            (Opcode.BINARY, b"first"),
            (Opcode.BINARY, b"past"),
            (Opcode.PONG, b"here"),
        ]
        assert one.chorus.files == {}, "who answers a ping steps out"
        assert one.tell(wire.binary(b"after"))
        assert await one.far.frame() == (Opcode.BINARY, b"after")


ENDS: dict[str, Callable[[Follower], object]] = {
    "the client says goodbye": lambda one: one.far.put(Opcode.CLOSE, NORMAL),
    "the client goes": lambda one: one.far.writer.close(),
    "the client is cut off": lambda one: one.far.writer.transport.abort(),
    "the client breaks the protocol": lambda one: one.far.writer.write(b"\xff\xff\xff\xff\xff\xff\xff\xff"),
    "the room closes": lambda one: one.connection.close(CloseCode.SLOW),
    "the server stops": lambda one: one.below.shutdown(),
    "the transport breaks": lambda one: one.below.transport.abort(),
    "its work is cancelled": lambda one: one.running.cancel(),
}


def is_open(number: int) -> bool:
    with suppress(OSError):
        os.fstat(number)
        return True
    return False


@contextmanager
def taking(number: int) -> Iterator[socket.socket]:
    """Somebody else's connection, whose end here has this number, which is free: the other end of it."""
    with ExitStack() as stack:
        while True:  # the system gives the lowest that is free
            pair = [stack.enter_context(one) for one in socket.socketpair()]
            numbers = [one.fileno() for one in pair]
            if number in numbers:
                break
            assert min(numbers) < number, "the number is still in use"
        far = pair[1 - numbers.index(number)]
        far.setblocking(False)
        yield far


@pytest.mark.parametrize("how", ENDS)
async def test_whoever_gets_the_number_of_a_socket_that_ended_is_sent_nothing(how: str, hub: Hub) -> None:
    async with following(hub) as one:
        assert one.tell(wire.binary(b"first"))
        number = one.below.file
        assert one.chorus.files == {0: number}
        ENDS[how](one)
        await until(lambda: one.connection.ended or one.below.transport.is_closing())
        fan_out.send(wire.binary(b"while it ends"), {0: one.connection}, one.chorus, hub.clock())
        one.far.writer.transport.abort()
        await until(lambda: one.below not in one.below.connections)
        assert (one.chorus.files, one.below.file) == ({}, -1)
        await until(lambda: not is_open(number))
        with taking(number) as stranger:
            fan_out.send(wire.binary(b"late"), {0: one.connection}, one.chorus, hub.clock())
            one.below.write(wire.binary(b"late"))
            one.connection.close(CloseCode.SLOW)
            with pytest.raises(BlockingIOError):
                stranger.recv(1)


async def test_through_tls_nothing_goes_past_the_transport(hub: Hub, certificates: Certificates) -> None:
    async with following(hub, certificates) as one:
        for word in (b"first", b"second", b"third"):
            assert one.tell(wire.binary(word))
            assert await one.far.frame() == (Opcode.BINARY, word)
            assert (one.chorus.files, one.below.file) == ({}, -1)


async def test_much_that_comes_at_once_is_taken_in_by_turns(hub: Hub) -> None:
    async with following(hub) as one:
        turn, taken = 0, Counter[int]()
        ping = framed(Opcode.PING, b"*" * 100)

        async def others() -> None:
            nonlocal turn
            while True:
                turn += 1
                await asyncio.sleep(0)

        one.below._hold = lambda: taken.update((turn,))
        one.below.transport.pause_reading()
        one.far.writer.write(600 * ping)
        await one.far.writer.drain()
        counting = asyncio.create_task(others())
        one.below.transport.resume_reading()
        for _ in range(600):
            assert await one.far.frame() == (Opcode.PONG, b"*" * 100)
        counting.cancel()
        assert taken.total() == 600
        assert max(taken.values()) <= 2 * AT_ONCE / len(ping)
