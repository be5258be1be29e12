"""The head of an answer goes out with the first of its body: one call of the kernel, and one packet where both fit."""

import asyncio
from typing import Final

COPIED: Final = 1 << 16
"""Bytes of a body that are copied behind the head; more go beside it."""


class JoinedWrites:
    """Stands for the transport of one answer. What was written first goes at the latest when the application waits."""

    __slots__ = ("_begun", "_head", "_loop", "_transport")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._begun = False
        self._head = b""

    def write(self, data: bytes) -> None:
        if not self._begun:
            self._begun, self._head = True, data
            self._loop.call_soon(self._flush)
            return
        head, self._head = self._head, b""
        if head and len(data) > COPIED:
            self._transport.writelines((head, data))
        else:
            self._transport.write(head + data)

    def _flush(self) -> None:
        head, self._head = self._head, b""
        if head and not self._transport.is_closing():
            self._transport.write(head)

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def close(self) -> None:
        self._flush()
        self._transport.close()
