"""/health: whether this node can serve (readiness); /health/live: whether the process answers. No details: anyone may ask."""

import asyncio
import logging
from contextlib import suppress
from typing import Final

from sqlalchemy import literal, select
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from telepath.errors import NotFound, Unavailable
from web.pages import services

TIME_LIMIT: Final = 3.0
"""Seconds: a part that answers later does not answer."""
PROBE: Final = "health/probe"
"""A key of the storage under which nothing lies: "absent" is an answer."""

log = logging.getLogger("telepath.health")


async def ready(request: Request) -> Response:
    """503 takes this node out of the proxy's rotation, until database and storage answer again. Without the bus a node
    still serves (facts come from the database): it says so, and stays. The log says what does not answer."""
    made = services(request)
    try:
        async with asyncio.timeout(TIME_LIMIT):
            async with made.db.read() as db:
                await db.scalar(select(literal(1)))
            with suppress(NotFound):
                await made.storage.size(PROBE)
    except TimeoutError:
        log.warning("not ready: a part did not answer in %s s", TIME_LIMIT)
        return _answer("unavailable", 503)
    except Unavailable as error:
        log.warning("not ready: %s does not answer", error.params.get("what") or "a part")
        return _answer("unavailable", 503)
    return _answer("ok" if made.bus.linked else "degraded", 200)


async def live(_request: Request) -> Response:
    return _answer("ok", 200)


def _answer(status: str, code: int) -> Response:
    return JSONResponse({"status": status}, code, {"Cache-Control": "no-store"})


routes: list[BaseRoute] = [
    Route("/health", ready, methods=["GET"]),
    Route("/health/live", live, methods=["GET"]),
]
