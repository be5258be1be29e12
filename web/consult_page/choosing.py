"""Whom else to ask."""

from typing import Any

from consults import asking, request
from web.consult_page.sight import Sight
from web.consult_words import choices_of, left_out_of, notes_of


async def context(sight: Sight) -> dict[str, Any] | None:
    if not sight.choosing:
        return None
    consult = sight.consult
    ranking = await request.proposals(
        sight.db,
        sight.actor,
        sight.case,
        consult.organ,
        consult.urgency,
        asking.asked_of(sight.offers),
        terms=request.terms_of(consult),
        requester_id=consult.requester_id,
    )
    return {
        "choices": choices_of(sight.t, ranking),
        "left_out": left_out_of(sight.t, ranking),
        "notes": notes_of(sight.t, ranking),
        # It is the requester's own preference that counts.
        "preferring": consult.requester_id == sight.actor.person_id,
    }
