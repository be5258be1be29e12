"""/: what waits for the reader, what they wait for, what was signed of late."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from consults import worklist
from web.pages import render, services, signed_in


async def show(request: Request) -> Response:
    actor = signed_in(request)
    async with services(request).db.read() as db:
        mine = await worklist.of_person(db, actor.person_id)
    return render(request, "worklist.html", worklist=mine)


routes: list[BaseRoute] = [Route("/", show, methods=["GET"])]
