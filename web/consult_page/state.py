"""Where it stands, what runs, and what stands in the way."""

from typing import Any

from consults.lifecycle import OfferStatus
from web import live_rooms
from web.consult_page.sight import Sight


async def context(sight: Sight) -> dict[str, Any]:
    rooms = await live_rooms.running(sight.db, sight.actor, consult_id=sight.consult.id) if sight.inside else []
    declined = [offer for offer in sight.offers if offer.status is OfferStatus.DECLINED] if sight.managing else []
    return {"running_rooms": rooms, "declined": declined}
