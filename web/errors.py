"""The one table from an error to an answer: HTTP status, WebSocket close code, page or JSON, in the reader's language.

Absent and refused are answered with the same bytes; the audit learns of the refusal. An unknown exception gives a page with
a reference that stands in the log beside the trace, and never the trace itself.
"""

import logging
import secrets
from typing import Any, Final
from urllib.parse import quote, urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ExceptionHandler
from starlette.websockets import WebSocket, WebSocketState

from telepath.access import ObjectRef
from telepath.actor import Actor
from telepath.errors import (
    Conflict,
    Forbidden,
    Invalid,
    InvalidTransition,
    NotFound,
    Refused,
    SlideUnreadable,
    StepUpRequired,
    TelepathError,
    TileUnreadable,
    TooLarge,
    Unauthenticated,
    Unavailable,
)
from web.pages import here, language, local_path, render, services, visitor

log = logging.getLogger("telepath.errors")

STATUS: Final[dict[type[TelepathError], int]] = {
    Unauthenticated: 401,
    StepUpRequired: 403,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    InvalidTransition: 409,
    TooLarge: 413,
    SlideUnreadable: 422,
    TileUnreadable: 422,
    Invalid: 422,
    TelepathError: 500,
    Unavailable: 503,
}
"""An exception has the status of its nearest class here."""

CLOSE: Final[dict[int, int]] = {401: 4401, 403: 4403, 404: 4404, 409: 4409, 413: 1009, 422: 1008, 500: 1011, 503: 1013}
"""Status → WebSocket close code (RFC 6455 7.4.1 and its registry; 4000-4999 are for private use)."""

NOBODY: Final = Actor(person_id="", name="", institution_id="")
WORDED: Final = frozenset({400, 401, 403, 404, 405, 409, 413, 422, 429, 500, 503})
"""Statuses that have a title and an advice of their own."""


def status_of(error: TelepathError) -> int:
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


async def known(connection: Request | WebSocket, error: TelepathError) -> Response | None:
    """Answer an error of telepath/errors.py."""
    if isinstance(error, Refused):
        try:
            await _record(connection, error)
        except Unavailable as unavailable:
            # Without its record the refusal is not said: the service is down for this request.
            error = unavailable
    if isinstance(connection, WebSocket):
        await _close(connection, status_of(error), error.code)
        return None
    if isinstance(error, Unauthenticated | StepUpRequired):
        return _to_login(connection, error)
    headers = {"Retry-After": "5"} if isinstance(error, Unavailable) else {}
    if isinstance(error, NotFound):
        return answer(connection, 404, NotFound.code, {})
    return answer(connection, status_of(error), error.code, _worded(connection, error), _reference(error), headers)


async def of_router(connection: Request | WebSocket, error: HTTPException) -> Response | None:
    """Answer what Starlette itself raises: no such route, no such method."""
    if isinstance(connection, WebSocket):
        await _close(connection, error.status_code, "error-not-found")
        return None
    codes = {404: NotFound.code, 405: "error-method", 429: "error-too-many-requests"}
    code = codes.get(error.status_code, "error-request")
    return answer(connection, error.status_code, code, {}, headers=dict(error.headers or {}))


async def unknown(connection: Request | WebSocket, error: Exception) -> Response | None:
    """A defect of ours: the trace goes to the log, its reference to the person."""
    if isinstance(error, TelepathError):
        return await known(connection, error)  # raised by a layer in front of the routes
    reference = secrets.token_hex(4)
    log.error("%s: %s %r", reference, connection.scope["type"], connection.scope["path"], exc_info=error)
    if isinstance(connection, WebSocket):
        await _close(connection, 500, "error-internal")
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
        )
    response.headers.update(headers or {})
    return response


async def _record(connection: HTTPConnection, error: Refused) -> None:
    async with services(connection).db.write(visitor(connection) or NOBODY) as tx:
        thing = ObjectRef(error.object_kind, error.object_id, error.owner)
        await tx.audit("access.refused", thing, outcome="refused", action=error.action, reason=error.reason)


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
    """The page that holds the form, if it is one of ours."""
    referer = request.headers.get("referer", "")
    if not referer.startswith(f"{services(request).settings.origin}/"):
        return "/"
    parts = urlsplit(referer)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _worded(request: Request, error: TelepathError) -> dict[str, str | int | float]:
    """The parameters of the sentence; a field is called what its form calls it."""
    t = services(request).words(language(request))
    field = f"field-{error.params.get('field', '')}".replace("_", "-")
    return error.params | {"field": t(field)} if t.has(field) else error.params


def _reference(error: TelepathError) -> str:
    reference = secrets.token_hex(4)
    log.info("%s: %s %r", reference, error.code, error.params)
    return reference


async def _close(socket: WebSocket, status: int, code: str) -> None:
    if socket.application_state is WebSocketState.CONNECTING:
        # Before it is accepted there is no close code to read: the browser sees a failed handshake.
        if "websocket.http.response" in socket.scope.get("extensions", {}):
            await socket.send_denial_response(JSONResponse({"error": code}, status))
        else:
            await socket.close(CLOSE.get(status, 1008))
    elif socket.application_state is WebSocketState.CONNECTED:
        await socket.close(CLOSE.get(status, 1008), code)
