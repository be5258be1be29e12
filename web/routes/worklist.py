"""/: what waits for the reader, what they wait for, what was signed of late, which cases others share with them. Who only
audits is led to the audit, who only administers to the administration, who only observes to the statistics."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from consults import worklist
from telepath.access import STAFF
from telepath.actor import Role
from telepath.cases import sharing
from web import live_rooms
from web.pages import redirect, render, services, signed_in


async def show(request: Request) -> Response:
    actor = signed_in(request)
    if not actor.roles & STAFF and Role.AUDITOR in actor.roles:
        return redirect("/audit")
    if not actor.roles & STAFF and Role.ADMINISTRATOR in actor.roles:
        return redirect("/administration")
    if not actor.roles & STAFF and Role.OBSERVER in actor.roles:
        return redirect("/statistics")
    async with services(request).db.read() as db:
        mine = await worklist.of_person(db, actor)
        running = await live_rooms.running(db, actor)
        shared = await sharing.with_us(db, actor)
    return render(request, "worklist.html", worklist=mine, running_rooms=running, shared=shared, limit=sharing.SHOWN)


routes: list[BaseRoute] = [Route("/", show, methods=["GET"])]
