"""What is about to be signed, as it will stand; with it, how it agrees with the first diagnosis."""

from typing import Any

from consults.completion import SIGNS_BESIDE
from consults.grades import COMMENT_LIMIT, needed
from consults.kinds import ConsultKind, Dispute, Grade, ReadingRole
from consults.networks import find
from consults.opinion import Content
from consults.signing import display_checked, shown_fields, slides_seen
from consults.versions import sealed
from web.consult_page.sight import Sight

SETTLING = (Dispute.THIRD, Dispute.COLLEGIAL)


async def context(sight: Sight) -> dict[str, Any] | None:
    mine = sight.mine
    if not sight.signing or not sight.answering or mine is None or mine.draft.empty or mine.role in SIGNS_BESIDE:
        return None
    amends = mine.signed and (
        sight.request.query_params.get("amend") == "1" or sight.request.url.path.endswith("/amendment")
    )
    # Who has not seen the first diagnosis cannot say how theirs agrees with it.
    grades = not mine.signed and bool(sight.consult.first_diagnosis) and not sealed(sight.consult, mine)
    settles = mine.role is ReadingRole.EXPERT
    network = find(sight.consult.network)
    centres = network.centres if network is not None else None
    earlier = () if amends else sight.opinions
    return {
        "reading": mine,
        "draft": mine.draft,
        "fields": await shown_fields(sight.db, sight.consult.id, sight.actor.person_id, earlier),
        "shown": Content(
            "",
            slides=await slides_seen(sight.db, sight.consult, sight.actor.person_id),
            display=await display_checked(sight.db, sight.actor.person_id),
        ),
        "act": "amendment" if amends else "addendum" if mine.signed else "sign",
        "grades": list(Grade) if grades else [],
        "grade_needed": needed(sight.consult),
        "settling": SETTLING if grades and settles else (),
        "sessions": centres is not None and centres.collegial,
        "network": sight.consult.kind is ConsultKind.NETWORK,
        "limit": COMMENT_LIMIT,
    }
