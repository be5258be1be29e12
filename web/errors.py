"""The one table from an error to an answer: HTTP status, WebSocket close code, page or JSON, in the reader's language.

Absent and refused are answered with the same bytes; the audit learns of the refusal. An unknown exception gives a page with
a reference that stands in the log beside the trace, and never the trace itself.
"""

import asyncio
import logging
import secrets
import time
from typing import Any, Final
from urllib.parse import quote, urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.status import WS_1011_INTERNAL_ERROR
from starlette.types import ExceptionHandler
from starlette.websockets import WebSocket, WebSocketState

from realtime import close_codes
from realtime.close_codes import CloseCode
from telepath.access import ObjectRef
from telepath.actor import Actor
from telepath.errors import (
    Conflict,
    Forbidden,
    Invalid,
    InvalidTransition,
    NotFound,
    Refused,
    SlideHeld,
    SlideUnreadable,
    StepUpRequired,
    TelepathError,
    TileUnreadable,
    TooLarge,
    Unauthenticated,
    Unavailable,
    UploadRefused,
)
from web.pages import here, language, local_path, render, services, visitor
from web.request_log import route
from web.technical_log import request_number
from web.words import Wording

log = logging.getLogger("telepath.errors")

STATUS: Final[dict[type[TelepathError], int]] = {
    Unauthenticated: 401,
    StepUpRequired: 403,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    InvalidTransition: 409,
    TooLarge: 413,
    SlideHeld: 422,
    SlideUnreadable: 422,
    TileUnreadable: 422,
    Invalid: 422,
    TelepathError: 500,
    Unavailable: 503,
}
"""An exception has the status of its nearest class here."""

FIELD_OF: Final = {
    "error-case-number-form": "number",
    "error-case-number-patient": "number",
    "error-case-number-taken": "number",
    "error-case-organ": "organ",
    "error-coding-unreadable": "codings",
    "error-expert-not-proposed": "expert",
    "error-login-number": "number",
    "error-login-number-missing": "number",
    "error-share-days": "share_days",
    "error-share-exists": "share_with",
    "error-share-partner": "share_with",
    "error-specimen-taken": "label",
    "error-specimen-too-many": "label",
    "error-thread-view": "line",
}
"""Code → the field of a form that it is about, where the error itself names none."""

NOBODY: Final = Actor(person_id="", name="", institution_id="")
STEP: Final = 0.025
"""Seconds. What does not exist is said after a whole number of these since the request came."""
WORDED: Final = frozenset({400, 401, 403, 404, 405, 409, 413, 422, 429, 500, 503})
"""Statuses that have a title and an advice of their own."""


def status_of(error: TelepathError) -> int:
    if isinstance(error, UploadRefused):
        return error.status
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


async def known(connection: Request | WebSocket, error: TelepathError) -> Response | None:
    """Answer an error of telepath/errors.py."""
    if isinstance(connection, Request):
        return await of_request(connection, error)
    error = await _recorded(connection, error)
    await _evened(connection, error)
    await _close(connection, status_of(error), error.code, close_codes.of(error))
    return None


async def of_request(request: Request, error: TelepathError) -> Response:
    """What ``known`` answers by HTTP."""
    error = await _recorded(request, error)
    await _evened(request, error)
    if isinstance(error, Unauthenticated | StepUpRequired):
        return _to_login(request, error)
    headers = {"Retry-After": "5"} if isinstance(error, Unavailable) else {}
    if isinstance(error, NotFound):
        return answer(request, 404, NotFound.code, {})
    t = services(request).words(language(request))
    return answer(request, status_of(error), _code(t, error), _params(t, error), _told(error), headers)


async def of_router(connection: Request | WebSocket, error: HTTPException) -> Response | None:
    """Answer what Starlette itself raises: no such route, no such method."""
    if isinstance(connection, WebSocket):
        await _close(connection, error.status_code, NotFound.code, CloseCode.GONE)
        return None
    codes = {404: NotFound.code, 405: "error-method", 429: "error-too-many-requests"}
    code = codes.get(error.status_code, "error-request")
    return answer(connection, error.status_code, code, {}, headers=dict(error.headers or {}))


async def unknown(connection: Request | WebSocket, error: Exception) -> Response | None:
    """A defect of ours: the trace goes to the log, its reference to the person."""
    if isinstance(error, TelepathError):
        return await known(connection, error)  # raised by a layer in front of the routes
    reference = _reference()
    log.error("%s: a defect in %s %s", reference, connection.scope["type"], route(connection.scope), exc_info=error)
    if isinstance(connection, WebSocket):
        await _close(connection, 500, TelepathError.code, WS_1011_INTERNAL_ERROR)
        return None
    try:
        return answer(connection, 500, TelepathError.code, {}, reference)
    except Exception:
        # The page itself may be what is broken; the person still gets the reference.
        log.exception("%s: the error page cannot be shown", reference)
        return PlainTextResponse(f"telepath: erreur interne / internal error. {reference}\n", 500)


async def gone(_connection: HTTPConnection, _error: Exception) -> Response:
    """The client left in the middle of its request: nobody reads the answer."""
    return Response(status_code=400)


handlers: Final[dict[Any, ExceptionHandler]] = {
    TelepathError: known,  # type: ignore[dict-item]  # Starlette types a handler for Request or WebSocket, not for both
    HTTPException: of_router,  # type: ignore[dict-item]
    ClientDisconnect: gone,
    Exception: unknown,  # type: ignore[dict-item]
}
"""For ``Starlette(exception_handlers=…)``."""


def answer(
    request: Request,
    status: int,
    code: str,
    params: dict[str, str | int | float],
    reference: str = "",
    headers: dict[str, str] | None = None,
    login: str = "",
) -> Response:
    """The error as a page, as a part of a page (htmx), or as JSON for whoever does not ask for HTML."""
    t = services(request).words(language(request))
    worded = status if status in WORDED else 400 if status < 500 else 500
    message = t(code, **params)
    if "text/html" not in request.headers.get("accept", ""):
        body = {"error": code, "message": message} | ({"reference": reference} if reference else {})
        response: Response = JSONResponse(body, status, {"Cache-Control": "no-store"})
    else:
        name = "error_fragment.html" if request.headers.get("hx-request") == "true" else "error.html"
        response = render(
            request,
            name,
            status,
            title=t(f"error-title-{worded}"),
            message=message,
            advice=t(f"error-advice-{worded}"),
            number=status,
            reference=reference,
            login=login,
            back=_back(request),
        )
    response.headers.update(headers or {})
    return response


def field_of(error: TelepathError) -> str:
    """The field of a form that the error is about; empty: none."""
    return str(error.params.get("field") or FIELD_OF.get(error.code, ""))


def by_field(t: Wording, error: TelepathError | None) -> dict[str, str]:
    """For a form that is shown again: field → what is wrong with it; under "" what concerns no field."""
    return {} if error is None else {field_of(error): t(_code(t, error), **_params(t, error))}


async def _recorded(connection: HTTPConnection, error: TelepathError) -> TelepathError:
    """What is to be said; of a refusal the auditor learns first."""
    if not isinstance(error, Refused):
        return error
    try:
        thing = ObjectRef(error.object_kind, error.object_id, error.owner)
        refusals, who = services(connection).db.refusals, visitor(connection) or NOBODY
        await refusals.record(who, "access.refused", thing, action=error.action, reason=error.reason)
    except Unavailable as unavailable:
        # Without its record the refusal is not said: the service is down for this request.
        return unavailable
    return error


async def _evened(connection: HTTPConnection, error: TelepathError) -> None:
    """Wait until what does not exist and what is refused have taken equally long: the refusal has its record to write."""
    if isinstance(error, NotFound):
        begun = connection.scope["state"].get("begun", time.monotonic())
        await asyncio.sleep(STEP - (time.monotonic() - begun) % STEP)


def _to_login(request: Request, error: TelepathError) -> Response:
    door = "/login/step-up" if isinstance(error, StepUpRequired) else "/login"
    page = here(request) if request.method == "GET" else str(error.params.get("return_to") or _came_from(request))
    login = f"{door}?return_to={quote(local_path(page), safe='')}"
    status = status_of(error)
    if request.headers.get("hx-request") == "true":
        return Response(status_code=status, headers={"HX-Redirect": login, "Cache-Control": "no-store"})
    html = "text/html" in request.headers.get("accept", "")
    if html and (request.method == "GET" or isinstance(error, StepUpRequired)):
        return RedirectResponse(login, 303, {"Cache-Control": "no-store"})
    return answer(request, status, error.code, {}, login=login)


def _came_from(request: Request) -> str:
    """The page that holds the form or the link, if it is one of ours."""
    referer = request.headers.get("referer", "")
    if not referer.startswith(f"{services(request).settings.origin}/"):
        return "/"
    parts = urlsplit(referer)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _back(request: Request) -> str:
    """The page of ours whose link led to this error; empty: none did, or it was this very one."""
    path = local_path(_came_from(request))
    return "" if path in {"/", here(request)} else path


def _code(t: Wording, error: TelepathError) -> str:
    """Of the sentence. Of a field that no form shows, a page sends it by itself: its name would tell the reader nothing."""
    unseen = error.code.startswith("error-field-") and not t.has(_field(error))
    return "error-field-unseen" if unseen else error.code


def _params(t: Wording, error: TelepathError) -> dict[str, str | int | float]:
    """The parameters of the sentence; a field is called what its form calls it."""
    name = _field(error)
    return error.params | {"field": t(name)} if t.has(name) else error.params


def _field(error: TelepathError) -> str:
    return f"field-{field_of(error)}".replace("_", "-")


def _told(error: TelepathError) -> str:
    """The reference under which the technical log has the code; not the parameters, which may be what somebody typed."""
    reference = _reference()
    log.info("%s: %s", reference, error.code)
    return reference


def _reference() -> str:
    """The number of the request, which all its lines in the technical log bear."""
    return request_number.get() or secrets.token_hex(4)


async def _close(socket: WebSocket, status: int, code: str, close: int) -> None:
    if socket.application_state is WebSocketState.CONNECTING:
        # Before it is accepted there is no close code to read: the browser sees a failed handshake.
        if "websocket.http.response" in socket.scope.get("extensions", {}):
            await socket.send_denial_response(JSONResponse({"error": code}, status))
        else:
            await socket.close(close)
    elif socket.application_state is WebSocketState.CONNECTED:
        await socket.close(close, code)
