"""The expert's form to hand the consult over, before anything is signed."""

from typing import Any

from consults import asking
from consults.kinds import Policy, ReadingRole
from consults.lifecycle import ConsultStatus, ReadingStatus
from consults.model import DECLINE_LIMIT
from web.consult_page import signing
from web.consult_page.sight import Sight


async def context(sight: Sight) -> dict[str, Any] | None:
    mine = sight.mine
    if mine is None or mine.role is not ReadingRole.EXPERT or not sight.answering:
        return None
    if mine.status not in (ReadingStatus.ACCEPTED, ReadingStatus.IN_PROGRESS):
        return None
    if sight.consult.status is not ConsultStatus.ACTIVE or await signing.context(sight) is not None:
        return None
    ranking = await asking.ranking_of(sight.db, sight.consult, sight.offers)
    return {
        "choices": [(one.expert.person_id, f"{one.expert.name} – {one.expert.city}") for one in ranking.proposals],
        "otherwise": "chain" if sight.consult.policy is Policy.CHAIN else "requester",
        "limit": DECLINE_LIMIT,
    }
