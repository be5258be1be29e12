"""The bus of several nodes: publish/subscribe of Redis or Valkey. The only module that imports redis.

One connection listens for the whole process and another one publishes; hiredis takes apart what comes, right where the event
loop has read it: through redis-py's own connections each message would pass a stream, a lock and two tasks, and be half a
millisecond later on the other node. And its PubSub reconnects without a word, so that nobody learns of the gap; here a broken
connection is counted, made again, and its topics asked for again.
Source: RESP2, https://valkey.io/topics/protocol/
"""

import asyncio
import contextlib
import logging
import socket
import ssl
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final, cast

import hiredis
from redis.asyncio.connection import SSLConnection, parse_url

from realtime.bus import Inbox

log = logging.getLogger("telepath.bus")

PATIENCE: Final = 2.0
"""Seconds to connect, to publish, or for a subscription to be confirmed."""
BACK_OFF: Final = (0.05, 0.1, 0.2, 0.5, 1.0)
"""Seconds before the next attempts to connect."""
BEAT: Final = 5.0
"""Seconds between two pings on the listening connection: a half-open one is found after two."""
REST: Final = 0.25
"""Seconds without any attempt after a failed publish: a dead server must not cost every frame its patience."""
PORT: Final = 6379
FAILED: Final = (OSError, TimeoutError, hiredis.HiredisError)


class Link(asyncio.Protocol):
    """One connection. ``take`` gets each answer: bytes, a number, a list, or a ReplyError."""

    def __init__(self, take: Callable[[Any], None]) -> None:
        loop = asyncio.get_running_loop()
        self._reader = hiredis.Reader()
        self._clock = loop.time
        self._take = take
        self._transport: asyncio.Transport | None = None
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
        except hiredis.ProtocolError:
            self.cut()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.ended.done():
            self.ended.set_result(None)

    def say(self, *words: str | bytes) -> None:
        """Send a command. Ignored once the connection has ended."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(hiredis.pack_command(cast("Any", words)))

    def cut(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    async def ask(self, *words: str | bytes) -> None:
        """Send the first command of a connection. Raises ReplyError, ConnectionError."""
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        take, self._take = self._take, answer.set_result
        self.say(*words)
        await asyncio.wait({answer, self.ended}, return_when=asyncio.FIRST_COMPLETED)
        self._take = take
        if not answer.done():
            raise ConnectionError
        if isinstance(answer.result(), hiredis.ReplyError):
            raise answer.result()


class Server:
    """Where the bus is, as ``url`` says: redis://, rediss:// or unix://."""

    def __init__(self, url: str) -> None:
        self._options: dict[str, Any] = dict(parse_url(url))
        self._tls: ssl.SSLContext | None = None
        if self._options.pop("connection_class", None) is SSLConnection:
            chosen = {name: value for name, value in self._options.items() if name.startswith("ssl_")}
            self._tls = SSLConnection(**chosen).ssl_context.get()

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
            except BaseException:
                link.cut()
                raise
            return link


class RedisBus:
    """A Bus over ``url``. Connects when it is first used."""

    def __init__(self, url: str) -> None:
        self._server = Server(url)
        self._inboxes: dict[str, list[Inbox]] = {}
        self._confirmed: dict[str, asyncio.Event] = {}
        self._listening: Link | None = None
        self._listener: asyncio.Task[None] | None = None
        self._publishing: Link | None = None
        self._dialling = asyncio.Lock()
        self._unanswered: deque[asyncio.Future[Any]] = deque()
        self._losses = 0
        self._resting_until = 0.0
        self._publishes = True

    @property
    def losses(self) -> int:
        return self._losses

    @property
    def linked(self) -> bool:
        return self._publishes and (self._listener is None or self._listening is not None)

    async def publish(self, topic: str, payload: bytes) -> None:
        loop = asyncio.get_running_loop()
        if loop.time() < self._resting_until:
            self._losses += 1
            return
        try:
            async with asyncio.timeout(PATIENCE):
                link = self._publishing or await self._dial()
                answered: asyncio.Future[Any] = loop.create_future()
                self._unanswered.append(answered)
                link.say("PUBLISH", topic, payload)
                await answered
            self._publishes = True
        except FAILED as error:
            self._losses += 1
            self._publishes = False
            self._resting_until = loop.time() + REST
            if isinstance(error, TimeoutError) and self._publishing is not None:
                self._publishing.cut()  # it may be half-open

    async def _dial(self) -> Link:
        async with self._dialling:
            if self._publishing is None:
                link = await self._server.connect(self._answered)
                link.ended.add_done_callback(self._hung_up)
                self._publishing = link
            return self._publishing

    def _answered(self, answer: Any) -> None:
        waiting = self._unanswered.popleft()
        if waiting.done():
            return  # too late for who waited
        if isinstance(answer, hiredis.ReplyError):
            waiting.set_exception(answer)
        else:
            waiting.set_result(None)

    def _hung_up(self, _ended: "asyncio.Future[None]") -> None:
        self._publishing = None
        unanswered, self._unanswered = self._unanswered, deque()
        for waiting in unanswered:
            if not waiting.done():
                waiting.set_exception(ConnectionError())

    @asynccontextmanager
    async def subscribe(self, *topics: str) -> AsyncIterator[AsyncIterator[tuple[str, bytes]]]:
        inbox = Inbox()
        fresh = [topic for topic in dict.fromkeys(topics) if topic not in self._inboxes]
        for topic in topics:
            self._inboxes.setdefault(topic, []).append(inbox)
        for topic in fresh:
            self._confirmed[topic] = asyncio.Event()
        try:
            first = self._listener is None
            if self._listener is None:
                self._listener = asyncio.create_task(self._listen(), name="bus")
            elif fresh:
                self._say("SUBSCRIBE", *fresh)
            # While the server is away nobody waits: the topics are asked for as soon as it is back.
            if first or self._listening is not None:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(PATIENCE):
                        for topic in topics:
                            await self._confirmed[topic].wait()
            self._losses += not all(self._confirmed[topic].is_set() for topic in topics)
            yield inbox
        finally:
            stale = []
            for topic in topics:
                self._inboxes[topic].remove(inbox)
                if not self._inboxes[topic]:
                    del self._inboxes[topic], self._confirmed[topic]
                    stale.append(topic)
            if stale:
                self._say("UNSUBSCRIBE", *stale)

    async def close(self) -> None:
        if self._listener is not None:
            self._listener.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._listener
        for inboxes in self._inboxes.values():
            for inbox in inboxes:
                inbox.close()
        if self._publishing is not None:
            self._publishing.cut()
            await self._publishing.ended

    def _say(self, *words: str) -> None:
        """Send on the listening connection, if there is one; ``_take`` gets the answer."""
        if self._listening is not None:
            self._listening.say(*words)

    async def _listen(self) -> None:
        failures = 0
        while True:
            link: Link | None = None
            try:
                link = await self._server.connect(self._take)
                failures = 0
                self._listening = link
                if self._inboxes:
                    link.say("SUBSCRIBE", *self._inboxes)
                await self._watch(link)
            except FAILED as error:
                log.warning("the bus is cut: %s", type(error).__name__)
            finally:
                self._listening = None
                for confirmed in self._confirmed.values():
                    confirmed.clear()
                if link is not None:
                    link.cut()
                    await link.ended
            self._losses += 1
            await asyncio.sleep(BACK_OFF[min(failures, len(BACK_OFF) - 1)])
            failures += 1

    async def _watch(self, link: Link) -> None:
        """Until the connection ends. Ping, so that one whose other end is gone is noticed. Raises ConnectionError."""
        clock = asyncio.get_running_loop().time
        while clock() - link.heard_at <= 2 * BEAT:
            await asyncio.wait({link.ended}, timeout=BEAT)
            if link.ended.done():
                break
            link.say("PING")
        raise ConnectionError

    def _take(self, answer: Any) -> None:
        if not isinstance(answer, list) or len(answer) != 3:
            return  # the answer to a ping
        kind, topic = answer[0], answer[1].decode()
        if kind == b"message":
            for inbox in self._inboxes.get(topic, ()):
                if not inbox.put(topic, answer[2]):
                    self._losses += 1
        elif kind == b"subscribe" and topic in self._confirmed:
            self._confirmed[topic].set()
