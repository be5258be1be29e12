"""The language of this screen: a link in the header, kept in a cookie."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from telepath.errors import NotFound
from web.pages import redirect, services
from web.words import LANGUAGES


async def choose(request: Request) -> Response:
    """Until the browser is closed: the next person on a shared computer starts with their own language."""
    chosen = request.query_params.get("lang", "")
    if chosen not in LANGUAGES:
        raise NotFound
    response = redirect(request.query_params.get("return_to", "/"))
    response.set_cookie("lang", chosen, secure=services(request).settings.secure, httponly=True, samesite="lax")
    return response


routes: list[BaseRoute] = [Route("/language", choose)]
