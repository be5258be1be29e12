"""/statistics: counts of second opinions asked for in the region of the person's institution, year by year.

Whole years alone: whoever could choose the days could count one more and one less."""

from datetime import datetime
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from consults import statistics
from consults.disclosure import SMALLEST
from telepath import directory, grants
from telepath.access import Action, institution_ref
from telepath.territories import REGIONS
from web.pages import render, services, signed_in

PAGE = "/statistics"
YEARS = 5


async def index(request: Request) -> Response:
    actor = signed_in(request)
    asked = request.query_params.get("year", "")
    async with services(request).db.write(actor) as tx:
        allowed = await grants.require(tx, actor, Action.STATISTICS_VIEW, institution_ref(actor.institution_id))
        place = (await directory.institutions(tx, [actor.institution_id]))[actor.institution_id]
        zone = ZoneInfo(place.time_zone)
        newest = tx.now.astimezone(zone).year
        years = [newest - back for back in range(YEARS)]
        year = int(asked) if asked.isdecimal() and len(asked) == 4 and int(asked) in years else newest
        span = datetime(year, 1, 1, tzinfo=zone), datetime(year + 1, 1, 1, tzinfo=zone)
        organs = await statistics.by_organ(tx, place.region, *span)
        urgencies = await statistics.by_urgency(tx, place.region, *span)
        await tx.audit("statistics.viewed", institution_ref(place.id), because=allowed, region=place.region, year=year)
    return render(
        request,
        "statistics.html",
        organs=organs,
        urgencies=urgencies,
        year=year,
        years=years,
        region=REGIONS[place.region].name,
        smallest=SMALLEST,
    )


routes: list[BaseRoute] = [Route(PAGE, index)]
