"""/absence: who is away, and who acts for them. One says it for oneself; coordinators and administrators for anybody."""

from datetime import date, datetime, time, timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from auth import absences, delegations, members
from telepath.access import STAFF
from telepath.actor import Actor
from telepath.errors import Conflict, Invalid, NotFound, Refused, TelepathError
from telepath.territories import instant
from web.errors import by_field, status_of
from web.pages import Form, path_id, read_form, reader, redirect, render, services, signed_in

PAGE = "/absence"


async def index(request: Request) -> Response:
    return await _page(request)


async def give(request: Request) -> Response:
    """A delegation, or, to nobody, an absence alone."""
    db, actor = services(request).db, signed_in(request)
    form = await read_form(request)
    absent = form.line("absent", 26) or actor.person_id
    try:
        starts_at = _midnight(form, "first", actor)
        # The last day is a day of absence too.
        ends_at = _midnight(form, "last", actor, days=1)
        delegate = form.line("delegate", 26)
        if delegate:
            await delegations.give(
                db, actor, absent_id=absent, delegate_id=delegate, starts_at=starts_at, ends_at=ends_at
            )
        else:
            await absences.say(db, actor, person_id=absent, starts_at=starts_at, ends_at=ends_at)
    except NotFound as error:
        if isinstance(error, Refused):
            raise
        return await _page(request, Invalid("error-field-choice", field="delegate"), form)
    except (Invalid, Conflict) as wrong:
        return await _page(request, wrong, form)
    return redirect(f"{PAGE}?done={'delegation-given' if delegate else 'absence-said'}")


async def end(request: Request) -> Response:
    await delegations.end(services(request).db, signed_in(request), path_id(request))
    return redirect(f"{PAGE}?done=delegation-ended")


async def end_away(request: Request) -> Response:
    await absences.end(services(request).db, signed_in(request), path_id(request))
    return redirect(f"{PAGE}?done=absence-ended")


async def _page(request: Request, error: TelepathError | None = None, form: Form | None = None) -> Response:
    actor = signed_in(request)
    async with services(request).db.read() as read:
        manages = await delegations.manages(read, actor)
        found = await delegations.of_institution(read, actor.institution_id, "" if manages else actor.person_id)
        away = await absences.of_institution(read, actor.institution_id, "" if manages else actor.person_id)
        people = [one for one in await members.of_institution(read, actor.institution_id) if one.roles & STAFF]
    names = ("absent", "delegate", "first", "last")
    return render(
        request,
        "absence.html",
        200 if error is None else status_of(error),
        delegations=found,
        away=away,
        manages=manages,
        people=[(one.person.id, one.person.name) for one in people],
        others=[(one.person.id, one.person.name) for one in people if one.person.id != actor.person_id],
        typed={name: form.line(name, 40) if form else "" for name in names},
        errors=by_field(reader(request).words, error),
        longest=delegations.LONGEST.days,
    )


def _midnight(form: Form, name: str, actor: Actor, days: int = 0) -> datetime:
    """The first instant of the day that was typed where the person is, ``days`` later. Raises Invalid: not a day."""
    typed = form.line(name, 10, required=True)
    try:
        return instant(datetime.combine(date.fromisoformat(typed) + timedelta(days=days), time()), actor.time_zone)
    except (ValueError, OverflowError):
        raise Invalid("error-absence-day", field=name) from None


routes: list[BaseRoute] = [
    Route(PAGE, index),
    Route(PAGE, give, methods=["POST"]),
    Route(f"{PAGE}/{{id}}/end", end, methods=["POST"]),
    Route(f"{PAGE}/away/{{id}}/end", end_away, methods=["POST"]),
]
