"""/administration/sessions: who is signed in for the institution now, and the way to put somebody out."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from auth import oversight
from auth.institutions import ref
from telepath import grants
from telepath.access import Action
from web.middleware import session_limits
from web.pages import read_form, redirect, render, services, signed_in

PAGE = "/administration/sessions"


async def index(request: Request) -> Response:
    actor, made = signed_in(request), services(request)
    async with made.db.read() as read:
        await grants.require(read, actor, Action.SESSION_MANAGE, ref(actor.institution_id))
        idle_since = read.now - session_limits(made.settings).idle
        found = await oversight.open_sessions(read, actor.institution_id, idle_since)
    return render(request, "administration/sessions.html", sessions=found, own=actor.session_id[: oversight.HANDLE])


async def end(request: Request) -> Response:
    """The person's slides and rooms close with it, on every node, within a second."""
    actor = signed_in(request)
    handle = (await read_form(request)).line("session", oversight.HANDLE, required=True)
    async with services(request).db.write(actor, unaudited="it may have ended a moment ago") as tx:
        await grants.require(tx, actor, Action.SESSION_MANAGE, ref(actor.institution_id))
        await oversight.end(tx, actor.institution_id, handle)
    return redirect(f"{PAGE}?done=session-ended")


routes: list[BaseRoute] = [Route(PAGE, index), Route(f"{PAGE}/end", end, methods=["POST"])]
