"""The bus of a service that runs on one node."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from realtime.bus import Inbox


class MemoryBus:
    """A Bus inside one process."""

    def __init__(self) -> None:
        self._inboxes: dict[str, list[Inbox]] = {}
        self._losses = 0
        self._closed = False

    @property
    def losses(self) -> int:
        return self._losses

    @property
    def linked(self) -> bool:
        return not self._closed

    @property
    def trouble(self) -> str:
        return ""

    async def publish(self, topic: str, payload: bytes) -> None:
        for inbox in self._inboxes.get(topic, ()):
            if not inbox.put(topic, payload):
                self._losses += 1

    @asynccontextmanager
    async def subscribe(self, *topics: str) -> AsyncIterator[AsyncIterator[tuple[str, bytes]]]:
        inbox = Inbox()
        if self._closed:
            inbox.close()
        for topic in topics:
            self._inboxes.setdefault(topic, []).append(inbox)
        try:
            yield inbox
        finally:
            for topic in topics:
                self._inboxes[topic].remove(inbox)
                if not self._inboxes[topic]:
                    del self._inboxes[topic]

    async def close(self) -> None:
        self._closed = True
        for inboxes in self._inboxes.values():
            for inbox in inboxes:
                inbox.close()
