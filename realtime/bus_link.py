"""One connection to Redis or Valkey: who is there, by which address, and answers taken apart as they come. The only module that
imports redis, and hiredis.
Source: RESP2, https://valkey.io/topics/protocol/
"""

import asyncio
import socket
import ssl
from collections.abc import Callable
from typing import Any, Final, cast

import hiredis
from redis.asyncio.connection import SSLConnection, parse_url
from redis.exceptions import RedisError

PATIENCE: Final = 2.0
"""Seconds to connect."""
BEAT: Final = 5.0
"""Seconds between two pings on a connection that is held: a half-open one is found after two."""
PORT: Final = 6379
Refused = hiredis.ReplyError
"""What the server answers when it does not do what it was asked for."""
FAILED: Final = (OSError, TimeoutError, hiredis.HiredisError)


class Link(asyncio.Protocol):
    """One connection. ``take`` gets each answer: bytes, a number, a list, or a ReplyError."""

    def __init__(self, take: Callable[[Any], None]) -> None:
        loop = asyncio.get_running_loop()
        self._reader = hiredis.Reader()
        self._clock = loop.time
        self._take = take
        self._transport: asyncio.Transport | None = None
        self._fault: Exception = ConnectionError()
        self.heard_at = loop.time()
        self.ended: asyncio.Future[None] = loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        plug = transport.get_extra_info("socket")
        if plug is not None:
            plug.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)

    def data_received(self, data: bytes) -> None:
        self.heard_at = self._clock()
        self._reader.feed(data)
        try:
            while (answer := self._reader.gets()) is not False:
                self._take(answer)
        except hiredis.ProtocolError as error:
            self.cut(error)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.ended.done():
            self.ended.set_result(None)

    def say(self, *words: str | bytes) -> None:
        """Send a command. Ignored once the connection has ended."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(hiredis.pack_command(cast("Any", words)))

    def cut(self, because: Exception | None = None) -> None:
        """``because``: what ``hold`` and ``ask`` raise then."""
        self._fault = because or self._fault
        if self._transport is not None:
            self._transport.abort()

    async def hold(self) -> None:
        """Ping until the connection ends, so that one whose other end is gone is noticed. Raises why it did, one of FAILED."""
        while self._clock() - self.heard_at <= 2 * BEAT:
            await asyncio.wait({self.ended}, timeout=BEAT)
            if self.ended.done():
                break
            self.say("PING")
        raise self._fault

    async def ask(self, *words: str | bytes) -> None:
        """Send a command before ``take`` is to get answers. Raises ReplyError, or why the connection ended."""
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        take, self._take = self._take, answer.set_result
        self.say(*words)
        await asyncio.wait({answer, self.ended}, return_when=asyncio.FIRST_COMPLETED)
        self._take = take
        if not answer.done():
            raise self._fault
        if isinstance(answer.result(), Refused):
            raise answer.result()


class Server:
    """Where the bus is, as ``url`` says: redis://, rediss:// or unix://. The number of a database means nothing to
    publish/subscribe, and is not told. Raises ValueError, which says nothing of ``url``: it may hold a password."""

    def __init__(self, url: str) -> None:
        self._tls: ssl.SSLContext | None = None
        try:
            self._options: dict[str, Any] = dict(parse_url(url))
            if self._options.pop("connection_class", None) is SSLConnection:
                chosen = {name: value for name, value in self._options.items() if name.startswith("ssl_")}
                self._tls = SSLConnection(**chosen).ssl_context.get()
        except (ValueError, TypeError, OSError, RedisError):
            raise ValueError("not the address of a bus") from None

    async def connect(self, take: Callable[[Any], None]) -> Link:
        """Raises one of FAILED."""
        loop, options = asyncio.get_running_loop(), self._options
        async with asyncio.timeout(PATIENCE):
            if "path" in options:
                _, link = await loop.create_unix_connection(lambda: Link(take), options["path"])
            else:
                host, port = options.get("host", "localhost"), options.get("port", PORT)
                _, link = await loop.create_connection(lambda: Link(take), host, port, ssl=self._tls)
            try:
                if "password" in options:
                    await link.ask("AUTH", *filter(None, (options.get("username"), options["password"])))
                # Without a password, this is where a server says that it wants one.
                await link.ask("PING")
            except BaseException:
                link.cut()
                raise
            return link


def trouble(error: Exception) -> str:
    """What one of FAILED is called in ``Bus.trouble``."""
    if isinstance(error, Refused):
        return "refused"
    return "tls" if isinstance(error, ssl.SSLError) else "unreachable"
