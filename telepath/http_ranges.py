"""Ranges of objects over HTTP, in the event loop, a few dozen microseconds each.

A GET with a Range on a connection that stays open, and nothing else: no redirect, no cookie, no proxy. A general client takes
ten times the processor's time for a tile (tests/bench/bench_storage.py)."""

import asyncio
import ssl
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from httptools import HttpParserCallbackError, HttpParserError, HttpParserUpgrade, HttpResponseParser

CONNECTIONS: Final = 32
CONNECT_SECONDS: Final = 5.0
ANSWER_SECONDS: Final = 10.0
"""Until a small range is there, the wait for a connection included."""
BYTES_PER_SECOND: Final = 1 << 20
"""What a larger range may take besides."""
IDLE_SECONDS: Final = 15.0
"""Servers close what is longer idle, and what is between may forget it without a word."""
LONGEST_REFUSAL: Final = 64 << 10
PORTS: Final = {"http": 80, "https": 443}


class Target(NamedTuple):
    """An object's address, made ready to be asked for."""

    host: str
    port: int
    tls: bool
    head: bytes
    """The request up to where the range stands."""


class Answer(NamedTuple):
    status: int
    body: bytes


def target(url: str) -> Target:
    """Raises ValueError: not an address of http or https."""
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname or not url.isascii() or not url.isprintable() or " " in url:
        raise ValueError
    asked = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    head = f"GET {asked} HTTP/1.1\r\nHost: {parts.netloc}\r\nAccept-Encoding: identity\r\nRange: bytes="
    return Target(parts.hostname, parts.port or PORTS[parts.scheme], parts.scheme == "https", head.encode())


class RangeClient:
    """At most ``limit`` connections; whoever finds none waits for one."""

    def __init__(
        self,
        limit: int = CONNECTIONS,
        *,
        authorities: str | None = None,
        seconds: float = ANSWER_SECONDS,
    ) -> None:
        """``authorities``: a PEM file of who vouches for servers, instead of those of the system."""
        self._turn = asyncio.Semaphore(limit)
        self._idle: list[_Connection] = []
        self._authorities = authorities
        self._seconds = seconds
        self._trust: ssl.SSLContext | None = None

    async def get(self, target: Target, offset: int, length: int) -> Answer:
        """What the server says to ``length`` (at least 1) bytes from ``offset``. A connection that drops is tried once more.

        Raises OSError: no connection, it dropped twice, too late (TimeoutError), or what came is no such answer."""
        request = target.head + b"%d-%d\r\n\r\n" % (offset, offset + length - 1)
        async with asyncio.timeout(self._seconds + length / BYTES_PER_SECOND), self._turn:
            try:
                return await self._asked(target, request, length, fresh=False)
            except ConnectionError:
                return await self._asked(target, request, length, fresh=True)

    async def _asked(self, target: Target, request: bytes, length: int, *, fresh: bool) -> Answer:
        connection = (None if fresh else self._waiting(target)) or await self._connected(target)
        try:
            answer = await connection.ask(request, length)
        except BaseException:  # half an answer may still come
            connection.close()
            raise
        if connection.usable:
            connection.idle_since = asyncio.get_running_loop().time()
            self._idle.append(connection)
        return answer

    def _waiting(self, target: Target) -> "_Connection | None":
        """The connection that was used last, if the server still holds it."""
        oldest = asyncio.get_running_loop().time() - IDLE_SECONDS
        while self._idle:
            connection = self._idle.pop()
            if connection.usable and connection.idle_since > oldest and connection.place == target[:3]:
                return connection
            connection.close()
        return None

    async def _connected(self, target: Target) -> "_Connection":
        if target.tls and self._trust is None:
            self._trust = await asyncio.to_thread(ssl.create_default_context, cafile=self._authorities)
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(CONNECT_SECONDS):
            _, connection = await loop.create_connection(
                lambda: _Connection(target[:3]), target.host, target.port, ssl=self._trust if target.tls else None
            )
        return connection

    async def close(self) -> None:
        while self._idle:
            self._idle.pop().close()
        await asyncio.sleep(0)  # the transports close in the loop's next round


class _Connection(asyncio.Protocol):
    """One connection; asks one thing at a time."""

    def __init__(self, place: tuple[str, int, bool]) -> None:
        self.place = place
        self.usable = True
        self.idle_since = 0.0
        self._transport: asyncio.Transport
        self._parser: HttpResponseParser
        self._answer: asyncio.Future[Answer] | None = None
        self._parts: list[bytes] = []
        self._room = 0

    async def ask(self, request: bytes, length: int) -> Answer:
        """Raises ConnectionError: it dropped; OSError: what came is no answer."""
        if not self.usable:
            raise ConnectionResetError
        self._answer = asyncio.get_running_loop().create_future()
        self._parser = HttpResponseParser(self)
        self._parts, self._room = [], max(length, LONGEST_REFUSAL)
        self._transport.write(request)
        try:
            return await self._answer
        finally:
            self._answer = None

    def close(self) -> None:
        self.usable = False
        self._transport.abort()

    def _failed(self, error: OSError) -> None:
        self.usable = False
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        if self._answer is None or self._answer.done():  # nobody asked
            self.close()
            return
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserCallbackError, HttpParserUpgrade):
            self._failed(OSError("not HTTP"))

    def on_body(self, body: bytes) -> None:
        self._room -= len(body)
        if self._room < 0:  # a server that knows no ranges would send gigabytes
            self._failed(OSError("more than was asked for"))
        else:
            self._parts.append(body)

    def on_message_complete(self) -> None:
        status = self._parser.get_status_code()
        if status < 200 or self._answer is None or self._answer.done():
            return
        self.usable = self.usable and self._parser.should_keep_alive()
        self._answer.set_result(Answer(status, b"".join(self._parts)))
        if not self.usable:
            self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._failed(ConnectionResetError())
