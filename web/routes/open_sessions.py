"""/administration/sessions: who is signed in for the institution now, and the way to put somebody out; /sessions: one's own."""

from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from auth import emergency, oversight
from auth.institutions import ref
from telepath import grants
from telepath.access import Action
from telepath.db.transaction import Reader
from telepath.errors import Forbidden, StepUpRequired
from web.middleware import session_limits
from web.pages import read_form, redirect, render, services, signed_in

PAGE = "/administration/sessions"
OWN = "/sessions"


async def index(request: Request) -> Response:
    actor = signed_in(request)
    async with services(request).db.read() as read:
        await grants.require(read, actor, Action.SESSION_MANAGE, ref(actor.institution_id))
        found = await oversight.open_sessions(read, actor.institution_id, _idle_since(request, read))
    own = actor.session_id[: oversight.HANDLE]
    return render(request, "administration/sessions.html", sessions=found, own=own, mine=False, action=f"{PAGE}/end")


async def end(request: Request) -> Response:
    """The person's slides and rooms close with it, on every node, within a second."""
    actor = signed_in(request)
    handle = (await read_form(request)).line("session", 64, required=True)
    async with services(request).db.write(actor) as tx:
        await grants.require(tx, actor, Action.SESSION_MANAGE, ref(actor.institution_id))
        among = await oversight.open_sessions(tx, actor.institution_id, _idle_since(request, tx))
        await oversight.end(tx, among, handle, "administrator")
    return redirect(f"{PAGE}?done=session-ended")


async def own_index(request: Request) -> Response:
    """One's own, in this browser and elsewhere."""
    actor = signed_in(request)
    async with services(request).db.read() as read:
        found = await oversight.of_person(read, actor.person_id, _idle_since(request, read))
    own = actor.session_id[: oversight.HANDLE]
    return render(request, "administration/sessions.html", sessions=found, own=own, mine=True, action=f"{OWN}/end")


async def end_own(request: Request) -> Response:
    """Raises StepUpRequired, Forbidden: whoever sits at a screen that was left open, or got hold of an emergency code, must not
    be able to put its owner out elsewhere."""
    actor, made = signed_in(request), services(request)
    handle = (await read_form(request)).line("session", 64, required=True)
    async with made.db.write(actor) as tx:
        try:
            emergency.require_fresh(actor, tx.now, timedelta(minutes=made.settings.step_up_minutes))
        except StepUpRequired:
            raise StepUpRequired(return_to=OWN) from None
        except Forbidden:
            raise Forbidden("error-session-end-emergency") from None
        among = await oversight.of_person(tx, actor.person_id, _idle_since(request, tx))
        await oversight.end(tx, among, handle, "owner")
    return redirect(f"{OWN}?done=session-ended")


def _idle_since(request: Request, read: Reader) -> datetime:
    return read.now - session_limits(services(request).settings).idle


routes: list[BaseRoute] = [
    Route(PAGE, index),
    Route(f"{PAGE}/end", end, methods=["POST"]),
    Route(OWN, own_index),
    Route(f"{OWN}/end", end_own, methods=["POST"]),
]
