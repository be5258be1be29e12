"""The bus of several nodes: publish/subscribe of Redis or Valkey. The only module that imports redis.

One connection listens for the whole process and one pool publishes. redis-py's own PubSub reconnects without a word, so that
nobody learns of the gap; here a broken connection is counted, made again, and its topics asked for again.
"""

import asyncio
import contextlib
import logging
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

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


class RedisBus:
    """A Bus over ``url``: redis://, rediss:// or unix://. Connects when it is first used."""

    def __init__(self, url: str) -> None:
        # Blocking: when all are busy the next message waits its turn; an error would silence the bus for everybody.
        self._pool = BlockingConnectionPool.from_url(
            url,
            timeout=PATIENCE,
            protocol=3,
            retry=Retry(NoBackoff(), 0),
            socket_connect_timeout=PATIENCE,
            socket_timeout=PATIENCE,
            socket_keepalive=True,
            health_check_interval=0,
            max_connections=64,
        )
        self._client = Redis(connection_pool=self._pool)
        self._inboxes: dict[str, list[Inbox]] = {}
        self._confirmed: dict[str, asyncio.Event] = {}
        self._listening: AbstractConnection | None = None
        self._listener: asyncio.Task[None] | None = None
        self._sending = asyncio.Lock()
        self._losses = 0
        self._heard = 0.0
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
                await self._client.publish(topic, payload)
            self._publishes = True
        except (RedisError, OSError, TimeoutError):
            self._losses += 1
            self._publishes = False
            self._resting_until = loop.time() + REST

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
                await self._say("SUBSCRIBE", *fresh)
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
                await self._say("UNSUBSCRIBE", *stale)

    async def close(self) -> None:
        if self._listener is not None:
            self._listener.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._listener
        for inboxes in self._inboxes.values():
            for inbox in inboxes:
                inbox.close()
        await self._client.aclose()
        await self._pool.aclose()

    async def _say(self, *words: str) -> None:
        """Send on the listening connection, if there is one; the loop that reads gets the answer."""
        async with self._sending:
            if self._listening is not None:
                with contextlib.suppress(RedisError, OSError, TimeoutError):
                    await self._listening.send_command(*words)

    async def _listen(self) -> None:
        failures = 0
        while True:
            connection: AbstractConnection = self._pool.make_connection()  # type: ignore[no-untyped-call]
            try:
                await connection.connect()  # type: ignore[no-untyped-call]
                failures = 0
                async with self._sending:
                    self._listening = connection
                    if self._inboxes:
                        await connection.send_command("SUBSCRIBE", *self._inboxes)
                await self._read(connection)
            except (RedisError, OSError, TimeoutError) as error:
                log.warning("the bus is cut: %s", type(error).__name__)
            finally:
                self._listening = None
                for confirmed in self._confirmed.values():
                    confirmed.clear()
                await connection.disconnect(nowait=True)
            self._losses += 1
            await asyncio.sleep(BACK_OFF[min(failures, len(BACK_OFF) - 1)])
            failures += 1

    async def _read(self, connection: AbstractConnection) -> None:
        loop = asyncio.get_running_loop()
        self._heard = loop.time()
        beat = asyncio.create_task(self._beat(connection))
        try:
            while True:
                answer = await connection.read_response(timeout=math.inf, disconnect_on_error=False, push_request=True)
                self._heard = loop.time()
                self._take(answer)
        finally:
            beat.cancel()

    async def _beat(self, connection: AbstractConnection) -> None:
        """Ping, so that a connection whose other end is gone is noticed: it is then closed, and ``_read`` ends."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(BEAT)
            if loop.time() - self._heard > 2 * BEAT:
                await connection.disconnect(nowait=True)
                return
            await self._say("PING")

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
