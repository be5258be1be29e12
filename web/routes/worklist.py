"""/: what waits for the reader, what they wait for, what was signed of late, which cases others share with them. Who only
audits is led to the audit, who only administers to the administration, who only observes to the statistics."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from consults import worklist
from telepath.cases import sharing
from web import live_rooms
from web.navigation import first_of
from web.pages import redirect, render, services, signed_in


async def show(request: Request) -> Response:
    actor = signed_in(request)
    first = first_of(actor)
    if first.path != "/":
        return redirect(first.path)
    async with services(request).db.read() as db:
        mine = await worklist.of_person(db, actor)
        running = await live_rooms.running(db, actor)
        shared = await sharing.with_us(db, actor)
    return render(request, "worklist.html", worklist=mine, running_rooms=running, shared=shared, limit=sharing.SHOWN)


routes: list[BaseRoute] = [Route("/", show, methods=["GET"])]
