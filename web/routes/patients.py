"""/cases/{id}/patient: who the patient of a case is, opened on purpose, and the form in which it is said."""

from collections.abc import Iterable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from telepath import grants
from telepath.access import Action
from telepath.cases import patients, repository
from telepath.cases.identity import FIELDS, NAME_LIMIT, OIDS, STRICT, Identity, Sex, Status, grouped
from telepath.cases.patients import Page
from telepath.errors import Conflict, Invalid, TelepathError
from web.errors import by_field, status_of
from web.pages import Form, path_id, read_form, reader, redirect, render, services, signed_in

SEEN_LIMIT = 60


async def show(request: Request) -> Response:
    page = await patients.view(services(request).db, signed_in(request), path_id(request))
    return render(request, "cases/patient.html", page=page, case=page.case, oids=OIDS, grouped=grouped)


async def edit(request: Request) -> Response:
    page = await _editable(request)
    typed = page.patient.identity if page.patient else _EMPTY
    return _form(request, page, typed, page.patient.seen if page.patient else "")


async def change(request: Request) -> Response:
    """Say who the patient is; or, of the button below the form, take the identity away."""
    actor, case_id, db = signed_in(request), path_id(request), services(request).db
    form = await read_form(request)
    seen = form.line("seen", SEEN_LIMIT)
    if form.ticked("remove"):
        await patients.remove(db, actor, case_id, seen)
        return redirect(f"/cases/{case_id}?done=patient-removed#patient")
    typed = _typed(form)
    try:
        await patients.change(db, actor, case_id, seen, typed)
    except (Invalid, Conflict) as error:
        page = await _editable(request)
        if error.code == Conflict.code:
            seen = page.patient.seen if page.patient else ""
        problems = typed.problems(services(request).db.clock().date()) if isinstance(error, Invalid) else []
        return _form(request, page, typed, seen, error, problems)
    return redirect(f"/cases/{case_id}/patient?done=patient-changed")


async def _editable(request: Request) -> Page:
    """What the form is filled from, recorded as a view of it. Raises Refused: of another institution."""
    actor, case_id, db = signed_in(request), path_id(request), services(request).db
    async with db.read() as read:
        case = await repository.get(read, case_id)
        await grants.require(read, actor, Action.PATIENT_EDIT, case.ref)
    return await patients.view(db, actor, case_id)


def _form(
    request: Request,
    page: Page,
    values: Identity,
    seen: str,
    error: TelepathError | None = None,
    problems: Iterable[Invalid] = (),
) -> Response:
    """``problems``: all that is wrong with what was typed, of which ``error`` was the first."""
    t = reader(request).words
    return render(
        request,
        "cases/patient_form.html",
        200 if error is None else status_of(error),
        page=page,
        case=page.case,
        values=values,
        seen=seen,
        errors={field: said for one in (*problems, error) for field, said in by_field(t, one).items()},
        statuses=list(Status),
        sexes=list(Sex),
        oids=OIDS,
        strict=STRICT,
        limit=NAME_LIMIT,
    )


def _typed(form: Form) -> Identity:
    """As typed: the model says what is wrong with it. The limit here only bounds the work."""
    return Identity(**{name: form.line(name, 4 * NAME_LIMIT) for name in FIELDS})


_EMPTY = Identity(status="", birth_name="", given_names="", birth_date="", sex="")


routes: list[BaseRoute] = [
    Route("/cases/{id}/patient", show, methods=["GET"]),
    Route("/cases/{id}/patient/edit", edit, methods=["GET"]),
    Route("/cases/{id}/patient/edit", change, methods=["POST"]),
]
