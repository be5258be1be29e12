"""The seam between nodes: what carries frames and wake-ups from one to the others."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Final, Protocol

QUEUE: Final = 4_000
"""Messages that one subscriber may leave unread before the oldest are dropped."""


REVOKED: Final = "revoked"
"""The topic that says: some right was withdrawn, or some session ended. Who keeps open what rights opened looks again."""


class Bus(Protocol):
    """Carries bytes between nodes. At most once; in order per publisher and topic; may lose. No patient data."""

    @property
    def losses(self) -> int:
        """Grows whenever messages may have been lost: who must not miss anything then reads the database again."""

    @property
    def linked(self) -> bool:
        """Whether the other nodes are heard at this moment."""

    @property
    def trouble(self) -> str:
        """Why they are not: ``unreachable``, ``refused`` (name, password or rights) or ``tls``; "": nothing is known to be
        wrong."""

    async def publish(self, topic: str, payload: bytes) -> None:
        """Never raises and never waits longer than two seconds: what cannot be sent is lost, and counted."""

    def subscribe(self, *topics: str) -> AbstractAsyncContextManager[AsyncIterator[tuple[str, bytes]]]:
        """Inside the block, (topic, payload) as they come, own messages included. What is published after the block was
        entered is seen."""

    async def close(self) -> None:
        """Ends every subscription."""


class Inbox:
    """The unread messages of one subscriber. Iterating ends when the bus closes."""

    def __init__(self) -> None:
        self._messages: deque[tuple[str, bytes]] = deque()
        self._news = asyncio.Event()
        self._closed = False

    def put(self, topic: str, payload: bytes) -> bool:
        """Whether nothing had to be dropped for it."""
        full = len(self._messages) >= QUEUE
        if full:
            self._messages.popleft()
        self._messages.append((topic, payload))
        self._news.set()
        return not full

    def close(self) -> None:
        self._closed = True
        self._news.set()

    def __aiter__(self) -> AsyncIterator[tuple[str, bytes]]:
        return self

    async def __anext__(self) -> tuple[str, bytes]:
        while not self._messages:
            if self._closed:
                raise StopAsyncIteration
            self._news.clear()
            await self._news.wait()
        return self._messages.popleft()
