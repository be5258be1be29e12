"""/consults/{id}/commit, /reveal, /readers, /countersign, /send-back, /grade: what several do about one opinion."""

from datetime import timedelta
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from consults import blind, concordance, dismissal, further_readers, second_signatures
from consults.kinds import ReadingRole, Side
from consults.model import COMMENT_LIMIT
from telepath.errors import Conflict, Invalid, StepUpRequired, TelepathError
from telepath.ids import is_id
from web.consult_page.page import consult_page
from web.pages import Form, path_id, read_form, redirect, services, signed_in
from web.routes.opinions import UNCACHED, grade_typed, graded_in, save_editor


async def commit(request: Request) -> Response:
    """The editor's own text is kept, then committed; the first diagnosis is shown."""
    actor = signed_in(request)
    form = await read_form(request)
    refused = "blind-not-committed-title"
    saved = await save_editor(request, actor, form, refused)
    if isinstance(saved, Response):
        return saved
    try:
        await blind.commit(services(request).db, actor, path_id(request), saved)
    except (Invalid, Conflict) as error:
        return await consult_page(request, error=error, refused=refused)
    return _back(request, "?done=committed#first-diagnosis")


async def reveal(request: Request) -> Response:
    try:
        await blind.reveal(services(request).db, signed_in(request), path_id(request))
    except (Invalid, Conflict) as error:
        return await consult_page(request, error=error, refused="blind-not-revealed")
    return _back(request, "#first-diagnosis")


async def invite(request: Request) -> Response:
    actor = signed_in(request)
    form = await read_form(request)
    role, expert = ReadingRole(form.choice("role", list(further_readers.BESIDE))), form.line("expert", 26)
    try:
        await further_readers.invite(services(request).db, actor, path_id(request), role, expert)
    except (Invalid, Conflict) as error:
        return await consult_page(request, error=error, refused="readers-not-invited")
    return _back(request, "?done=reader-invited#readers")


async def dismiss(request: Request) -> Response:
    actor = signed_in(request)
    form = await read_form(request)
    person = form.line("person", 26)
    db = services(request).db
    try:
        await dismissal.dismiss(db, actor, path_id(request), person if is_id(person) else "")
    except (Invalid, Conflict) as error:
        return await consult_page(request, error=error, refused="readers-not-dismissed")
    return _back(request, "?done=reader-dismissed#readers")


async def countersign(request: Request) -> Response:
    """Whoever must first prove again who they are comes back to the text, and signs then."""
    actor = signed_in(request)
    made = services(request)
    form = await read_form(request)
    number = form.number("number", 1, 2**31 - 1)
    within = timedelta(minutes=made.settings.step_up_minutes)
    consult_id = path_id(request)
    try:
        await second_signatures.countersign(made.db, actor, consult_id, number, within, providers=made.providers.names)
    except StepUpRequired:
        there = quote(f"/consults/{consult_id}#countersign", safe="")
        return RedirectResponse(f"/login/step-up?return_to={there}", 303, UNCACHED)
    except (Invalid, Conflict) as error:
        return await consult_page(request, error=error, refused="countersign-not-signed")
    return _back(request, f"?done=countersigned#opinion-{number}-title")


async def send_back(request: Request) -> Response:
    actor = signed_in(request)
    form = await read_form(request)
    number, comment = form.number("number", 1, 2**31 - 1), form.text("comment", 4 * COMMENT_LIMIT)
    try:
        await second_signatures.send_back(services(request).db, actor, path_id(request), number, comment)
    except (Invalid, Conflict) as error:
        typed = {"comment": comment}
        return await consult_page(request, error=error, refused="countersign-not-sent-back", typed=typed)
    return _back(request, "?done=sent-back#countersign")


async def grade(request: Request) -> Response:
    actor = signed_in(request)
    form = await read_form(request)
    side = Side(form.choice("side", list(Side)))
    try:
        graded = graded_in(form)
        if graded is None:
            raise Invalid("error-grade-missing", field="grade")
        await concordance.grade(services(request).db, actor, path_id(request), side, graded)
    except (Invalid, Conflict) as error:
        return await _not_graded(request, error, form)
    return _back(request, "?done=graded#concordance")


async def _not_graded(request: Request, error: TelepathError, form: Form) -> Response:
    return await consult_page(request, error=error, refused="grade-not-saved", typed=grade_typed(form))


def _back(request: Request, rest: str = "") -> Response:
    return redirect(f"/consults/{path_id(request)}{rest}")


routes: list[BaseRoute] = [
    Route("/consults/{id}/commit", commit, methods=["POST"]),
    Route("/consults/{id}/reveal", reveal, methods=["POST"]),
    Route("/consults/{id}/readers", invite, methods=["POST"]),
    Route("/consults/{id}/readers/dismiss", dismiss, methods=["POST"]),
    Route("/consults/{id}/countersign", countersign, methods=["POST"]),
    Route("/consults/{id}/send-back", send_back, methods=["POST"]),
    Route("/consults/{id}/grade", grade, methods=["POST"]),
]
