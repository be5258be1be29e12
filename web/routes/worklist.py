"""/: what waits for the reader, what they wait for, what was signed of late, which cases others share with them; its tabs, and
what is looked for on them. Who only audits is led to the audit, who only administers to the administration, who only observes
to the statistics."""

from urllib.parse import parse_qsl, quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from consults import saved_filters, worklist
from consults.wish import CHOICES, View, Wish, sorts_of, wish_of
from telepath import grants
from telepath.access import Action, institution_ref
from telepath.actor import Actor
from telepath.cases import sharing
from telepath.cases.model import ORGANS
from telepath.errors import Conflict, Invalid, TelepathError, TooLarge
from telepath.notices import store
from web import live_rooms
from web.errors import by_field, status_of
from web.navigation import first_of
from web.pages import clean, path_id, read_form, reader, redirect, render, services, signed_in
from web.words import Wording


async def show(request: Request) -> Response:
    actor = signed_in(request)
    first = first_of(actor)
    if first.path != "/":
        return redirect(first.path)
    return await _page(request, actor, wish_of({name: clean(value) for name, value in request.query_params.items()}))


async def save(request: Request) -> Response:
    """The filter of the page where it was named, which the form carries as the query of its address."""
    actor, form = signed_in(request), await read_form(request)
    wish = wish_of({name: clean(value) for name, value in parse_qsl(form.line("query", 1_000))})
    try:
        await _at_home(request, actor)
        await saved_filters.save(services(request).db, actor, form.line("filter-name", 1_000), wish)
    except (Invalid, Conflict, TooLarge) as wrong:
        return await _page(request, actor, wish, wrong, form.line("filter-name", 1_000))
    return redirect(f"/?{wish.query}&done=filter-saved")


async def remove(request: Request) -> Response:
    actor = signed_in(request)
    await _at_home(request, actor)
    await saved_filters.remove(services(request).db, actor, path_id(request))
    return redirect("/?done=filter-removed")


async def _at_home(request: Request, actor: Actor) -> None:
    """Raises Refused: this person works with no cases."""
    async with services(request).db.read() as db:
        await grants.require(db, actor, Action.CASE_LIST, institution_ref(actor.institution_id))


async def _page(
    request: Request, actor: Actor, wish: Wish, error: TelepathError | None = None, typed: str = ""
) -> Response:
    words = reader(request).words
    views = worklist.views_of(actor)
    overview = wish.view is View.MINE and not wish.narrowed
    async with services(request).db.read() as db:
        notices_seen = await store.last_number(db, actor.person_id)
        numbers = await worklist.numbers(db, actor)
        mine = await worklist.of_person(db, actor) if overview else None
        found = None if overview else await worklist.page(db, actor, wish, _organs(words, wish.words))
        saved = await saved_filters.of_person(db, actor)
        running = await live_rooms.running(db, actor) if overview else []
        shared = await sharing.with_us(db, actor) if overview else []
    counts = {View.TO_ANSWER: numbers.to_do, View.WAITING: numbers.waiting, View.LATE: numbers.late}
    counts[View.INSTITUTION] = numbers.institution
    return render(
        request,
        "worklist.html",
        status=status_of(error) if error else 200,
        notices_seen=notices_seen,
        worklist=mine,
        found=found,
        numbers=numbers,
        wish=wish,
        address=f"/?{wish.query}" + (f"&after={quote(wish.after.text)}" if wish.after else ""),
        tabs_shown=[(view, f"/?{wish.seen_as(view).query}".rstrip("?"), counts.get(view, 0)) for view in views],
        sorts=sorts_of(wish.view),
        choices=CHOICES,
        saved=saved,
        filter_name=typed,
        errors=by_field(words, error) if error else {},
        running_rooms=running,
        shared=shared,
        limit=sharing.SHOWN,
    )


def _organs(words: Wording, typed: str) -> list[str]:
    """The organs that what was typed may name."""
    return [organ for organ in ORGANS if typed and typed.casefold() in words(f"organ-{organ}").casefold()]


routes: list[BaseRoute] = [
    Route("/", show, methods=["GET"]),
    Route("/worklist/filters", save, methods=["POST"]),
    Route("/worklist/filters/{id}/remove", remove, methods=["POST"]),
]
