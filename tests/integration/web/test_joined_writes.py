"""Heads of answers wait for the first of their body, and no longer than the application does."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from starlette.types import ASGIApp, Receive, Scope, Send

from tests.rooms import until
from web.joined_writes import COPIED
from web.server import server_of
from web.settings import Settings

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
Answer = Callable[[Receive, Send], Awaitable[None]]


def application(answer: Answer) -> ASGIApp:
    async def found(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await answer(receive, send)
            return
        while (await receive())["type"] != "lifespan.shutdown":
            await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})

    return found


@asynccontextmanager
async def served(answer: Answer) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to a server that answers so."""
    server = server_of(application(answer), Settings(log_level="warning"), 0)
    running = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.servers[0].sockets[0].getsockname()[1])
    try:
        yield reader, writer
    finally:
        writer.close()
        server.should_exit = True
        await running


async def head(send: Send, length: int) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % length)]})


async def test_a_head_goes_out_before_a_body_that_is_waited_for() -> None:
    go_on = asyncio.Event()

    async def answer(_receive: Receive, send: Send) -> None:
        await head(send, 4)
        await go_on.wait()
        await send({"type": "http.response.body", "body": b"bo", "more_body": True})
        await send({"type": "http.response.body", "body": b"dy"})

    async with served(answer) as (reader, writer):
        writer.write(GET)
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
        go_on.set()
        assert await reader.readexactly(4) == b"body"


async def test_bodies_of_any_length_come_whole_behind_their_heads() -> None:
    lengths = [0, 1, COPIED, COPIED + 1, 20 * COPIED]
    left = list(lengths)

    async def answer(_receive: Receive, send: Send) -> None:
        length = left.pop(0)
        await head(send, length)
        await send({"type": "http.response.body", "body": b"x" * length})

    async with served(answer) as (reader, writer):
        for length in lengths:
            writer.write(GET)
            assert b"content-length: %d\r\n" % length in await reader.readuntil(b"\r\n\r\n")
            assert await reader.readexactly(length) == b"x" * length


async def test_an_answer_without_a_body_goes_out_though_the_connection_ends() -> None:
    async def answer(_receive: Receive, send: Send) -> None:
        await head(send, 4)
        await send({"type": "http.response.body", "body": b"body"})

    async with served(answer) as (reader, writer):
        writer.write(b"HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert (await reader.read()).endswith(b"connection: close\r\n\r\n")
