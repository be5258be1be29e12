"""/display-check: a minute of faint letters in the colours of stains (web/client/src/display_check.ts). It keeps nobody out.

GET   the page, with the last check of who looks
POST  telepath.slides.display_check.Result as JSON: 204
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from telepath.slides import display_check
from telepath.slides.display_check import Result
from web.json_body import read_json
from web.pages import render, services, signed_in


async def show(request: Request) -> Response:
    actor = signed_in(request)
    async with services(request).db.read() as reader:
        last = await display_check.last_of(reader, actor.person_id)
    return render(request, "display_check.html", last=last)


async def keep(request: Request) -> Response:
    await display_check.keep(services(request).db, signed_in(request), await read_json(request, Result))
    return Response(status_code=204, headers={"Cache-Control": "no-store"})


routes: list[BaseRoute] = [
    Route("/display-check", show, methods=["GET"]),
    Route("/display-check", keep, methods=["POST"]),
]
