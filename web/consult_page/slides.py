"""The slides of the case, and who could look at them together."""

from typing import Any

from telepath.access import Action
from web import live_rooms
from web.consult_page.sight import Sight


async def context(sight: Sight) -> dict[str, Any] | None:
    if not sight.sees_case:
        return None
    consult = sight.consult
    company = await live_rooms.company(sight.db, sight.actor, consult.institution_id, consult.id)
    return {
        "slides": sight.slides,
        "presenting": [one.id for one in sight.slides if sight.can(Action.ROOM_OPEN, one.ref)] if company else [],
        "company": company,
    }
