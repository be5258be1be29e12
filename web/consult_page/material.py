"""What the expert asked for: it stops the clock, and waits for the requester."""

from typing import Any

from consults import material
from consults.kinds import HeldBecause
from telepath import directory
from web.consult_page.sight import Sight


async def context(sight: Sight) -> dict[str, Any] | None:
    consult = sight.consult
    if not sight.inside or consult.held_because is not HeldBecause.MATERIAL:
        return None
    wanted = [one for one in await material.of_consult(sight.db, consult.id) if one.open]
    return {
        "wanted": wanted,
        "came": await material.came_since(sight.db, consult, wanted),
        "people": await directory.people(sight.db, {one.asked_by for one in wanted}),
        "answers": material.ANSWERS,
        "limit": material.TEXT_LIMIT,
    }
