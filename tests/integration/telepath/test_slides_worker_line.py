"""Both ends of the conversation with a worker: telepath/slides/worker_line.py, and ``serve`` of worker.py."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
import pytest

from telepath.errors import SlideForbidden
from telepath.slides import worker_line
from telepath.slides.messages import LENGTH, ComposeTile, Done, DrawPages, Failed, Reply, Request
from telepath.slides.worker import AT_ONCE, serve
from telepath.slides.worker_line import USUAL, Line

ASKED = DrawPages(b"asked")


@asynccontextmanager
async def conversation() -> AsyncIterator[tuple[Line, socket.socket]]:
    """A line, and the worker's end of it."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    theirs.setblocking(False)
    _, line = await asyncio.get_running_loop().create_unix_connection(Line, sock=ours)
    with theirs:
        yield line, theirs
        await line.close()


async def answered(line: Line, theirs: socket.socket, *parts: bytes) -> Reply:
    """What ``ask`` gives when the worker sends ``parts``, each of which is on its way before the next."""
    asking = asyncio.create_task(line.ask(ASKED, 30))
    loop = asyncio.get_running_loop()
    await loop.sock_recv(theirs, 1024)
    for part in parts:
        await loop.sock_sendall(theirs, part)
        await asyncio.sleep(0)
    return await asking


def wire(reply: Reply) -> bytes:
    body = msgspec.msgpack.encode(reply)
    return LENGTH.pack(len(body)) + body


async def test_answers_of_all_lengths_come_whole_one_after_the_other() -> None:
    async with conversation() as (line, theirs):
        for length in (0, 1, USUAL - 50, USUAL, 3 * USUAL + 1, 5 << 20, 10):
            reply = Done(os.urandom(length), memory=length)
            assert await answered(line, theirs, wire(reply)) == reply
        assert await answered(line, theirs, wire(Failed("TileUnreadable", "c", {}))) == Failed(
            "TileUnreadable", "c", {}
        )


async def test_an_answer_may_come_in_pieces() -> None:
    reply = Done(b"tile" * 100)
    data = wire(reply)
    for cut in (1, 3, 4, 5, len(data) - 1):
        async with conversation() as (line, theirs):
            assert await answered(line, theirs, data[:cut], data[cut:]) == reply


async def test_a_worker_that_says_too_much_is_not_heard() -> None:
    async with conversation() as (line, theirs):
        with pytest.raises(SlideForbidden):
            await answered(line, theirs, LENGTH.pack(worker_line.MAX_ANSWER + 1))


async def test_what_nobody_asked_for_is_nobodys_answer() -> None:
    reply = Done(b"tile")
    async with conversation() as (line, theirs):
        assert await answered(line, theirs, wire(reply) + wire(Done(b"and one more"))) == reply
        with pytest.raises(EOFError):
            await line.ask(ASKED, 30)
    async with conversation() as (line, theirs):
        assert await answered(line, theirs, wire(reply)) == reply
        await asyncio.get_running_loop().sock_sendall(theirs, wire(Done(b"and one more")))
        assert await asyncio.get_running_loop().sock_recv(theirs, 1) == b""
        with pytest.raises(EOFError):
            await line.ask(ASKED, 30)


async def test_a_worker_that_says_something_else_is_not_believed() -> None:
    for said in (b"\xc1", b"\x80", b"", b"\x81\xa4type\xa4Open"):
        async with conversation() as (line, theirs):
            with pytest.raises(msgspec.DecodeError):
                await answered(line, theirs, LENGTH.pack(len(said)) + said)


async def test_the_end_of_a_worker_is_heard_before_and_within_its_answer() -> None:
    for part in (b"", b"\0\0", wire(Done(b"tile"))[:-1]):
        async with conversation() as (line, theirs):
            asking = asyncio.create_task(line.ask(ASKED, 30))
            await asyncio.get_running_loop().sock_recv(theirs, 1024)
            await asyncio.get_running_loop().sock_sendall(theirs, part)
            theirs.close()
            with pytest.raises(EOFError):
                await asking
            with pytest.raises(EOFError):
                await line.ask(ASKED, 30)


async def test_no_answer_in_time_is_told() -> None:
    async with conversation() as (line, _):
        with pytest.raises(TimeoutError):
            await line.ask(ASKED, 0.01)


@pytest.mark.parametrize("length", [0, 1000, AT_ONCE, 3 * AT_ONCE])
async def test_a_worker_takes_requests_of_all_lengths_and_ends_with_who_asks(length: int) -> None:
    def answer(request: Request) -> bytes:
        assert isinstance(request, ComposeTile)
        return request.pictures[0]

    ours, theirs = socket.socketpair()
    with theirs:
        serving = asyncio.create_task(asyncio.to_thread(serve, theirs.fileno(), theirs.fileno(), answer))
        ours.setblocking(False)
        _, line = await asyncio.get_running_loop().create_unix_connection(Line, sock=ours)
        for _ in range(3):
            picture = os.urandom(length)
            reply = await line.ask(ComposeTile(pictures=(picture,), across=1, width=1, height=1), 30)
            assert isinstance(reply, Done)
            assert reply.answer == picture
        failed = await line.ask(ASKED, 30)
        assert isinstance(failed, Failed)
        assert failed.kind == "AttachmentUnreadable"
        await line.close()
        await serving
