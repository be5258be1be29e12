"""Gives each request its number, and writes one line about it: what kind of page, with what answer, in what time.

The *kind* is the route as the code has it (``/cases/{case_id}``): never the address that was asked for, whose parts and query
are somebody's. Tiles and built files are not told of: there are hundreds a minute, and the audit says who saw what."""

import logging
import secrets
import time
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.technical_log import request_number

QUIET: Final = ("/static/", "/health")
"""Beginnings of paths whose good answers are not told of."""
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

log = logging.getLogger("telepath.requests")


class RequestLog:
    """Stands around the whole application. Plain ASGI."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        begun, status = time.monotonic(), 0
        scope.setdefault("state", {})["begun"] = begun

        async def told(message: Message) -> None:
            nonlocal status
            if message["type"] in {"http.response.start", "websocket.http.response.start"}:
                status = message["status"]
            elif message["type"] == "websocket.accept":
                status = 101
            elif message["type"] == "websocket.close" and not status:
                status = 403  # closed before it was accepted
            await send(message)

        token = request_number.set(secrets.token_hex(4))
        try:
            await self.app(scope, receive, told)
        finally:
            if status >= 400 or not scope["path"].startswith(QUIET):
                log.info(
                    "request",
                    extra={
                        "fields": {
                            "method": method(scope),
                            "route": route(scope),
                            "status": status,
                            "ms": round((time.monotonic() - begun) * 1000, 1),
                        }
                    },
                )
            request_number.reset(token)


def method(scope: Scope) -> str:
    """What is not a method of ours is what a client made up."""
    told = str(scope.get("method", "SOCKET"))
    return told if told in METHODS or told == "SOCKET" else "other"


def route(scope: Scope) -> str:
    """The route as the code has it; ``none``: no address of ours."""
    return str(getattr(scope.get("route"), "path", "none"))
