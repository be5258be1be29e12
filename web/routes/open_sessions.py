"""/administration/sessions: who is signed in for the institution now, and the way to put somebody out; /sessions: one's own."""

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from auth import oversight
from telepath.errors import StepUpRequired
from web.middleware import session_limits
from web.pages import read_form, redirect, render, services, signed_in

PAGE = "/administration/sessions"
OWN = "/sessions"


async def index(request: Request) -> Response:
    actor = signed_in(request)
    async with services(request).db.read() as read:
        found = await oversight.open_sessions(read, actor, _idle(request))
    own = actor.session_id[: oversight.HANDLE]
    return render(request, "administration/sessions.html", sessions=found, own=own, mine=False, action=f"{PAGE}/end")


async def end(request: Request) -> Response:
    """The person's slides and rooms close with it, on every node, within a second."""
    actor = signed_in(request)
    handle = (await read_form(request)).line("session", 64, required=True)
    await oversight.end(services(request).db, actor, handle, _idle(request))
    return redirect(f"{PAGE}?done=session-ended")


async def own_index(request: Request) -> Response:
    """One's own, in this browser and elsewhere."""
    actor = signed_in(request)
    async with services(request).db.read() as read:
        found = await oversight.own_sessions(read, actor, _idle(request))
    own = actor.session_id[: oversight.HANDLE]
    return render(request, "administration/sessions.html", sessions=found, own=own, mine=True, action=f"{OWN}/end")


async def end_own(request: Request) -> Response:
    """Asks who is there anew, and comes back to the list."""
    actor, made = signed_in(request), services(request)
    handle = (await read_form(request)).line("session", 64, required=True)
    within = timedelta(minutes=made.settings.step_up_minutes)
    try:
        await oversight.end_own(made.db, actor, handle, _idle(request), within)
    except StepUpRequired:
        raise StepUpRequired(return_to=OWN) from None
    return redirect(f"{OWN}?done=session-ended")


def _idle(request: Request) -> timedelta:
    return session_limits(services(request).settings).idle


routes: list[BaseRoute] = [
    Route(PAGE, index),
    Route(f"{PAGE}/end", end, methods=["POST"]),
    Route(OWN, own_index),
    Route(f"{OWN}/end", end_own, methods=["POST"]),
]
