"""/cases/{id}/non-opposition: what the patient said; the form stands on the page of the case."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from telepath.cases import non_opposition
from telepath.cases.non_opposition import Patient
from telepath.errors import Invalid
from web.pages import path_id, read_form, redirect, services, signed_in
from web.routes import cases


async def note(request: Request) -> Response:
    actor, case_id = signed_in(request), path_id(request)
    form = await read_form(request)
    try:
        said = Patient(form.choice("non_opposition", list(Patient)))
        await non_opposition.note(services(request).db, actor, case_id, said)
    except Invalid as error:
        return await cases.case_page(request, error=error, typed=form)
    if form.line("then", 10) == cases.ASK:
        return redirect(f"/consults/new?case={case_id}&done=non-opposition-noted")
    return redirect(f"/cases/{case_id}?done=non-opposition-noted#non-opposition")


routes: list[BaseRoute] = [Route("/cases/{id}/non-opposition", note, methods=["POST"])]
