"""Fields that were kept for this consult, with their picture: one's own go with what one signs next."""

from typing import Any

from telepath.cases import key_regions
from web.consult_page.sight import Sight
from web.kept_fields import kept_fields


async def context(sight: Sight) -> dict[str, Any] | None:
    slides = {one.id: one.label for one in sight.slides}
    if not sight.sees_case or not slides:
        return None
    found = await key_regions.seen_by(sight.db, sight.actor, sight.case.id, slides, consult_id=sight.consult.id)
    signed = {one.id for opinion in sight.opinions for one in opinion.content.regions}
    kept = [one for one in found if one.consult_id in ("", sight.consult.id) and one.id not in signed]
    if not kept:
        return None
    to_sign = any(one.consult_id and one.pinned_by == sight.actor.person_id for one in kept)
    return {
        "kept": await kept_fields(sight.db, sight.actor, sight.case.id, kept, slides, consult=sight.consult.id),
        "signing": to_sign and sight.answering,
    }
