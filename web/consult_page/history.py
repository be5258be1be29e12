"""What happened, oldest first."""

from typing import Any

from consults import timeline
from telepath import directory
from web.consult_page.sight import Sight


async def context(sight: Sight) -> dict[str, Any] | None:
    if not sight.inside:
        return None
    moments = await timeline.of_consult(sight.db, sight.consult, sight.mine, sight.unnamed)
    persons = {person for moment in moments for person in (moment.person_id, moment.about) if person}
    return {"moments": moments, "people": await directory.people(sight.db, persons)}
