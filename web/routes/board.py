"""/coordination/board: who waits for whom, for the coordinators of an institution."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from consults import board
from telepath import grants
from telepath.access import Action, institution_ref
from telepath.notices import store
from web.pages import render, services, signed_in

PAGE = "/coordination/board"


async def show(request: Request) -> Response:
    actor = signed_in(request)
    async with services(request).db.read() as db:
        await grants.require(db, actor, Action.ROUTING_MANAGE, institution_ref(actor.institution_id))
        seen = await store.last_number(db, actor.person_id)
        found = await board.of_institution(db, actor.institution_id)
    return render(request, "coordination/board.html", notices_seen=seen, board=found, shown=board.LINES)


routes: list[BaseRoute] = [Route(PAGE, show, methods=["GET"])]
