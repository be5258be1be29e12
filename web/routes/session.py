"""/session: how long the session lives, that its person is there, and where a renewal in a small window ends.

What the pages' script asks (web/client/src/session_life.ts); JSON, in seconds and RFC 3339."""

from datetime import datetime
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from auth import repository as logins
from telepath.errors import Unauthenticated
from web.middleware import session_limits
from web.pages import render, services, signed_in

_UNCACHED: Final = {"Cache-Control": "no-store"}


class Life(msgspec.Struct, frozen=True, kw_only=True):
    """How long a session lives still. The browser's own clock may be wrong: all is counted from ``now``."""

    now: datetime
    idle_at: datetime
    """The session ends then, unless its person gives a sign."""
    expires_at: datetime
    """It ends then in any case."""
    idle_seconds: float
    """How long it lives without a sign."""
    person: str
    """Identifier: a page that was made for another person must not stay in sight."""
    name: str
    renewable: bool
    """By a fresh authentication. Not a guest's, whose link ends when it ends, nor one of an emergency: the provider is away."""
    guest: bool


async def life(request: Request) -> Response:
    """Asking is no sign of a person (web/middleware.py)."""
    return await _told(request)


async def seen(request: Request) -> Response:
    """Somebody did something at this page. The session layer has noted it already: the request says how long ago."""
    return await _told(request)


async def renewed(request: Request) -> Response:
    """The end of a renewal in its small window: tells the other pages, and closes itself."""
    signed_in(request)
    return render(request, "session/renewed.html")


async def _told(request: Request) -> Response:
    actor, made = signed_in(request), services(request)
    limits = session_limits(made.settings)
    async with made.db.read() as db:
        session = await logins.session_by_id(db, actor.session_id)
        now = db.now
    if session is None:
        raise Unauthenticated
    told = Life(
        now=now,
        idle_at=session.seen_at + limits.idle,
        expires_at=session.expires_at,
        idle_seconds=limits.idle.total_seconds(),
        person=actor.person_id,
        name=actor.name,
        renewable=not (session.link_id or session.emergency_id),
        guest=bool(session.link_id),
    )
    return Response(msgspec.json.encode(told), media_type="application/json", headers=_UNCACHED)


routes: list[BaseRoute] = [
    Route("/session", life),
    Route("/session/seen", seen, methods=["POST"]),
    Route("/session/renewed", renewed),
]
