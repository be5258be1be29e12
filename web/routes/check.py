"""/check: whether this reader's link, browser and screen are fit for reading slides. Works signed out, within an allowance.

The page measures by itself (web/client/src/check.ts): a download of known size, an echo on a WebSocket, the screen, the
graphics card, the clock against the ``Date`` of an answer.
"""

import asyncio
import os
from collections.abc import Callable
from functools import cache
from time import monotonic
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from telepath.errors import Invalid
from web.middleware import origin_of
from web.pages import render, services

PAYLOAD_LIMIT: Final = 2 * 1024 * 1024
MESSAGE_LIMIT: Final = 1024
SOCKET_SECONDS: Final = 10.0
SOCKET_COST: Final = 256 * 1024
"""What one WebSocket counts for in the allowance, in bytes."""
ALLOWANCE: Final = 24 * 1024 * 1024
"""Bytes that one address may have per WINDOW: some five runs of the page."""
WINDOW: Final = 60.0
ADDRESSES_LIMIT: Final = 10_000


class Allowance:
    """So many bytes for each address in each window. Knows only this node, and at most ADDRESSES_LIMIT addresses."""

    def __init__(self, limit: int = ALLOWANCE, window: float = WINDOW, clock: Callable[[], float] = monotonic) -> None:
        self._limit = limit
        self._window = window
        self._clock = clock
        self._started = clock()
        self._spent: dict[str, int] = {}

    def spend(self, address: str, amount: int) -> None:
        """Raises HTTPException 429: this address has had enough for this window."""
        now = self._clock()
        if now - self._started >= self._window or len(self._spent) >= ADDRESSES_LIMIT:
            self._started = now
            self._spent.clear()
        spent = self._spent.get(address, 0) + amount
        if spent > self._limit:
            wait = int(self._window - (now - self._started)) + 1
            raise HTTPException(429, headers={"Retry-After": str(wait)})
        self._spent[address] = spent


_allowance = Allowance()


async def page(request: Request) -> Response:
    return render(request, "check.html")


async def payload(request: Request) -> Response:
    """``size`` random bytes, which nothing on the way can compress or keep."""
    text = request.query_params.get("size", "")
    size = int(text) if text.isdecimal() and len(text) < 9 else -1
    if not 0 <= size <= PAYLOAD_LIMIT:
        raise Invalid("error-check-size", limit=PAYLOAD_LIMIT)
    _allowance.spend(_address(request), size)
    return Response(_noise()[:size], headers={"Cache-Control": "no-store"}, media_type="application/octet-stream")


async def echo(socket: WebSocket) -> None:
    """Send back what comes, for at most SOCKET_SECONDS."""
    _allowance.spend(_address(socket), SOCKET_COST)
    await socket.accept()
    received = 0
    try:
        async with asyncio.timeout(SOCKET_SECONDS):
            while True:
                text = await socket.receive_text()
                received += len(text.encode())
                if len(text.encode()) > MESSAGE_LIMIT or received > SOCKET_COST:
                    await socket.close(1009)
                    return
                await socket.send_text(text)
    except (TimeoutError, KeyError):  # KeyError: Starlette's receive_text was given a binary message
        await socket.close(1000)
    except WebSocketDisconnect:
        return


def _address(connection: HTTPConnection) -> str:
    return origin_of(connection, services(connection).settings).address


@cache
def _noise() -> bytes:
    return os.urandom(PAYLOAD_LIMIT)


routes: list[BaseRoute] = [
    Route("/check", page),
    Route("/check/payload", payload),
    WebSocketRoute("/check/socket", echo),
]
