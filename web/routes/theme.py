"""Dark or light: a link in the header, kept in a cookie of this computer for a year."""

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from telepath.errors import NotFound
from web.pages import THEMES, redirect, services

KEPT = timedelta(days=365)


async def choose(request: Request) -> Response:
    chosen = request.query_params.get("theme", "")
    if chosen not in THEMES:
        raise NotFound
    response = redirect(request.query_params.get("return_to", "/"))
    response.set_cookie(
        "theme",
        chosen,
        max_age=int(KEPT.total_seconds()),
        secure=services(request).settings.secure,
        httponly=True,
        samesite="lax",
    )
    return response


routes: list[BaseRoute] = [Route("/theme", choose)]
