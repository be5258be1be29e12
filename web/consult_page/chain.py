"""Successive opinions on one case: those before and after this one, and asking for another."""

from typing import Any

from consults import chain, repository
from consults.lifecycle import ConsultStatus
from consults.versions import sealed
from telepath import directory
from telepath.access import Action
from web.consult_page.sight import Sight


async def context(sight: Sight) -> dict[str, Any] | None:
    if not sight.inside:
        return None
    consult = sight.consult
    around = await chain.around(sight.db, consult)
    may_ask = (
        consult.status is ConsultStatus.COMPLETED
        and consult.opinions_released > 0
        and sight.can(Action.CONSULT_REQUEST, sight.case.ref)
    )
    if not around and not may_ask:
        return None
    # Who reads blind learns nothing of what others found, either.
    hidden = not sight.managing and (not consult.shows_earlier or sealed(consult, sight.mine))
    told = [] if sight.managing or hidden else await chain.known(sight.db, consult)
    answers = {
        one.id: [
            each for each in await repository.opinions_of(sight.db, one.id) if each.number <= one.opinions_released
        ]
        for one in (*around.earlier, *around.later)
    }
    authors = {one.author_id for opinions in answers.values() for one in opinions} if sight.managing else set()
    return {
        "earlier": around.earlier,
        "later": around.later,
        "answers": answers,
        "open": [one.id for one in (*around.earlier, *around.later) if sight.can(Action.CONSULT_VIEW, one.ref)],
        "people": await directory.people(sight.db, authors | {one.author_id for one in told}),
        "hidden": bool(around.earlier) and hidden,
        "told": told,
        "may_ask": may_ask,
    }
