"""What the requester makes of the answer; the expert reads it, and may propose that somebody else reads the case."""

from typing import Any

from consults.adoption import DISPUTED, REASON_LIMIT
from web.consult_page.sight import Sight


async def context(sight: Sight) -> dict[str, Any] | None:
    consult = sight.consult
    answered = consult.opinions_released > 0
    if not answered or not sight.inside or not (sight.managing or consult.adoption):
        return None
    disputed = consult.adoption in DISPUTED
    return {
        "disputed": disputed,
        "may_propose": disputed and sight.answering and not sight.managing,
        "limit": REASON_LIMIT,
    }
