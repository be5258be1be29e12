"""Technical incidents, for the report."""

from typing import Any

from consults import incidents
from consults.kinds import IncidentKind
from telepath import directory
from telepath.access import Action
from web.consult_page.sight import Sight


async def context(sight: Sight) -> dict[str, Any] | None:
    may_note = sight.can(Action.THREAD_WRITE, sight.case.ref)
    noted = await incidents.of_consult(sight.db, sight.consult.id) if sight.inside else []
    if not sight.inside or not (noted or may_note):
        return None
    return {
        "noted": noted,
        "people": await directory.people(sight.db, {one.noted_by for one in noted}),
        "kinds": list(IncidentKind) if may_note else [],
        "limit": incidents.TEXT_LIMIT,
    }
