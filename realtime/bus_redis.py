"""The bus of several nodes: publish/subscribe of Redis or Valkey.

One connection listens for the whole process and another one publishes; hiredis takes apart what comes, right where the event
loop has read it: through redis-py's own connections each message would pass a stream, a lock and two tasks, and be half a
millisecond later on the other node. And its PubSub reconnects without a word, so that nobody learns of the gap; here a broken
connection is counted, made again, and its topics asked for again.
"""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from realtime.bus import Inbox
from realtime.bus_link import FAILED, Link, Refused, Server, trouble

log = logging.getLogger("telepath.bus")

PATIENCE: Final = 2.0
"""Seconds to publish, or for a subscription to be confirmed."""
BACK_OFF: Final = (0.05, 0.1, 0.2, 0.5, 1.0)
"""Seconds before the next attempts to connect."""
REST: Final = 0.25
"""Seconds without any attempt after a failed publish: a dead server must not cost every frame its patience."""


class RedisBus:
    """A Bus over ``url``. Connects when it is first used. Raises ValueError: ``url`` cannot be used."""

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
        self._failures = 0
        self._unheard = self._unsaid = ""
        """What is wrong with listening, and with publishing."""

    @property
    def losses(self) -> int:
        return self._losses

    @property
    def linked(self) -> bool:
        return not self.trouble and (self._listener is None or self._listening is not None)

    @property
    def trouble(self) -> str:
        return self._unheard or self._unsaid

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
            self._unsaid = ""
        except FAILED as error:
            self._losses += 1
            self._unsaid = trouble(error)
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
        if isinstance(answer, Refused):
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
        while True:
            link: Link | None = None
            try:
                link = await self._server.connect(self._take)
                self._listening = link
                if self._inboxes:
                    link.say("SUBSCRIBE", *self._inboxes)
                else:
                    self._well()
                await link.hold()
            except FAILED as error:
                why = trouble(error)
                if why != self._unheard:
                    # NOAUTH, WRONGPASS, NOPERM: the server's own word; not its sentence, which may name who we are.
                    said = str(error).split(" ")[0] if isinstance(error, Refused) else type(error).__name__
                    log.warning("the bus is cut: %s (%s)", why, said)
                self._unheard = why
            finally:
                self._listening = None
                for confirmed in self._confirmed.values():
                    confirmed.clear()
                if link is not None:
                    link.cut()
                    await link.ended
            self._losses += 1
            await asyncio.sleep(BACK_OFF[min(self._failures, len(BACK_OFF) - 1)])
            self._failures += 1

    def _well(self) -> None:
        """The server hears us and speaks."""
        self._failures = 0
        if self._unheard:
            log.warning("the bus is back")
            self._unheard = ""

    def _take(self, answer: Any) -> None:
        if isinstance(answer, Refused):
            if self._listening is not None:
                self._listening.cut(answer)  # what was asked for does not come
            return
        if not isinstance(answer, list) or len(answer) != 3:
            self._well()  # the answer to a ping
            return
        kind, topic = answer[0], answer[1].decode()
        if kind == b"message":
            for inbox in self._inboxes.get(topic, ()):
                if not inbox.put(topic, answer[2]):
                    self._losses += 1
        elif kind == b"subscribe":
            self._well()
            if topic in self._confirmed:
                self._confirmed[topic].set()
