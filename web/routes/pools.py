"""/coordination: pools of experts, their members, and their duty rosters."""

from datetime import date, datetime, time

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from consults import duties, pools
from consults.networks import NETWORKS
from consults.pools import Facts
from consults.roster import EVERY, Pattern
from telepath import directory, grants
from telepath.access import Action, institution_ref
from telepath.cases.model import ORGANS
from telepath.errors import Conflict, Invalid, TelepathError
from telepath.territories import REGIONS, local
from web import roster_view
from web.errors import by_field, status_of
from web.pages import Form, path_id, read_form, reader, redirect, render, services, signed_in

PAGE = "/coordination"


async def index(request: Request) -> Response:
    return await _list(request)


async def make(request: Request) -> Response:
    form = await read_form(request)
    try:
        made = await pools.make(services(request).db, signed_in(request), _facts(form))
    except (Invalid, Conflict) as wrong:
        return await _list(request, wrong, form)
    return redirect(f"{PAGE}/pools/{made}?done=pool-made")


async def page(request: Request) -> Response:
    return await _pool(request)


async def change(request: Request) -> Response:
    key, form = path_id(request), await read_form(request)
    try:
        version = form.number("version", 1, 10**9)
        await pools.change(services(request).db, signed_in(request), key, version, _facts(form))
    except (Invalid, Conflict) as wrong:
        return await _pool(request, wrong, form)
    return redirect(f"{PAGE}/pools/{key}?done=pool-changed")


async def admit(request: Request) -> Response:
    key, form = path_id(request), await read_form(request)
    try:
        person = form.line("person", 26, required=True)
        await pools.admit(services(request).db, signed_in(request), key, person)
    except Invalid as wrong:
        return await _pool(request, wrong)
    return redirect(f"{PAGE}/pools/{key}?done=pool-joined")


async def release(request: Request) -> Response:
    key, form = path_id(request), await read_form(request)
    await pools.release(services(request).db, signed_in(request), key, form.line("person", 26, required=True))
    return redirect(f"{PAGE}/pools/{key}?done=pool-left")


async def end(request: Request) -> Response:
    await pools.end(services(request).db, signed_in(request), path_id(request))
    return redirect(f"{PAGE}?done=pool-ended")


async def roster(request: Request) -> Response:
    return await _roster(request)


async def enter(request: Request) -> Response:
    key, form = path_id(request), await read_form(request)
    try:
        person, pattern = form.line("person", 26, required=True), _pattern(form)
        await duties.enter(
            services(request).db, signed_in(request), key, person, form.line("phone", duties.PHONE_LIMIT), pattern
        )
    except (Invalid, Conflict) as wrong:
        return await _roster(request, wrong, form)
    return redirect(f"{PAGE}/pools/{key}/duties?week={pattern.first}&done=duties-entered")


async def withdraw(request: Request) -> Response:
    actor = signed_in(request)
    gone = await duties.withdraw(services(request).db, actor, path_id(request))
    week = local(gone.starts_at, actor.time_zone).date()
    return redirect(f"{PAGE}/pools/{gone.pool_id}/duties?week={week}&done=duty-withdrawn")


async def _list(request: Request, error: TelepathError | None = None, form: Form | None = None) -> Response:
    actor = signed_in(request)
    async with services(request).db.read() as read:
        await grants.require(read, actor, Action.ROUTING_MANAGE, institution_ref(actor.institution_id))
        found = await pools.of_institution(read, actor.institution_id)
        answering = {one.id: len(await pools.members(read, one.id)) for one in found}
        on_call = {one.id: await duties.on_call(read, one.id, read.now) for one in found}
    return render(
        request,
        "coordination/pools.html",
        200 if error is None else status_of(error),
        pools=found,
        answering=answering,
        on_call=on_call,
        **_choices(),
        typed=_typed(form),
        errors=by_field(reader(request).words, error),
    )


async def _pool(request: Request, error: TelepathError | None = None, form: Form | None = None) -> Response:
    actor = signed_in(request)
    async with services(request).db.read() as read:
        found = await pools.get(read, path_id(request))
        await grants.require(read, actor, Action.ROUTING_MANAGE, found.ref)
        everyone = await pools.everyone(read, [found.id])
        others = await pools.candidates(read, found)
        on_call = await duties.on_call(read, found.id, read.now)
    kept = {"name": found.name, "organs": found.organs, "network": found.network}
    return render(
        request,
        "coordination/pool.html",
        200 if error is None else status_of(error),
        pool=found,
        members=everyone,
        others=[(one.person.id, f"{one.person.name}, {one.institution.name}") for one in others],
        on_call=on_call,
        **_choices(),
        typed=kept if form is None else _typed(form),
        errors=by_field(reader(request).words, error),
    )


async def _roster(request: Request, error: TelepathError | None = None, form: Form | None = None) -> Response:
    actor, words = signed_in(request), reader(request).words
    async with services(request).db.read() as read:
        found = await pools.get(read, path_id(request))
        await grants.require(read, actor, Action.ROUTING_MANAGE, found.ref)
        today = local(read.now, actor.time_zone).date()
        day = _day(request.query_params.get("week", "")) or (_day(form.line("first", 10)) if form else None) or today
        week = await roster_view.week(read, found, day, actor.time_zone, words)
        members = await pools.members(read, found.id)
        home = (await directory.institutions(read, [actor.institution_id]))[actor.institution_id]
    names = ("person", "territory", "phone", "begins", "ends", "first", "last", "every")
    usual = {"territory": home.region, "begins": "18:00", "ends": "08:00", "every": "1"}
    return render(
        request,
        "coordination/roster.html",
        200 if error is None else status_of(error),
        pool=found,
        week=week,
        today=today,
        members=[(one.person_id, f"{one.name}, {one.institution_name}") for one in members],
        territories=sorted(((one.code, one.name) for one in REGIONS.values()), key=lambda one: one[1]),
        typed={name: form.line(name, 40) if form else usual.get(name, "") for name in names},
        days=form.values("days") if form else [],
        most={"every": EVERY, "phone": duties.PHONE_LIMIT},
        errors=by_field(words, error),
    )


def _choices() -> dict[str, object]:
    return {"organs": ORGANS, "networks": [one.code for one in NETWORKS], "limit": pools.NAME_LIMIT}


def _facts(form: Form) -> Facts:
    return Facts(form.line("name", 4 * pools.NAME_LIMIT), tuple(form.values("organs")), form.line("network", 40))


def _typed(form: Form | None) -> dict[str, object]:
    if form is None:
        return {"name": "", "organs": (), "network": ""}
    return {"name": form.line("name", 1000), "organs": form.values("organs"), "network": form.line("network", 40)}


def _pattern(form: Form) -> Pattern:
    """What was typed. Raises Invalid: a day, a time or a number that is none."""
    days = [int(day) for day in form.values("days") if day in set("0123456")]
    first, last = (_day(form.line(name, 10, required=True)) for name in ("first", "last"))
    if first is None or last is None:
        raise Invalid("error-absence-day", field="first" if first is None else "last")
    return Pattern(
        territory=form.choice("territory", REGIONS),
        days=frozenset(days),
        begins=_time(form, "begins"),
        ends=_time(form, "ends"),
        first=first,
        last=last,
        every=form.number("every", 1, EVERY),
    ).checked()


def _day(typed: str) -> date | None:
    """None: not a day, or one at the very end of the calendar."""
    try:
        found = date.fromisoformat(typed)
    except ValueError:
        return None
    return found if 1900 <= found.year <= 2200 else None


def _time(form: Form, name: str) -> time:
    try:
        return datetime.strptime(form.line(name, 5, required=True), "%H:%M").time()  # noqa: DTZ007
    except ValueError:
        raise Invalid("error-duty-time", field=name) from None


routes: list[BaseRoute] = [
    Route(PAGE, index),
    Route(f"{PAGE}/pools", make, methods=["POST"]),
    Route(f"{PAGE}/pools/{{id}}", page),
    Route(f"{PAGE}/pools/{{id}}", change, methods=["POST"]),
    Route(f"{PAGE}/pools/{{id}}/members", admit, methods=["POST"]),
    Route(f"{PAGE}/pools/{{id}}/members/remove", release, methods=["POST"]),
    Route(f"{PAGE}/pools/{{id}}/end", end, methods=["POST"]),
    Route(f"{PAGE}/pools/{{id}}/duties", roster),
    Route(f"{PAGE}/pools/{{id}}/duties", enter, methods=["POST"]),
    Route(f"{PAGE}/duties/{{id}}/withdraw", withdraw, methods=["POST"]),
]
