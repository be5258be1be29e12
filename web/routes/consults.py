"""/consults/{id}: the page of a consult, the answer to what was offered, and the discussion."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from consults import offers, repository
from consults.kinds import DeclineCode
from consults.model import DECLINE_LIMIT
from telepath import grants
from telepath.access import Action
from telepath.cases import repository as cases
from telepath.cases import threads
from telepath.errors import Invalid
from telepath.ids import is_id
from web.consult_page.page import consult_page
from web.pages import path_id, read_form, redirect, services, signed_in
from web.threads import read_view


async def show(request: Request) -> Response:
    return await consult_page(request, signing=request.query_params.get("sign") == "1")


async def accept(request: Request) -> Response:
    await offers.accept(services(request).db, signed_in(request), path_id(request))
    return _back(request, "?done=accepted")


async def decline(request: Request) -> Response:
    actor = signed_in(request)
    form = await read_form(request)
    reason = form.text("decline-reason", 4 * DECLINE_LIMIT)
    code = form.choice("decline-code", list(DeclineCode), required=False) or DeclineCode.OTHER
    try:
        await offers.decline(services(request).db, actor, path_id(request), reason, DeclineCode(code))
    except Invalid as error:
        if "field" not in error.params:
            raise
        typed = {"decline-reason": reason, "decline-code": code}
        return await consult_page(request, error=error, refused="consults-not-declined", typed=typed)
    return redirect("/?done=declined")


async def write_line(request: Request) -> Response:
    """A line of the discussion of this consult."""
    actor = signed_in(request)
    form = await read_form(request)
    text, slide, view = form.text("line", 4 * threads.TEXT_LIMIT), form.line("slide", 26), form.line("view", 200)
    try:
        async with services(request).db.write(actor) as tx:
            consult = await repository.get(tx, path_id(request))
            await grants.require(tx, actor, Action.CONSULT_VIEW, consult.ref)
            told = await repository.parties(tx, consult.id)
            await threads.write(
                tx,
                actor,
                await cases.get(tx, consult.case_id),
                text,
                consult_id=consult.id,
                slide_id=slide if is_id(slide) else "",
                view=read_view(view) if view else None,
                tell=told,
                unnamed_to=await repository.unnamed_to(tx, consult.case_id, actor.person_id, told),
            )
    except Invalid as error:
        return await consult_page(request, error=error, refused="consults-not-written", typed={"line": text})
    return _back(request, "#discussion")


def _back(request: Request, rest: str = "") -> Response:
    """To the page of this consult; ``rest``: query and fragment."""
    return redirect(f"/consults/{path_id(request)}{rest}")


routes: list[BaseRoute] = [
    Route("/consults/{id}", show, methods=["GET"]),
    Route("/consults/{id}/accept", accept, methods=["POST"]),
    Route("/consults/{id}/decline", decline, methods=["POST"]),
    Route("/consults/{id}/lines", write_line, methods=["POST"]),
]
