"""/login and /logout: to the identity provider and back."""

from urllib.parse import parse_qs, urlencode

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from auth import actions
from auth import logout as logout_tokens
from auth.model import LoginFailed, Purpose, refused
from auth.sessions import LOGIN_LIFE
from telepath.errors import NotFound, Unavailable
from telepath.identifiers import PSC
from web import activity_words, doors
from web.middleware import BACK_CHANNEL, origin_of, session_cookie, session_limits
from web.pages import local_path, read_form, reader, redirect, render, services, signed_in, visitor

LEFT = "/login/left"
"""Where the provider sends people after they logged out."""

LONGEST_LOGOUT = 16_384
"""Bytes of a form with a logout token."""
NOT_STORED = {"Cache-Control": "no-store"}

STATUS = {
    "error-login-cancelled": 200,
    "error-login-unknown": 400,
    "error-login-expired": 400,
    "error-login-other-browser": 400,
    "error-login-unavailable": 503,
}
"""All other failures are 403."""


async def page(request: Request) -> Response:
    """Where everybody starts who is not signed in."""
    return_to = _return_to(request)
    if visitor(request) is not None:
        return redirect(return_to)
    return render(request, "login.html", start=_start(return_to), doors=await doors.offered(request, return_to))


async def start(request: Request) -> Response:
    """Away to an identity provider: Pro Santé Connect, or the one whose key is asked for. ``fresh``: authenticate there anew,
    even if it remembers the browser."""
    key = request.query_params.get("provider", PSC)
    return await away(request, key, Purpose.LOGIN, fresh=request.query_params.get("fresh") == "1")


async def step_up(request: Request) -> Response:
    """Away to prove again who is there, before a signature: to whom proved it the first time. Who came by an emergency code
    was proven by nobody, and signs in."""
    if signed_in(request).in_emergency:
        return await away(request, PSC, Purpose.LOGIN, fresh=True)
    try:
        key = await actions.provider_of(services(request).db, _cookie(request))
    except LoginFailed as failure:
        return problem(request, failure)
    return await away(request, key, Purpose.STEP_UP)


async def callback(request: Request) -> Response:
    """Back from the identity provider: a session, or a page that says why not."""
    made = services(request)
    answer = dict(request.query_params)
    tab = _tab_cookie(request, actions.tab_of(answer.get("state", "")))
    try:
        entered = await actions.finish_login(
            made.db,
            _providers(request),
            answer,
            browser=request.cookies.get(tab, ""),
            cookie=_cookie(request),
            limits=session_limits(made.settings),
            origin=origin_of(request, made.settings),
        )
    except (LoginFailed, Unavailable) as failure:
        response = problem(request, failure)
    else:
        response = admit(request, entered)
    take(request, response, tab)
    return response


async def institution(request: Request) -> Response:
    """In which activity to act: asked after login of whoever has several, and open to them at any time."""
    made = services(request)
    try:
        found = await actions.choices(made.db, _cookie(request), session_limits(made.settings))
    except LoginFailed:
        return redirect(_door(_return_to(request)))
    t = reader(request).words
    offered = [activity_words.offered(t, option) for option in found]
    return render(request, "login_institution.html", offered=offered, return_to=_return_to(request))


async def choose_institution(request: Request) -> Response:
    made = services(request)
    form = await read_form(request)
    try:
        cookie = await actions.choose(
            made.db,
            _cookie(request),
            form.line("institution", 40, required=True),
            limits=session_limits(made.settings),
            origin=origin_of(request, made.settings),
        )
    except LoginFailed as failure:
        return problem(request, failure)
    response = redirect(form.line("return_to", 400))
    give(request, response, session_cookie(made.settings), cookie)
    return response


async def logout(request: Request) -> Response:
    """Ends the session here and at the provider, and empties the browser's caches: slides may lie in them."""
    made = services(request)
    try:
        leave = await actions.log_out(made.db, _providers(request), _cookie(request), origin_of(request, made.settings))
    except Unavailable as failure:
        if failure.code != "error-login-unavailable":
            raise  # the database: nothing has ended, and nothing else may be said
        # The cookie stays: it opens nothing any more, and names what is still to be left.
        response = RedirectResponse(f"{LEFT}?{urlencode({'half': '1'})}", 303)
    else:
        response = RedirectResponse(leave or LEFT, 303)
        take(request, response, session_cookie(made.settings))
    # Not "cookies": that would reach other services of the same host, which are not ours to log out of.
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


async def backchannel_logout(request: Request) -> Response:
    """An identity provider says whose sessions end. OpenID Connect Back-Channel Logout 1.0, 2.5 and 2.8."""
    made = services(request)
    provider = made.providers.get(request.path_params["provider"])
    if provider is None:
        raise NotFound
    try:
        token = await _logout_token(request)
        await logout_tokens.receive(made.db, provider, token, origin_of(request, made.settings))
    except LoginFailed as failure:
        return _not_logged_out("invalid_request", failure.reason)
    except Unavailable:
        # "If the logout request was invalid or the logout failed, the RP MUST respond with HTTP 400 Bad Request."
        return _not_logged_out("temporarily_unavailable", "")
    return Response(status_code=200, headers=NOT_STORED)


async def _logout_token(request: Request) -> str:
    """Raises LoginFailed: not a form with one logout token in it."""
    form = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = await request.body()
    if form != "application/x-www-form-urlencoded" or len(body) > LONGEST_LOGOUT:
        raise refused("logout-form")
    match parse_qs(body.decode("ascii", "replace")).get("logout_token"):
        case [token]:
            return token
        case _:
            raise refused("logout-token-missing")


def _not_logged_out(error: str, reason: str) -> Response:
    told = {"error": error} | ({"error_description": reason} if reason else {})
    return JSONResponse(told, 400, headers=NOT_STORED)


async def left(request: Request) -> Response:
    """``half``: the session here has ended, that at the provider has not, and lets in whoever comes next."""
    half = request.query_params.get("half") == "1"
    # Whoever comes next proves who they are: the provider may still know who was here.
    start = f"/login/start?{urlencode({'return_to': '/', 'fresh': '1'})}"
    return render(
        request, "login.html", start=start, doors=await doors.offered(request, "/"), left="half" if half else "whole"
    )


async def away(
    request: Request, provider: str, purpose: Purpose, *, fresh: bool = False, invitation_id: str = ""
) -> Response:
    """To the identity provider of this key. ``invitation_id``: the invitation that is being answered.

    Raises NotFound: no such provider."""
    made = services(request)
    asked = _providers(request)(provider)
    if asked is None:
        raise NotFound
    try:
        begun = await actions.begin_login(
            made.db,
            asked,
            return_to=_return_to(request),
            purpose=purpose,
            fresh=fresh,
            invitation_id=invitation_id,
        )
    except (LoginFailed, Unavailable) as failure:
        return problem(request, failure)
    response = RedirectResponse(begun.url, 303)
    give(request, response, _tab_cookie(request, begun.tab), begun.browser, int(LOGIN_LIFE.total_seconds()))
    return response


def admit(request: Request, entered: actions.SignedIn) -> Response:
    """On to where the person was going, with the cookie of the new session."""
    response = redirect(_choose(entered.return_to) if entered.must_choose else entered.return_to)
    give(request, response, session_cookie(services(request).settings), entered.cookie)
    return response


def problem(request: Request, failure: LoginFailed | Unavailable) -> Response:
    """Why there is no session, in words, and the way on."""
    return_to = failure.return_to if isinstance(failure, LoginFailed) else "/"
    name = failure.code.removeprefix("error-login-")
    if isinstance(failure, LoginFailed) and failure.ended:
        # The session ended a moment ago; the page must not greet its former owner.
        request.state.actor = None
    return render(
        request,
        "login_problem.html",
        STATUS.get(failure.code, 403),
        problem=name,
        start=f"/login/start?{urlencode({'return_to': return_to} | ({'fresh': '1'} if name in _ANEW else {}))}",
        return_to=return_to,
        other_ways=_door(return_to),
        reason=failure.reason if isinstance(failure, LoginFailed) and name == "refused" else "",
    )


def _providers(request: Request) -> actions.Providers:
    return services(request).providers.get


_ANEW = frozenset({"stale", "other-person", "no-account", "no-institution"})
"""After these the provider must ask again who is there, or it would give the same answer."""


def _return_to(request: Request) -> str:
    return local_path(request.query_params.get("return_to", "/"))


def _start(return_to: str) -> str:
    return f"/login/start?{urlencode({'return_to': return_to})}"


def _door(return_to: str) -> str:
    return f"/login?{urlencode({'return_to': return_to})}"


def _choose(return_to: str) -> str:
    return f"/login/institution?{urlencode({'return_to': return_to})}"


def _cookie(request: Request) -> str:
    return request.cookies.get(session_cookie(services(request).settings), "")


def _tab_cookie(request: Request, tab: str) -> str:
    return f"{session_cookie(services(request).settings)}-login-{tab}"


def give(request: Request, response: Response, name: str, value: str, seconds: int | None = None) -> None:
    """Lax, not Strict: the way back from the provider is a navigation that another site begins."""
    secure = services(request).settings.secure
    response.set_cookie(name, value, max_age=seconds, path="/", secure=secure, httponly=True, samesite="lax")
    MutableHeaders(raw=response.raw_headers).setdefault("Cache-Control", "no-store")


def take(request: Request, response: Response, name: str) -> None:
    secure = services(request).settings.secure
    response.delete_cookie(name, path="/", secure=secure, httponly=True, samesite="lax")


routes: list[BaseRoute] = [
    Route("/login", page),
    Route("/login/start", start),
    Route("/login/step-up", step_up),
    Route("/login/callback", callback),
    Route("/login/institution", institution),
    Route("/login/institution", choose_institution, methods=["POST"]),
    Route(LEFT, left),
    Route(BACK_CHANNEL + "{provider}", backchannel_logout, methods=["POST"]),
    Route("/logout", logout, methods=["POST"]),
]
