"""/administration: what an institution's administrators and coordinators have to do; the institution and its departments.

Nothing here names an institution: it is always the one that the person acts for."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from auth import credentials, institutions, members
from auth.institutions import CLOSED_DAYS, Facts
from telepath import directory
from telepath.access import Action, institution_ref
from telepath.cases.wording import plain
from telepath.errors import Conflict, Invalid, Refused, TelepathError
from telepath.identifiers import finess_state
from telepath.territories import REGIONS, USUAL, Calendar
from web.errors import by_field, status_of
from web.navigation import desks_of
from web.pages import Form, path_id, read_form, reader, redirect, render, services, signed_in

LIMITS: Final = {"name": 200, "city": 100, "department": 100, "closed": 4000}
CLOCK: Final = "%H:%M"
DAY: Final = "%d/%m/%Y"


async def index(request: Request) -> Response:
    actor = signed_in(request)
    desks = desks_of(actor)
    if not desks:
        place = institution_ref(actor.institution_id)
        raise Refused(Action.DIRECTORY_MANAGE, place.kind, place.id, "no-role", place.institution_id)
    waiting: dict[str, int] = {}
    if any(desk.code == "credentials" for desk in desks):
        async with services(request).db.read() as read:
            waiting["credentials"] = await credentials.waiting(read, actor.institution_id)
    return render(request, "administration/index.html", desks=desks, waiting=waiting)


# The institution


async def institution(request: Request) -> Response:
    return await _institution_page(request)


async def change_institution(request: Request) -> Response:
    actor = signed_in(request)
    form = await read_form(request)
    typed = {name: form.line(name, 4 * LIMITS["name"]) for name in ("name", "city", "region", "time_zone")}
    try:
        changed = await institutions.change(services(request).db, actor, _facts(typed))
    except Invalid as wrong:
        return await _institution_page(request, wrong, typed=typed)
    return redirect(f"/administration/institution{'?done=institution-changed' if changed else ''}")


async def change_calendar(request: Request) -> Response:
    actor = signed_in(request)
    form = await read_form(request)
    typed = {name: form.line(name, 10) for name in ("opens", "closes")}
    typed["closed"] = form.text("closed", LIMITS["closed"])
    days = [value for value in form.values("days", 7) if value in set("0123456")]
    try:
        changed = await institutions.keep_calendar(services(request).db, actor, _calendar(typed, days))
    except Invalid as wrong:
        return await _institution_page(request, wrong, typed=typed, days=days)
    return redirect(f"/administration/institution{'?done=calendar-changed' if changed else ''}")


async def _institution_page(
    request: Request,
    error: TelepathError | None = None,
    *,
    typed: Mapping[str, str] | None = None,
    days: list[str] | None = None,
) -> Response:
    actor = signed_in(request)
    async with services(request).db.read() as read:
        await institutions.require(read, actor)
        place = (await directory.institutions(read, [actor.institution_id]))[actor.institution_id]
    hours = place.own_hours
    values = {
        "name": place.name,
        "city": place.city,
        "region": place.region,
        "time_zone": place.time_zone,
        "opens": hours.opens.strftime(CLOCK),
        "closes": hours.closes.strftime(CLOCK),
        "closed": "\n".join(day.strftime(DAY) for day in hours.closed),
    }
    return render(
        request,
        "administration/institution.html",
        200 if error is None else status_of(error),
        place=place,
        finess=finess_state(place.finess),
        usual=hours == USUAL,
        values=values | dict(typed or {}),
        days=[str(day) for day in hours.days] if days is None else days,
        regions=[(region.code, region.name) for region in REGIONS.values()],
        zones=sorted({region.time_zone for region in REGIONS.values()} | {place.time_zone}),
        errors=by_field(reader(request).words, error),
        limits=LIMITS,
        closed_days=CLOSED_DAYS,
    )


def _facts(typed: Mapping[str, str]) -> Facts:
    """Raises Invalid, TooLarge: one of them cannot be."""
    name, city = (plain(typed[field], field=field, limit=LIMITS[field], required=True) for field in ("name", "city"))
    if typed["region"] not in REGIONS:
        raise Invalid("error-field-choice", field="region")
    if not institutions.is_zone(typed["time_zone"]):
        raise Invalid("error-field-choice", field="time_zone")
    return Facts(name=name, city=city, region=typed["region"], time_zone=typed["time_zone"])


def _calendar(typed: Mapping[str, str], days: list[str]) -> Calendar:
    """Raises Invalid: a time or a day that is none."""
    opens, closes = (_time(typed[field], field) for field in ("opens", "closes"))
    closed = tuple(_day(line.strip()) for line in typed["closed"].splitlines() if line.strip())
    return Calendar(days=tuple(int(day) for day in days), opens=opens, closes=closes, closed=closed)


def _time(text: str, field: str) -> time:
    try:
        # Browsers without a clock of their own send what was typed: 8:00.
        return datetime.strptime(text, CLOCK).time()  # noqa: DTZ007
    except ValueError:
        raise Invalid("error-calendar-time", field=field) from None


def _day(text: str) -> date:
    for form in (DAY, "%Y-%m-%d"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007
        except ValueError:
            continue
    raise Invalid("error-calendar-day", field="closed", day=text[:40])


# Departments


async def departments(request: Request) -> Response:
    return await _departments_page(request)


async def add_department(request: Request) -> Response:
    actor = signed_in(request)
    form = await read_form(request)
    try:
        await institutions.add_department(services(request).db, actor, _department(form))
    except (Invalid, Conflict) as wrong:
        return await _departments_page(request, wrong, typed=form.line("department", 400))
    return redirect("/administration/departments?done=department-added")


async def rename_department(request: Request) -> Response:
    actor = signed_in(request)
    form = await read_form(request)
    key = path_id(request)
    try:
        await institutions.rename_department(services(request).db, actor, key, _department(form))
    except (Invalid, Conflict) as wrong:
        return await _departments_page(request, wrong, renaming=key, typed=form.line("department", 400))
    return redirect("/administration/departments?done=department-renamed")


async def remove_department(request: Request) -> Response:
    try:
        await institutions.remove_department(services(request).db, signed_in(request), path_id(request))
    except Conflict as occupied:
        return await _departments_page(request, occupied)
    return redirect("/administration/departments?done=department-removed")


async def _departments_page(
    request: Request, error: TelepathError | None = None, *, renaming: str = "", typed: str = ""
) -> Response:
    """``renaming``: of which one the name that was typed cannot be; empty: of a new one."""
    actor = signed_in(request)
    async with services(request).db.read() as read:
        await institutions.require(read, actor)
        found = await directory.departments(read, actor.institution_id)
        people = await members.of_institution(read, actor.institution_id)
    counts = {one.id: sum(member.department == one for member in people) for one in found}
    return render(
        request,
        "administration/departments.html",
        200 if error is None else status_of(error),
        departments=found,
        counts=counts,
        renaming=renaming,
        typed=typed,
        errors=by_field(reader(request).words, error),
        limits=LIMITS,
    )


def _department(form: Form) -> str:
    limit = LIMITS["department"]
    return plain(form.line("department", 4 * limit), field="department", limit=limit, required=True)


routes: list[BaseRoute] = [
    Route("/administration", index),
    Route("/administration/institution", institution),
    Route("/administration/institution", change_institution, methods=["POST"]),
    Route("/administration/institution/calendar", change_calendar, methods=["POST"]),
    Route("/administration/departments", departments),
    Route("/administration/departments", add_department, methods=["POST"]),
    Route("/administration/departments/{id}", rename_department, methods=["POST"]),
    Route("/administration/departments/{id}/remove", remove_department, methods=["POST"]),
]
