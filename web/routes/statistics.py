"""/statistics: what the second opinions of a time come to.

Coordinators have the exact figures of their own institution, by whole months; and, as health agencies have, those of the
region, year by year. Of the region whole years alone: whoever could choose the months could count one more and one less. A
coordinator's own institution is left out of them: who knows one part exactly could tell the rest."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from consults import activity, statistics
from consults.activity import Direction, Period
from consults.disclosure import SMALLEST, Table, beside
from consults.figures import Figures
from telepath import directory, grants
from telepath.access import Action, Allowed, institution_ref
from telepath.actor import Actor, Role
from telepath.db.transaction import Reader
from telepath.directory import Institution
from telepath.territories import REGIONS
from web.pages import reader, render, services, signed_in
from web.statistics_table import of_figures, of_region
from web.table_csv import BOM, written

PAGE = "/statistics"
YEARS = 5


class Region(msgspec.Struct, frozen=True):
    """What is shown of a region, by consults/disclosure.py."""

    organs: Table
    urgencies: Table
    networks: Table
    year: int
    years: list[int]
    name: str
    others: bool
    """Without one's own institution."""


class Own(msgspec.Struct, frozen=True):
    """The figures of one's own institution, and what its keys are called."""

    figures: Figures
    direction: Direction
    period: Period
    time_zone: str
    names: dict[str, str]


async def index(request: Request) -> Response:
    found = await _recorded(request)
    if isinstance(found, Region):
        coordinates = _coordinates(signed_in(request))
        return render(request, "statistics.html", region=found, smallest=SMALLEST, coordinates=coordinates)
    months = activity.choices(services(request).db.clock(), found.time_zone)
    return render(request, "statistics/institution.html", own=found, months=months, directions=list(Direction))


async def table(request: Request) -> Response:
    """The same figures as a file."""
    found, t = await _recorded(request, format="csv"), reader(request).words
    if isinstance(found, Region):
        tables = {"organ": found.organs, "urgency": found.urgencies, "network": found.networks}
        return as_file(of_region(tables, t), f"region-{found.year}")
    return as_file(of_figures(found.figures, found.names, t), f"statistics-{found.period.first}-{found.period.last}")


async def _recorded(request: Request, **taken: Any) -> Region | Own:
    """What is to be shown, once that it was shown is recorded; ``taken``: as what it leaves. Counting takes a while: nobody
    waits for it to write."""
    actor, kept = signed_in(request), services(request).db
    async with kept.read() as read:
        allowed, place = await _allowed(read, actor)
        regional = _regional(request, actor)
        found = await (_region(read, request, actor, place) if regional else _own(read, request, place))
    kind = "statistics.exported" if taken else "statistics.viewed"
    here = institution_ref(place.id)
    if isinstance(found, Region):
        await kept.record(actor, kind, here, because=allowed, region=place.region, year=found.year, **taken)
    else:
        since, until = found.period.first, found.period.last
        await kept.record(actor, kind, here, because=allowed, since=since, until=until, **taken)
    return found


def _coordinates(actor: Actor) -> bool:
    return Role.COORDINATOR in actor.roles


def _regional(request: Request, actor: Actor) -> bool:
    return not _coordinates(actor) or request.query_params.get("scope") == "region"


async def _allowed(read: Reader, actor: Actor) -> tuple[Allowed, Institution]:
    allowed = await grants.require(read, actor, Action.STATISTICS_VIEW, institution_ref(actor.institution_id))
    return allowed, (await directory.institutions(read, [actor.institution_id]))[actor.institution_id]


async def _region(read: Reader, request: Request, actor: Actor, place: Institution) -> Region:
    zone = ZoneInfo(place.time_zone)
    newest = read.now.astimezone(zone).year
    years = [newest - back for back in range(YEARS)]
    asked = request.query_params.get("year", "")
    year = int(asked) if asked.isdecimal() and len(asked) == 4 and int(asked) in years else newest
    span = datetime(year, 1, 1, tzinfo=zone), datetime(year + 1, 1, 1, tzinfo=zone)
    without = place.id if _coordinates(actor) else ""
    organs = await statistics.by_organ(read, place.region, *span, without)
    urgencies = await statistics.by_urgency(read, place.region, *span, without)
    networks = await statistics.by_network(read, place.region, *span, without)
    return Region(
        organs=organs,
        urgencies=urgencies,
        networks=beside(networks, organs, urgencies),
        year=year,
        years=years,
        name=REGIONS[place.region].name,
        others=bool(without),
    )


def period_of(request: Request, read: Reader, place: Institution) -> Period:
    chosen = request.query_params
    return activity.period(chosen.get("from", ""), chosen.get("to", ""), read.now, place.time_zone)


async def _own(read: Reader, request: Request, place: Institution) -> Own:
    wanted = period_of(request, read, place)
    direction = Direction.ANSWERED if request.query_params.get("side") == Direction.ANSWERED else Direction.ASKED
    found = await activity.of_institution(read, place.id, direction, wanted, place.time_zone)
    people = await directory.people(read, {one.key for one in found.by_expert})
    places = await directory.institutions(read, {one.key for one in found.by_place})
    names = {key: one.name for key, one in people.items()} | {key: one.name for key, one in places.items()}
    names |= {key: one.name for key, one in REGIONS.items()}
    return Own(found, direction, wanted, place.time_zone, names)


def as_file(cells: list[list[str]], name: str) -> Response:
    return Response(
        BOM + written(cells),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="telepath-{name}.csv"', "Cache-Control": "no-store"},
    )


routes: list[BaseRoute] = [
    Route(PAGE, index),
    Route(f"{PAGE}/table.csv", table),
]
