"""/guest: the door for whoever was invited without an account, and what they were invited to.

The address in the letter, /guest/{token}, looks at nothing: it moves the token into a cookie and leads on to the door, so that
no page, history, log or Referer keeps it. The door is the same page for every token, right or wrong."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from auth import guests, links
from auth.guests import Try
from auth.links import Link, State
from consults import repository as consults
from realtime import ledger
from realtime.bus import REVOKED
from telepath import directory
from telepath.actor import Actor
from telepath.db.transaction import Reader
from telepath.errors import Unauthenticated, Unavailable
from web import guest_letters
from web.middleware import origin_of, session_cookie, session_limits
from web.pages import THEMES, language, read_form, redirect, render, services, visitor
from web.routes.login import give, take
from web.routes.notices import HEARTBEAT, Next, woken
from web.services import Services

DOOR: Final = "/guest/enter"
TOKEN_LIFE: Final = 1800
"""Seconds that a browser keeps the token, at most: until the code has come."""
SLOWLY: Final = 0.4
"""Seconds that each answer to a code takes, whatever was found: no clock tells a known address from an unknown one."""
_UNKEPT: Final = {"Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow"}


async def open_letter(request: Request) -> Response:
    """What the letter leads to: the same answer for any token."""
    response = redirect(DOOR)
    token = str(request.path_params["token"])
    give(request, response, _cookie(request), token if guests.TOKEN.fullmatch(token) else "-", TOKEN_LIFE)
    response.headers.update(_UNKEPT)
    return response


async def door(request: Request) -> Response:
    return _door(request, sent=request.query_params.get("sent") == "1")


async def send_code(request: Request) -> Response:
    """Have a code sent to the mailbox of the link, if there is one. Who asked learns nothing but that it was tried."""
    made, origin = services(request), origin_of(request, services(request).settings)
    token = request.cookies.get(_cookie(request), "")
    await read_form(request)
    tried = await guests.may_ask(made.db, made.attempts, token, origin)
    if tried is Try.TOO_OFTEN:
        return _busy(request)
    if tried is Try.GO_ON:
        guest_letters.code_soon(made, token, origin)
    return redirect(f"{DOOR}?sent=1")


async def enter(request: Request) -> Response:
    """The code, and a session; else the same page again for whatever was wrong."""
    begun = time.monotonic()
    made, origin = services(request), origin_of(request, services(request).settings)
    token = request.cookies.get(_cookie(request), "")
    tried = await guests.may_guess(made.db, made.attempts, token, origin)
    if tried is Try.TOO_OFTEN:
        return _busy(request)
    form = await read_form(request)
    digits = "".join(letter for letter in form.line("digits", 40) if letter.isdecimal())
    before = request.cookies.get(session_cookie(made.settings), "")
    cookie = None
    if tried is Try.GO_ON:
        cookie = await guests.enter(made.db, token, digits, cookie=before, origin=origin)
    await asyncio.sleep(max(0.0, begun + SLOWLY - time.monotonic()))
    if cookie is None:
        return _door(request, sent=True, refused=True)
    response = redirect("/guest")
    give(request, response, session_cookie(made.settings), cookie)
    take(request, response, _cookie(request))
    return response


async def show(request: Request) -> Response:
    """What this guest was invited to, by whom, until when."""
    actor = visitor(request)
    if actor is None:
        return _door(request, nothing=True)
    if not actor.link_id:
        return redirect("/")
    async with services(request).db.read() as db:
        link = await links.get(db, actor.link_id)
        maker = (await directory.people(db, [link.made_by]))[link.made_by].name
        place = (await directory.institutions(db, [link.institution_id]))[link.institution_id]
        over = link.state(db.now) is not State.OPEN
        seen: dict[str, Any] = {} if over else await _seen(db, actor, link)
    return render(
        request, "guests/guest.html", link=link, by=maker, place=place, over=over, zones=[place.time_zone], **seen
    )


async def standing(request: Request) -> Response:
    """An open stream that ends with ``over`` as soon as the invitation or the session does: the viewer is then left."""
    actor, made = visitor(request), services(request)
    if actor is None or not actor.link_id:
        raise Unauthenticated
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_until_over(made, actor), headers=headers, media_type="text/event-stream")


async def _until_over(made: Services, actor: Actor) -> AsyncIterator[bytes]:
    """Looks again when anybody's right or session ends, and every HEARTBEAT seconds."""
    limits = session_limits(made.settings)
    async with made.bus.subscribe(REVOKED) as news:
        yield b"retry: 2000\n\n"
        while True:
            try:
                async with made.db.read() as db:
                    lives = await guests.lives(db, actor, limits)
            except Unavailable:
                return
            if not lives:
                yield b"event: over\ndata: {}\n\n"
                return
            match await woken(news, made.stopping, HEARTBEAT):
                case Next.END:
                    return
                case Next.SILENCE:
                    yield b":\n\n"


async def leave(request: Request) -> Response:
    """Ends the guest's session and empties the browser's caches: slides may lie in them."""
    actor, made = visitor(request), services(request)
    await read_form(request)
    if actor is not None and actor.link_id:
        await guests.leave(made.db, actor)
    response = redirect("/guest")
    take(request, response, session_cookie(made.settings))
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


async def _seen(db: Reader, actor: Actor, link: Link) -> dict[str, Any]:
    """The slides of a consult and its organ, or who presents in a room."""
    if link.object_kind == "room":
        state = await ledger.state_of(db, link.object_id)
        return {"presenter": (await directory.people(db, [state.presenter]))[state.presenter].name}
    organ = (await consults.get(db, link.object_id)).organ
    return {"organ": organ, "slides": await guests.seen(db, actor)}


def _door(request: Request, *, sent: bool = False, refused: bool = False, nothing: bool = False) -> Response:
    nothing = nothing or not request.cookies.get(_cookie(request))
    response = render(
        request,
        "guests/door.html",
        403 if refused else 200,
        sent=sent and not nothing,
        refused=refused,
        nothing=nothing,
    )
    response.headers["X-Robots-Tag"] = _UNKEPT["X-Robots-Tag"]
    return response


def _busy(request: Request) -> Response:
    """Rendered once for each language and theme: whoever tries a hundred thousand times must cost next to nothing."""
    request.state.actor = None  # the page is kept: it greets nobody
    theme = request.cookies.get("theme", "")
    looks = language(request), theme if theme in THEMES else ""
    if looks not in _busy_pages:
        _busy_pages[looks] = bytes(render(request, "guests/busy.html", 429).body)
    return HTMLResponse(_busy_pages[looks], 429, {"Cache-Control": "no-store", "Retry-After": "600"})


_busy_pages: Final[dict[tuple[str, str], bytes]] = {}


def _cookie(request: Request) -> str:
    return f"{session_cookie(services(request).settings)}-guest"


routes: list[BaseRoute] = [
    Route("/guest", show, methods=["GET"]),
    Route("/guest/leave", leave, methods=["POST"]),
    Route("/guest/standing", standing, methods=["GET"]),
    Route(DOOR, door, methods=["GET"]),
    Route(DOOR, enter, methods=["POST"]),
    Route(f"{DOOR}/code", send_code, methods=["POST"]),
    Route("/guest/{token}", open_letter, methods=["GET"]),
]
