"""For who signs beside the expert: the text that waits for them, their signature, or why they do not sign."""

from typing import Any

from consults import repository
from consults.completion import SIGNS_BESIDE, led_by, missing
from consults.model import COMMENT_LIMIT, in_force
from web.consult_page.sight import Sight


async def context(sight: Sight) -> dict[str, Any] | None:
    mine = sight.mine
    if mine is None or mine.role not in SIGNS_BESIDE or not sight.answering:
        return None
    lead = led_by(sight.readings, mine)
    text = in_force(sight.opinions, lead.id) if lead is not None else None
    signatures = await repository.signatures_of(sight.db, sight.consult.id)
    signed = text is not None and any(
        one.opinion_id == text.id and one.person_id == sight.actor.person_id for one in signatures
    )
    if signed and sight.ended:
        return None
    wanting = missing(sight.consult, sight.readings, sight.opinions, signatures)
    return {
        "role": mine.role,
        "lead": lead,
        "text": text,
        "signed": signed,
        "returned": mine.draft.remarks if text and mine.drafted_at and mine.drafted_at >= text.signed_at else "",
        "may_return": bool(wanting),
        "limit": COMMENT_LIMIT,
    }
