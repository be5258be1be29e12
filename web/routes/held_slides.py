"""/slides/held: the slides that one sent oneself, and whose label names another case. Nobody sees another's."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from consults import offers
from telepath import grants
from telepath.access import Action, institution_ref
from telepath.cases import repository as cases
from telepath.cases.model import LABEL_LIMIT, NUMBER_LIMIT
from telepath.db.transaction import Reader
from telepath.errors import Invalid, SlideHeld, TelepathError
from telepath.slides import held
from telepath.slides.held import Said
from web.errors import status_of
from web.pages import Form, path_id, read_form, reader, redirect, render, services, signed_in

BLOCK_LIMIT = 40


async def index(request: Request) -> Response:
    return await _page(request)


async def _page(request: Request, error: TelepathError | None = None, typed: dict[str, str] | None = None) -> Response:
    """``typed``: what the form of one slide (``slide``) held that was not let in."""
    actor = signed_in(request)
    async with services(request).db.read() as db:
        await grants.require(db, actor, Action.CASE_CREATE, institution_ref(actor.institution_id))
        waiting = await held.sent_by(db, actor)
        numbers = {one.case_id: (await cases.get(db, one.case_id)).number for one in waiting}
    t = reader(request).words
    return render(
        request,
        "held_slides.html",
        200 if error is None else status_of(error),
        waiting=waiting,
        numbers=numbers,
        refused=t(error.code, **error.params) if error is not None else "",
        typed=typed or {},
        limits={"number": NUMBER_LIMIT, "block": BLOCK_LIMIT, "specimen": LABEL_LIMIT},
    )


async def let_in(request: Request) -> Response:
    """Into the case whose number was typed, of one's own institution."""
    actor, slide_id = signed_in(request), path_id(request)
    form = await read_form(request)
    typed = {"slide": slide_id} | {name: form.line(name, 100) for name in ("number", "block", "specimen")}
    db = services(request).db
    try:
        async with db.read() as read:
            await held.of_sender(read, actor, slide_id)
            said = await _said(read, actor.institution_id, form)
        slide = await held.let_in(db, actor, slide_id, said, share=offers.give_slide)
    except (SlideHeld, Invalid) as error:
        return await _page(request, error, typed)
    return redirect(f"/cases/{slide.case_id}?done=slide-let-in#slides")


async def _said(read: Reader, institution_id: str, form: Form) -> Said:
    """Raises Invalid: no such case of one's institution, or specimen of it; what is not theirs is not told from what is not."""
    case_id = await cases.by_number(read, institution_id, form.line("number", NUMBER_LIMIT, required=True))
    if case_id is None:
        raise Invalid("error-held-case", field="number")
    label = form.line("specimen", LABEL_LIMIT)
    found = {one.label: one.id for one in await cases.specimens(read, case_id)}
    if label and label not in found:
        raise Invalid("error-specimen-unknown", field="specimen")
    block = form.line("block", BLOCK_LIMIT)
    return Said(case_id=case_id, institution_id=institution_id, specimen_id=found.get(label), block=block)


async def discard(request: Request) -> Response:
    made = services(request)
    await held.discard(made.db, made.storage, signed_in(request), path_id(request))
    return redirect("/slides/held?done=slide-discarded")


routes: list[BaseRoute] = [
    Route("/slides/held", index, methods=["GET"]),
    Route("/slides/held/{id}/let-in", let_in, methods=["POST"]),
    Route("/slides/held/{id}/discard", discard, methods=["POST"]),
]
