"""What every request passes through before a route sees it: headers, size, session, origin. Plain ASGI, for HTTP and WebSocket.

Decisions stand on ``scope["path"]``, on headers that a page cannot forge and on the session's row; never on ``request.url``,
which the Host header and odd paths can bend. Tiles are served in front of all this (web/tiles.py) by their own capability.
"""

import ipaddress
import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from auth import actions, sessions
from realtime import close_codes
from telepath.access import ObjectRef
from telepath.actor import Actor, Origin
from telepath.db.objects import owned
from telepath.errors import Forbidden, NotFound, TelepathError, TooLarge, Unavailable
from web import errors
from web.pages import services, visitor
from web.settings import Settings

STATIC: Final = "/static/"
BODY_LIMIT: Final = 1_000_000
"""Bytes of a request. Slides come another way."""
UPLOADS: Final = re.compile(r"/cases/[^/]+/attachments|/uploads/[^/]+/files(/\d+)?")
UPLOAD_LIMIT: Final = 21_000_000
"""Of a request that brings a file, or a piece of one."""
READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})
TRUSTED_TYPES: Final = ("default", "htmx")
"""Policies that our scripts may create: ``default`` lets only the empty string through (viewer, room), ``htmx`` the parts of
pages that our own server sent (lists and forms)."""
DEVICE_LENGTH: Final = 200
BACK_CHANNEL: Final = "/login/backchannel-logout/"
"""Where the servers of identity providers send logout tokens: from no page, and with no cookie that could be misused."""
IDLE_HEADER: Final = "telepath-idle"
"""What a request of a script says: for how many whole seconds nobody has done anything at this browser."""
BY_ITSELF: Final = frozenset({("GET", "/session")})
"""Requests that a page makes by itself, whatever they say."""


GUESTS: Final = re.compile(
    r"/guest(/.*)?|/slides/[^/]+(/.*)?|/rooms/[^/]+(/.*)?|/session(/.*)?|/login/(start|callback|left)|/logout"
    r"|/about|/verify|/asked/[^/]+|/check(/.*)?|/language|/theme|/health(/.*)?|/static/.*"
)
"""What a guest without an account may ask for; each address then asks for the right."""
ENTRANCES: Final = frozenset({"/", "/login"})


def layers(settings: Settings) -> list[Middleware]:
    """Those inside the application, in their order, for ``Starlette(middleware=…)``. ``state.services`` is there from the
    lifespan. SecurityHeaders stands around the application itself: Starlette answers defects outside of its middleware."""
    return [
        Middleware(BodyLimit, limit=BODY_LIMIT),
        Middleware(Sessions, settings=settings),
        Middleware(GuestsOnly),
        Middleware(SameOrigin, origin=settings.origin),
    ]


def session_limits(settings: Settings) -> sessions.Limits:
    """Raises Invalid: the settings ask for longer sessions than the field's rules allow."""
    return sessions.Limits(timedelta(hours=settings.session_hours), timedelta(minutes=settings.session_idle_minutes))


def session_cookie(settings: Settings) -> str:
    """RFC 6265bis 4.1.3.2: a ``__Host-`` cookie is Secure, of this very host, for all paths; refused on plain http."""
    return "__Host-telepath" if settings.secure else "telepath"


def origin_of(connection: HTTPConnection, settings: Settings) -> Origin:
    """Where a request comes from, as the audit records it."""
    device = connection.headers.get("user-agent", "")
    client = connection.scope.get("client")
    return Origin(
        address=address_of(client[0] if client else "", connection.headers.getlist("x-forwarded-for"), settings),
        device="".join(letter for letter in device if letter.isprintable())[:DEVICE_LENGTH],
    )


def address_of(peer: str, forwarded: Iterable[str], settings: Settings) -> str:
    """The nearest address that is not one of our proxies. What a client writes into X-Forwarded-For itself stands to the left
    of it, and is not believed."""
    trusted = [ipaddress.ip_network(text.strip(), strict=False) for text in settings.trusted_proxies.split(",") if text]
    hops = [hop.strip() for line in forwarded for hop in line.split(",")] + [peer]
    for hop in reversed(hops):
        try:
            address = ipaddress.ip_address(hop)
        except ValueError:
            return peer
        if not any(address in network for network in trusted):
            return str(address)
    return hops[0]


def content_security_policy(
    origin: str, form_targets: Iterable[str], trusted_types: Iterable[str] = TRUSTED_TYPES
) -> str:
    """The policy of a page. A route that needs another one puts the header itself, made by this function."""
    parts = urlsplit(origin)
    socket = f"{'wss' if parts.scheme == 'https' else 'ws'}://{parts.netloc}"
    directives = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' blob: data:",
        "font-src": "'self'",
        "connect-src": f"'self' {socket}",
        "manifest-src": "'self'",
        "worker-src": "'self'",
        "form-action": " ".join(["'self'", *sorted(form_targets)]),
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": " ".join(trusted_types),
    }
    return "; ".join(f"{name} {value}" for name, value in directives.items())


def idle_of(connection: HTTPConnection) -> timedelta | None:
    """How long ago the person at this browser did something, as the request says; None: it says nothing of a person.

    A page or a form is a person's act. A script says how old the last act is (web/client/src/activity.ts). What browsers fetch
    for a page, or open and find again by themselves (pictures, sockets, streams of events), says nothing; nor does a header
    that is not a number. Source: Fetch Metadata, Sec-Fetch-Dest."""
    scope, headers = connection.scope, connection.headers
    if scope["type"] == "websocket" or (scope["method"], scope["path"]) in BY_ITSELF:
        return None
    if headers.get("accept") == "text/event-stream":
        return None
    told = headers.get(IDLE_HEADER, "0" if headers.get("sec-fetch-dest", "document") == "document" else "")
    return timedelta(seconds=int(told)) if told.isascii() and told.isdecimal() and len(told) <= 7 else None


class SecurityHeaders:
    """Puts the headers that keep a page to itself, unless the route put its own."""

    def __init__(self, app: ASGIApp, *, settings: Settings) -> None:
        self.app = app
        self.settings = settings
        self.fixed: Mapping[str, str] = {
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), fullscreen=(self)",
        } | ({"Strict-Transport-Security": "max-age=31536000"} if settings.secure else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._put(scope, MutableHeaders(scope=message))
            await send(message)

        await self.app(scope, receive, with_headers)

    def _put(self, scope: Scope, headers: MutableHeaders) -> None:
        for name, value in self.fixed.items():
            headers.setdefault(name, value)
        if scope["path"].startswith(STATIC):
            return
        if headers.get("content-type", "").startswith("text/html"):
            targets = services(HTTPConnection(scope)).providers.origins()
            headers.setdefault("Content-Security-Policy", content_security_policy(self.settings.origin, targets))
        else:
            headers.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
        if scope["state"].get("actor") is not None:
            # A shared workstation: the next person's "back" must not show the last one's page.
            headers.setdefault("Cache-Control", "no-store")


class BodyLimit:
    """Refuses bodies over ``limit`` bytes: announced ones at once, others as soon as they pass it."""

    def __init__(self, app: ASGIApp, *, limit: int) -> None:
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = UPLOAD_LIMIT if UPLOADS.fullmatch(scope["path"]) else self.limit
        announced = Headers(scope=scope).get("content-length", "0")
        if not announced.isdecimal() or int(announced) > limit:
            await _answer(scope, receive, send, self._too_large(limit))
            return
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise self._too_large(limit)  # in the route that reads: web/errors.py answers
            return message

        await self.app(scope, counted, send)

    def _too_large(self, limit: int) -> TooLarge:
        return TooLarge("error-body-too-large", limit=limit // 1000)


class SameOrigin:
    """Refuses what another site makes a browser do: changes by HTTP, and every WebSocket handshake, for browsers send cookies
    along with both. Only our exact origin counts: not ``null``, not none, not a name that merely ends like ours."""

    def __init__(self, app: ASGIApp, *, origin: str) -> None:
        self.app = app
        self.origin = origin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket" and not self._is_ours(scope):
            # Closed before it is accepted: the handshake is answered 403.
            await _answer(scope, receive, send, await self._recorded(scope, "socket.open"))
        elif scope["type"] == "http" and scope["path"].startswith(BACK_CHANNEL):
            await self.app(scope, receive, send)
        elif scope["type"] == "http" and scope["method"] not in READING and not self._is_our_page(scope):
            await _answer(scope, receive, send, await self._recorded(scope, "request.send"))
        else:
            await self.app(scope, receive, send)

    async def _recorded(self, scope: Scope, action: str) -> TelepathError:
        """What is to be said. Whose session it would have used learns of it first; without one nobody's right was tried, and
        whoever asks from anywhere must not be able to fill the audit."""
        connection = HTTPConnection(scope)
        who = visitor(connection)
        if who is not None:
            refusals, thing = services(connection).db.refusals, ObjectRef("person", who.person_id, who.institution_id)
            try:
                await refusals.record(who, "access.refused", thing, action=action, reason="other-site")
            except Unavailable as unavailable:
                return unavailable
        return Forbidden("error-origin", origin=self.origin)

    def _is_ours(self, scope: Scope) -> bool:
        return Headers(scope=scope).getlist("origin") == [self.origin]

    def _is_our_page(self, scope: Scope) -> bool:
        headers = Headers(scope=scope)
        site = headers.get("sec-fetch-site")
        if site not in {None, "same-origin"}:
            return False
        return self._is_ours(scope) or (site == "same-origin" and "origin" not in headers)


class GuestsOnly:
    """Lets a guest without an account reach their own pages, the viewer and the room, and nothing else: of an address that is
    not named here they are told that it does not exist, whatever its route would have said. Where everybody begins, they are
    led to their page."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        who = visitor(HTTPConnection(scope)) if scope["type"] in {"http", "websocket"} else None
        if who is None or not who.link_id or GUESTS.fullmatch(scope["path"]):
            await self.app(scope, receive, send)
        elif scope["type"] == "http" and scope["method"] in READING and scope["path"] in ENTRANCES:
            await RedirectResponse("/guest", status_code=303)(scope, receive, send)
        else:
            await _answer(scope, receive, send, await self._recorded(scope, who))

    async def _recorded(self, scope: Scope, who: Actor) -> TelepathError:
        db = services(HTTPConnection(scope)).db
        link = ("link", who.link_id)
        try:
            async with db.read() as reader:
                thing = (await owned(reader.connection, [link]))[link]
            await db.refusals.record(who, "access.refused", thing, action="guest.leave-scope", reason="guest")
        except Unavailable as unavailable:
            return unavailable
        return NotFound()


class Sessions:
    """From the cookie to ``state.actor``: an Actor, or None."""

    def __init__(self, app: ASGIApp, *, settings: Settings) -> None:
        self.app = app
        self.settings = settings
        self.limits = session_limits(settings)
        self.cookie = session_cookie(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"} or scope["path"].startswith(STATIC):
            await self.app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        connection.state.actor = None
        cookie = connection.cookies.get(self.cookie, "")
        if cookie:
            db, origin = services(connection).db, origin_of(connection, self.settings)
            try:
                connection.state.actor = await actions.recognise(db, cookie, self.limits, origin, idle_of(connection))
            except TelepathError as error:
                await _answer(scope, receive, send, error)
                return
        await self.app(scope, receive, send)


async def _answer(scope: Scope, receive: Receive, send: Send, error: TelepathError) -> None:
    """What a route would have answered: these layers stand outside Starlette's own handling of errors."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": close_codes.of(error), "reason": ""})
        return
    response = await errors.of_request(Request(scope, receive), error)
    await response(scope, receive, send)
