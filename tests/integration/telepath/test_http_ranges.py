"""Ranges over HTTP, against servers that say what the test wants, byte by byte."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from telepath.http_ranges import Answer, RangeClient, Target, target
from tests.certificates import make_certificates
from tests.rooms import until

HEAD = b"HTTP/1.1 206 Partial Content\r\nContent-Length: 4\r\n"


class Server:
    """``says`` one thing for each request of a connection; None ends it."""

    def __init__(self, *says: bytes | None) -> None:
        self.says = list(says)
        self.requests: list[bytes] = []
        self.connections = 0
        self.target: Target

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                self.requests.append(await reader.readuntil(b"\r\n\r\n"))
                said = self.says.pop(0)
                if said is None:
                    return
                writer.write(said)
        except asyncio.IncompleteReadError:
            return
        finally:
            writer.close()


@asynccontextmanager
async def serving(*says: bytes | None) -> AsyncIterator[Server]:
    made = Server(*says)
    server = await asyncio.start_server(made.answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    made.target = target(f"http://127.0.0.1:{port}/bucket/a%20b?X-Amz-Signature=1")
    try:
        yield made
    finally:
        server.close()


@pytest.fixture
async def client() -> AsyncIterator[RangeClient]:
    made = RangeClient(2, seconds=1)
    yield made
    await made.close()


WHOLE = HEAD + b"\r\nabcd"


async def test_a_range_is_asked_for_and_the_connection_kept(client: RangeClient) -> None:
    async with serving(WHOLE, WHOLE) as server:
        for offset in (0, 100):
            assert await client.get(server.target, offset, 4) == Answer(206, b"abcd")
        assert server.connections == 1
    first, second = server.requests
    assert first.startswith(b"GET /bucket/a%20b?X-Amz-Signature=1 HTTP/1.1\r\nHost: 127.0.0.1:")
    assert first.endswith(b"Range: bytes=0-3\r\n\r\n")
    assert second.endswith(b"Range: bytes=100-103\r\n\r\n")


async def test_what_comes_in_pieces_or_in_chunks_is_put_together(client: RangeClient) -> None:
    chunked = b"HTTP/1.1 206 x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n2\r\ncd\r\n0\r\n\r\n"
    async with serving(chunked, b"HTTP/1.1 100 Continue\r\n\r\n" + WHOLE) as server:
        assert await client.get(server.target, 0, 4) == Answer(206, b"abcd")
        assert await client.get(server.target, 0, 4) == Answer(206, b"abcd")


async def test_a_connection_that_dropped_is_made_anew_once(client: RangeClient) -> None:
    async with serving(WHOLE, None, WHOLE, HEAD + b"\r\nab", None) as server:
        await client.get(server.target, 0, 4)
        assert await client.get(server.target, 4, 4) == Answer(206, b"abcd")
        assert server.connections == 2
    async with serving(None, None) as server:
        with pytest.raises(ConnectionError):
            await client.get(server.target, 0, 4)
        assert server.connections == 2


async def test_a_server_that_says_nothing_is_not_waited_for(client: RangeClient) -> None:
    async with serving(b"") as server:
        with pytest.raises(TimeoutError):
            await client.get(server.target, 0, 4)
        server.says.append(WHOLE)
        assert await client.get(server.target, 0, 4) == Answer(206, b"abcd")
        assert server.connections == 2, "what is still to come on the first belongs to nobody"


async def test_a_server_that_closes_is_believed(client: RangeClient) -> None:
    async with serving(HEAD + b"Connection: close\r\n\r\nabcd", WHOLE) as server:
        for _ in range(2):
            await client.get(server.target, 0, 4)
        assert server.connections == 2


@pytest.mark.parametrize(
    "said", [b"SSH-2.0-x\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n" + b"x" * 99999]
)
async def test_what_is_no_answer_to_a_range_is_an_error(client: RangeClient, said: bytes) -> None:
    async with serving(said) as server:
        with pytest.raises(OSError, match=r"HTTP|more"):
            await client.get(server.target, 0, 4)


async def test_there_are_never_more_connections_than_allowed(client: RangeClient) -> None:
    async with serving(*[WHOLE] * 40) as server:
        await asyncio.gather(*(client.get(server.target, 0, 4) for _ in range(40)))
        assert server.connections <= 2


async def test_who_leaves_before_the_answer_takes_the_connection_along(client: RangeClient) -> None:
    async with serving(b"") as server:
        leaves = asyncio.create_task(client.get(server.target, 0, 4))
        await until(lambda: bool(server.requests))
        leaves.cancel()
        await asyncio.gather(leaves, return_exceptions=True)
        server.says.append(WHOLE)
        assert await client.get(server.target, 0, 4) == Answer(206, b"abcd")
        assert server.connections == 2


async def test_a_server_is_asked_over_tls_only_when_somebody_vouches_for_it(
    client: RangeClient, tmp_path: Path
) -> None:
    certificates = make_certificates(tmp_path)
    made = Server(WHOLE)
    server = await asyncio.start_server(made.answer, "127.0.0.1", 0, ssl=certificates.server())
    there = target(f"https://localhost:{server.sockets[0].getsockname()[1]}/bucket/a")
    trusting = RangeClient(authorities=str(certificates.authority))
    assert await trusting.get(there, 0, 4) == Answer(206, b"abcd")
    with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
        await client.get(there, 0, 4)
    assert len(made.requests) == 1
    await trusting.close()
    server.close()
    await server.wait_closed()


@pytest.mark.parametrize("url", ["ftp://a/b", "http:///b", "http://a/b c", "http://a/b\r\nX: y", "http://a/é"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError):
        target(url)
