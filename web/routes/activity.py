"""/statistics/activity: what an institution and others did for each other, for their conventions: counts, and no price.

Coordinators have that of their institution, of all its experts or of one, with all others or with one; an expert has that of
their own readings."""

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from consults import activity, activity_report
from consults.activity import Direction
from consults.activity_report import Statement
from consults.exchanges import exchanges
from consults.figures import statement
from telepath import directory, grants
from telepath.access import Action, institution_ref
from telepath.actor import Actor, Role
from telepath.db.transaction import Reader
from telepath.directory import Institution
from web.pages import clean, reader, render, services, signed_in
from web.routes.statistics import as_file, period_of
from web.statistics_table import of_statement

PAGE = "/statistics/activity"


class Wanted(msgspec.Struct, frozen=True):
    """A statement, and what else could be chosen: (id, name), by name."""

    statement: Statement
    experts: list[tuple[str, str]]
    partners: list[tuple[str, str]]
    own: bool
    """Of the reader's own readings alone."""

    @property
    def query(self) -> dict[str, str]:
        of = self.statement
        return {"from": of.period.first, "to": of.period.last, "expert": of.expert, "partner": of.partner}


async def show(request: Request) -> Response:
    wanted = await _recorded(request, "statistics.viewed")
    months = activity.choices(services(request).db.clock(), wanted.statement.place.time_zone)
    return render(request, "statistics/activity.html", wanted=wanted, of=wanted.statement, months=months)


async def table(request: Request) -> Response:
    of = (await _recorded(request, "statistics.exported", format="csv")).statement
    return as_file(of_statement(of, reader(request).words), f"activity-{of.period.first}-{of.period.last}")


async def document(request: Request) -> Response:
    of = (await _recorded(request, "statistics.exported", format="pdf")).statement
    pdf = await activity_report.render(of, reader(request).words)
    name = f"telepath-activity-{of.period.first}-{of.period.last}.pdf"
    kept = {"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "no-store"}
    return Response(pdf, headers=kept, media_type="application/pdf")


async def _recorded(request: Request, kind: str, **detail: Any) -> Wanted:
    actor = signed_in(request)
    here = institution_ref(actor.institution_id)
    async with services(request).db.read() as read:
        allowed = await grants.require(read, actor, Action.STATEMENT_VIEW, here)
        place = (await directory.institutions(read, [actor.institution_id]))[actor.institution_id]
        wanted = await _wanted(read, request, actor, place)
    of = wanted.statement
    if of.expert:
        detail["expert"] = of.expert
    since, until = of.period.first, of.period.last
    await services(request).db.record(actor, kind, here, because=allowed, since=since, until=until, **detail)
    return wanted


async def _wanted(read: Reader, request: Request, actor: Actor, place: Institution) -> Wanted:
    own = Role.COORDINATOR not in actor.roles
    period = period_of(request, read, place)
    found = await activity.of_both(read, place.id, period, place.time_zone)
    found = found.with_one(actor.person_id) if own else found
    people = await directory.people(read, found.experts | {actor.person_id})
    places = await directory.institutions(read, found.partners)
    names = {key: one.name for key, one in people.items()} | {key: one.name for key, one in places.items()}
    expert = actor.person_id if own else _chosen(request, "expert", found.experts)
    partner = _chosen(request, "partner", found.partners)
    shown = found.with_one(expert, partner)
    made = Statement(
        place=place,
        period=period,
        exchanges=exchanges(shown.asked, shown.answered),
        parts={Direction.ASKED: statement(shown.asked), Direction.ANSWERED: statement(shown.answered)},
        names=names,
        expert=expert,
        partner=partner,
        made_at=read.now,
        made_by=actor.name,
    )
    return Wanted(made, _named(found.experts, names), _named(found.partners, names), own)


def _chosen(request: Request, field: str, known: set[str]) -> str:
    """ "": none of those of the period."""
    asked = clean(request.query_params.get(field, ""))
    return asked if asked in known else ""


def _named(ids: set[str], names: dict[str, str]) -> list[tuple[str, str]]:
    return sorted(((key, names[key]) for key in ids), key=lambda one: one[1])


routes: list[BaseRoute] = [
    Route(PAGE, show),
    Route(f"{PAGE}.csv", table),
    Route(f"{PAGE}.pdf", document),
]
