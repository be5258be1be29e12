"""/login/phone: signing in, or proving again who is there, by the e-CPS on one's telephone.

No number is in an address, a log or the page that waits. Without script that page asks again by itself every three seconds."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from auth import actions, decoupled
from auth.actions import SignedIn
from auth.model import LoginFailed, Purpose
from telepath.errors import Invalid, Unavailable
from web.errors import by_field
from web.middleware import origin_of, session_cookie, session_limits
from web.national_number import TYPED, subject_name_id
from web.pages import local_path, read_form, reader, redirect, render, services, signed_in, visitor
from web.routes import login

PATH: Final = "/login/phone"
REFRESH: Final = 3
"""Seconds."""
STATUS: Final = {"declined": 200, "unanswered": 200, "too-many": 429}
"""Of the problems that only this door has."""


async def page(request: Request) -> Response:
    """Whose telephone is to be asked; who is signed in is asked only whether theirs is."""
    renewing = _renewing(request)
    if renewing:
        signed_in(request)
    elif visitor(request) is not None:
        return redirect(_return_to(request))
    return _form(request, renewing=renewing)


async def ask(request: Request) -> Response:
    made = services(request)
    form = await read_form(request)
    return_to = local_path(form.line("return_to", 400))
    renewing = form.ticked("step_up")
    try:
        number = signed_in(request).subject_name_id if renewing else subject_name_id(form.line("number", TYPED))
    except Invalid as error:
        errors = by_field(reader(request).words, error)
        return _form(request, renewing=False, return_to=return_to, errors=errors)
    try:
        asked = await decoupled.ask(
            made.db,
            made.identity,
            made.attempts,
            number,
            return_to=return_to,
            origin=origin_of(request, made.settings),
            purpose=Purpose.STEP_UP if renewing else Purpose.LOGIN,
        )
    except (LoginFailed, Unavailable) as failure:
        return await _problem(request, failure, return_to)
    response = redirect(f"{PATH}/{asked.key}")
    login.give(request, response, _cookie_name(request, asked.key), asked.browser, _seconds())
    return response


async def wait(request: Request) -> Response:
    """The two digits, until the telephone answered. For the page's script: the same as JSON."""
    made = services(request)
    key = str(request.path_params["key"])
    cookie = _cookie_name(request, key)
    try:
        found = await decoupled.look(
            made.db,
            made.identity,
            key,
            browser=request.cookies.get(cookie, ""),
            cookie=request.cookies.get(session_cookie(made.settings), ""),
            limits=session_limits(made.settings),
            origin=origin_of(request, made.settings),
        )
    except LoginFailed as failure:
        if _is_script(request):
            over = f"{PATH}/over?{urlencode({'why': _name(failure), 'return_to': failure.return_to})}"
            response: Response = JSONResponse({"go": over}, headers=_UNCACHED)
        else:
            response = await _problem(request, failure, failure.return_to)
        login.take(request, response, cookie)
        return response
    if isinstance(found, SignedIn):
        response = login.admit(request, found)
        if _is_script(request):
            cookies = response.headers.getlist("set-cookie")
            response = JSONResponse({"go": response.headers["location"]}, headers=_UNCACHED)
            for one in cookies:
                response.headers.append("set-cookie", one)
        login.take(request, response, cookie)
        return response
    left = max(0, int((found.expires_at - made.db.clock()).total_seconds()))
    if _is_script(request):
        return JSONResponse({"left": left, "silent": found.silent}, headers=_UNCACHED)
    whole = int((found.expires_at - found.asked_at).total_seconds())
    return render(request, "login_phone_waiting.html", waiting=found, key=key, left=left, whole=whole, refresh=REFRESH)


async def cancel(request: Request) -> Response:
    made = services(request)
    key = str(request.path_params["key"])
    cookie = _cookie_name(request, key)
    return_to = await decoupled.cancel(
        made.db, key, browser=request.cookies.get(cookie, ""), origin=origin_of(request, made.settings)
    )
    response = redirect(return_to if visitor(request) else f"/login?{urlencode({'return_to': return_to})}")
    login.take(request, response, cookie)
    return response


async def over(request: Request) -> Response:
    """Why it ended without a session, for the page that waited by script."""
    why = request.query_params.get("why", "")
    has_words = reader(request).words.has(f"login-problem-{why}")
    failure = LoginFailed(f"error-login-{why if has_words else 'unknown'}")
    return await _problem(request, failure, _return_to(request))


_UNCACHED: Final = {"Cache-Control": "no-store"}


def _form(
    request: Request, *, renewing: bool, return_to: str = "", errors: Mapping[str, str] = MappingProxyType({})
) -> Response:
    return render(
        request,
        "login_phone.html",
        422 if errors else 200,
        renewing=renewing,
        return_to=return_to or _return_to(request),
        errors=errors,
    )


async def _problem(request: Request, failure: LoginFailed | Unavailable, return_to: str) -> Response:
    """As of any login, but the way on leads to this door again."""
    name = _name(failure)
    if isinstance(failure, Unavailable) or name not in STATUS:
        return login.problem(request, failure)
    again = f"{PATH}?{urlencode({'return_to': return_to} | ({'step_up': '1'} if visitor(request) else {}))}"
    return render(
        request,
        "login_problem.html",
        STATUS[name],
        problem=name,
        start=again,
        return_to=return_to,
        other_ways=f"/login?{urlencode({'return_to': return_to})}",
        reason="",
    )


def _renewing(request: Request) -> bool:
    return request.query_params.get("step_up") == "1"


def _return_to(request: Request) -> str:
    return local_path(request.query_params.get("return_to", "/"))


def _is_script(request: Request) -> bool:
    return request.headers.get("accept", "").startswith("application/json")


def _name(failure: LoginFailed | Unavailable) -> str:
    return failure.code.removeprefix("error-login-")


def _cookie_name(request: Request, key: str) -> str:
    return f"{session_cookie(services(request).settings)}-phone-{actions.tab_of(key)}"


def _seconds() -> int:
    return int((decoupled.LONGEST + decoupled.FORGET_AFTER).total_seconds())


routes: list[BaseRoute] = [
    Route(PATH, page),
    Route(PATH, ask, methods=["POST"]),
    Route(f"{PATH}/over", over),
    Route(f"{PATH}/{{key}}", wait),
    Route(f"{PATH}/{{key}}/cancel", cancel, methods=["POST"]),
]
