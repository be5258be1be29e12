"""/cases/{id}/shares: with which group or institution a case is shared; the form stands on the page of the case."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from telepath.cases import sharing
from telepath.cases.sharing import Level
from telepath.errors import Conflict, Invalid
from web.pages import path_id, read_form, redirect, services, signed_in
from web.routes import cases


async def share(request: Request) -> Response:
    actor, case_id = signed_in(request), path_id(request)
    form = await read_form(request)
    kind, _, partner = form.line("share_with", 40).partition(":")
    try:
        level = Level(form.choice("share_may", list(Level)))
        days = form.choice("share_days", map(str, sharing.PERIODS), required=False)
        await sharing.share(services(request).db, actor, case_id, (kind, partner), level, int(days) if days else None)
    except (Invalid, Conflict) as error:
        return await cases.case_page(request, error=error, typed=form)
    return redirect(f"/cases/{case_id}?done=case-shared#shares")


async def withdraw(request: Request) -> Response:
    actor, case_id = signed_in(request), path_id(request)
    await sharing.withdraw(services(request).db, actor, case_id, path_id(request, "share"))
    return redirect(f"/cases/{case_id}?done=case-unshared#shares")


routes: list[BaseRoute] = [
    Route("/cases/{id}/shares", share, methods=["POST"]),
    Route("/cases/{id}/shares/{share}/withdraw", withdraw, methods=["POST"]),
]
