"""/consults/{id}/transfer: the expert hands the consult over."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from consults import transfer
from consults.model import DECLINE_LIMIT
from telepath.errors import Invalid
from web.consult_page.page import consult_page
from web.pages import path_id, read_form, redirect, services, signed_in


async def hand_over(request: Request) -> Response:
    """Whoever handed it over sees it no more: the way leads to the worklist."""
    actor = signed_in(request)
    form = await read_form(request)
    reason, to = form.text("transfer-reason", 4 * DECLINE_LIMIT), form.line("transfer-to", 26)
    try:
        await transfer.transfer(services(request).db, actor, path_id(request), reason, to)
    except Invalid as error:
        typed = {"transfer-reason": reason, "transfer-to": to}
        return await consult_page(request, error=error, refused="transfer-not-done", typed=typed)
    return redirect("/?done=transferred")


routes: list[BaseRoute] = [Route("/consults/{id}/transfer", hand_over, methods=["POST"])]
