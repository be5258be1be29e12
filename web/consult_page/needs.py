"""The expert's form to ask for more before answering."""

from typing import Any

from consults import material
from consults.kinds import HeldBecause, MaterialKind, ReadingRole
from consults.lifecycle import ConsultStatus, ReadingStatus
from web.consult_page import signing, thread
from web.consult_page.sight import Sight


async def context(sight: Sight) -> dict[str, Any] | None:
    consult, mine = sight.consult, sight.mine
    # Who countersigns says what is missing to the expert, whose text it is.
    working = (
        mine is not None
        and mine.status in (ReadingStatus.ACCEPTED, ReadingStatus.IN_PROGRESS)
        and mine.role is not ReadingRole.COUNTERSIGNER
    )
    waits = consult.status is ConsultStatus.ACTIVE or consult.held_because is HeldBecause.MATERIAL
    if not working or not waits or not sight.answering or await signing.context(sight) is not None:
        return None
    return {
        "kinds": list(MaterialKind),
        "attached": thread.attached(sight),
        "earlier": [one for one in await material.of_consult(sight.db, consult.id) if not one.open],
        "limit": material.TEXT_LIMIT,
    }
