"""What was signed: opinions, addenda and amendments, and everybody who signed them."""

from typing import Any

from consults import repository
from consults.versions import versions
from telepath import directory
from web.consult_page import signing
from web.consult_page.sight import Sight
from web.consult_words import place_name


async def context(sight: Sight) -> dict[str, Any] | None:
    if not sight.opinions:
        return None
    signatures = await repository.signatures_of(sight.db, sight.consult.id)
    people = await directory.people(sight.db, {one.person_id for one in signatures})
    places = await directory.institutions(sight.db, {one.institution_id for one in signatures})
    told = versions(sight.opinions, sight.readings, signatures)
    return {
        "versions": told,
        "later": sum(one.title != "third" for one in told) - 1,
        "signers": people,
        "places": {place.id: place_name(place.name, place.city) for place in places.values()},
        # Not shown to who asked yet: only to who signed, or is to.
        "held": not sight.consult.opinions_released,
        "may_print": bool(sight.consult.opinions_released),
        # What is about to be signed stands where an address says #opinion.
        "signing": await signing.context(sight) is not None,
    }
