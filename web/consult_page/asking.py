"""For the asking side, while nobody reads: who is asked now, until when, what follows, and whom to telephone."""

from typing import Any

from consults import duties
from consults.deadlines import Urgency
from consults.kinds import Policy, ReadingRole
from consults.lifecycle import ConsultStatus, OfferStatus
from telepath.territories import REGIONS
from web.consult_page.sight import Sight


async def context(sight: Sight) -> dict[str, Any] | None:
    """One expert who was asked by name is among the facts, and is not said again."""
    consult = sight.consult
    if not sight.choosing:
        return None
    asked = [one for one in sight.offers if one.role is ReadingRole.EXPERT]
    waiting = [one for one in asked if one.open]
    left = [one for one in asked if one.status is OfferStatus.ACCEPTED and one.decline_reason]
    frozen = consult.urgency is Urgency.FROZEN
    phones = await duties.phones(sight.db, consult.organ, sight.db.now) if frozen else []
    several = consult.policy is not Policy.NAMED and consult.status is ConsultStatus.ACTIVE
    handed_over = left[-1] if left and not waiting else None
    if not (several and waiting) and handed_over is None and not frozen:
        return None
    return {
        "waiting": waiting if several else [],
        "handed_over": handed_over,
        "phones": [(one, REGIONS[one.territory].name) for one in phones],
        "frozen": frozen,
    }
