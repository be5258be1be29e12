"""/duties: one's own duties, and those that a colleague asks one to take."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from consults import duties, duty_swaps, pools
from consults.duty_swaps import Answer
from telepath import grants
from telepath.access import Action, institution_ref
from telepath.errors import Conflict, Invalid, TelepathError
from telepath.territories import REGIONS
from web import roster_view
from web.errors import by_field, status_of
from web.pages import path_id, read_form, reader, redirect, render, services, signed_in

PAGE = "/duties"


async def index(request: Request) -> Response:
    return await _page(request)


async def ask(request: Request) -> Response:
    key, form = path_id(request), await read_form(request)
    try:
        colleague = form.line("colleague", 26, required=True)
        await duty_swaps.ask(services(request).db, signed_in(request), key, colleague)
    except (Invalid, Conflict) as wrong:
        return await _page(request, wrong, about=key)
    return redirect(f"{PAGE}?done=swap-asked")


async def answer(request: Request) -> Response:
    db, actor, key = services(request).db, signed_in(request), path_id(request)
    form = await read_form(request)
    phone = form.line("phone", duties.PHONE_LIMIT)
    said = Answer(form.choice("answer", list(Answer)))
    try:
        match said:
            case Answer.TAKEN:
                await duty_swaps.take(db, actor, key, phone)
            case Answer.DECLINED:
                await duty_swaps.decline(db, actor, key)
            case Answer.WITHDRAWN:
                await duty_swaps.withdraw(db, actor, key)
    except (Invalid, Conflict) as wrong:
        return await _page(request, wrong, about=key, phone=phone)
    return redirect(f"{PAGE}?done=swap-{said}")


async def _page(request: Request, error: TelepathError | None = None, *, about: str = "", phone: str = "") -> Response:
    """``about``: the duty, or the request, whose form has the error; ``phone``: what was typed in it."""
    actor, words = signed_in(request), reader(request).words
    async with services(request).db.read() as read:
        await grants.require(read, actor, Action.DUTY_TAKE, institution_ref(actor.institution_id))
        mine = await duties.of_person(read, actor.person_id)
        swaps = await duty_swaps.concerning(read, actor.person_id)
        belongs = await pools.of_person(read, actor.person_id)
        others = {
            one.pool_id: [
                (other.person_id, f"{other.name}, {other.institution_name}")
                for other in await duty_swaps.colleagues(read, one.pool_id, actor.person_id)
            ]
            for one in {one.pool_id: one for one in mine}.values()
        }
    return render(
        request,
        "duties.html",
        200 if error is None else status_of(error),
        duties=[roster_view.own(one, actor.time_zone, words) for one in mine],
        asked_of_me=[
            (one, roster_view.own(one.duty, actor.time_zone, words)) for one in swaps if one.asked_of == actor.person_id
        ],
        asked=[one for one in swaps if one.asked_by == actor.person_id],
        pools=[one.name for one in belongs],
        others=others,
        territories=REGIONS,
        about=about,
        phone=phone,
        limit=duties.PHONE_LIMIT,
        errors=by_field(words, error),
    )


routes: list[BaseRoute] = [
    Route(PAGE, index),
    Route(f"{PAGE}/{{id}}/ask", ask, methods=["POST"]),
    Route(f"{PAGE}/asked/{{id}}", answer, methods=["POST"]),
]
