"""/cases/{id}/slides/{slide}: what the laboratory says of a slide, and its scale; the form stands on the page of its case."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from telepath.cases import slide_facts, slide_scale
from telepath.errors import Invalid
from web.pages import path_id, read_form, redirect, services, signed_in
from web.routes import cases


async def describe(request: Request) -> Response:
    actor, case_id, slide_id = signed_in(request), path_id(request), path_id(request, "slide")
    form = await read_form(request)
    try:
        said = {name: form.line(name, 4 * limit) for name, limit in slide_facts.LIMITS.items()}
        await slide_facts.describe(services(request).db, actor, case_id, slide_id, said)
    except Invalid as error:
        return await cases.case_page(request, error=error, typed=form, described=slide_id)
    if form.line("then", 10) == cases.ASK:
        return redirect(f"/consults/new?case={case_id}&done=slide-described")
    return redirect(f"/cases/{case_id}?done=slide-described#slides")


async def scale(request: Request) -> Response:
    """Say how many µm a pixel covers, or take that back."""
    actor, case_id, slide_id = signed_in(request), path_id(request), path_id(request, "slide")
    form = await read_form(request)
    try:
        typed = None if form.ticked("withdraw") else form.line("mpp", slide_scale.TYPED_LIMIT)
        await slide_scale.enter(services(request).db, actor, case_id, slide_id, typed)
    except Invalid as error:
        return await cases.case_page(request, error=error, typed=form, described=slide_id)
    return redirect(f"/cases/{case_id}?done=slide-scale#slides")


routes: list[BaseRoute] = [
    Route("/cases/{id}/slides/{slide}", describe, methods=["POST"]),
    Route("/cases/{id}/slides/{slide}/scale", scale, methods=["POST"]),
]
