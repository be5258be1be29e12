"""/consults/{id}/material: what the expert needs before answering."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from consults import material
from consults.kinds import MaterialAnswer, MaterialKind
from telepath.errors import Invalid
from telepath.ids import is_id
from web.consult_page.page import consult_page
from web.pages import path_id, read_form, redirect, services, signed_in
from web.threads import read_view


async def ask(request: Request) -> Response:
    actor = signed_in(request)
    form = await read_form(request)
    kind = MaterialKind(form.choice("material-kind", list(MaterialKind)))
    text, slide, view = (
        form.text("material-text", 4 * material.TEXT_LIMIT),
        form.line("slide", 26),
        form.line("view", 200),
    )
    try:
        await material.ask(
            services(request).db,
            actor,
            path_id(request),
            kind,
            text,
            slide_id=slide if is_id(slide) else "",
            view=read_view(view) if view else None,
        )
    except Invalid as error:
        typed = {"material-kind": str(kind), "material-text": text}
        return await consult_page(request, error=error, refused="material-not-asked", typed=typed)
    return redirect(f"/consults/{path_id(request)}?done=material-asked")


async def answer(request: Request) -> Response:
    actor = signed_in(request)
    form = await read_form(request)
    wanted = form.line("material", 26)
    given = MaterialAnswer(form.choice("material-answer", material.ANSWERS))
    text = form.text("answer-text", 4 * material.TEXT_LIMIT)
    try:
        goes_on = await material.answer(services(request).db, actor, path_id(request), wanted, given, text)
    except Invalid as error:
        typed = {"material": wanted, "material-answer": str(given), "answer-text": text}
        return await consult_page(request, error=error, refused="material-not-answered", typed=typed)
    done = "consult-resumed" if goes_on else "material-answered"
    return redirect(f"/consults/{path_id(request)}?done={done}")


async def withdraw(request: Request) -> Response:
    actor = signed_in(request)
    wanted = (await read_form(request)).line("material", 26)
    goes_on = await material.withdraw(services(request).db, actor, path_id(request), wanted)
    return redirect(f"/consults/{path_id(request)}{'?done=consult-resumed' if goes_on else ''}")


routes: list[BaseRoute] = [
    Route("/consults/{id}/material", ask, methods=["POST"]),
    Route("/consults/{id}/material/answer", answer, methods=["POST"]),
    Route("/consults/{id}/material/withdraw", withdraw, methods=["POST"]),
]
