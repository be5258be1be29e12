"""What became of the case after the answer."""

from typing import Any

from consults import outcomes
from consults.kinds import OutcomeKind, Verdict
from telepath import directory
from web.consult_page.sight import Sight


async def context(sight: Sight) -> dict[str, Any] | None:
    if not sight.inside or not sight.consult.opinions_released:
        return None
    known = await outcomes.of_consult(sight.db, sight.consult.id)
    if not known and not sight.managing:
        return None
    return {
        "known": known,
        "people": await directory.people(sight.db, {one.recorded_by for one in known}),
        "kinds": list(OutcomeKind),
        "verdicts": list(Verdict),
        "limit": outcomes.TEXT_LIMIT,
    }
