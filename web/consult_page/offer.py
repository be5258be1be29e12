"""The expert who was asked: yes, or no and why."""

from typing import Any

from consults.kinds import DeclineCode
from consults.model import DECLINE_LIMIT
from web.consult_page.sight import Sight


async def context(sight: Sight) -> dict[str, Any] | None:
    if sight.offered is None:
        return None
    return {
        "offer": sight.offered,
        "limit": DECLINE_LIMIT,
        "codes": list(DeclineCode),
        "declining": sight.request.query_params.get("answer") == "decline",
    }
