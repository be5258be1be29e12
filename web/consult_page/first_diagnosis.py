"""The first diagnosis, for who reads: sealed while they read blind; then beside what was committed before. For who asked, once
the answer is out, the same."""

from typing import Any

from consults.completion import led_by, reading_of
from consults.kinds import ReadingRole
from consults.lifecycle import ReadingStatus
from consults.versions import sealed
from web.consult_page.sight import Sight


async def context(sight: Sight) -> dict[str, Any] | None:
    mine, consult = sight.mine, sight.consult
    if not consult.first_diagnosis:
        return None
    if mine is None and sight.managing and consult.blind and consult.opinions_released:
        # Who asked sees what was committed once the answer is out.
        lead = reading_of(sight.readings, ReadingRole.EXPERT)
        return {"sealed": False, "reading": lead, "own": False} if lead is not None else None
    if mine is None or not sight.working:
        return None
    if sealed(consult, mine):
        leads = mine.role in (ReadingRole.EXPERT, ReadingRole.THIRD)
        may_open = leads and sight.answering and mine.status is not ReadingStatus.COMPLETED
        return {"sealed": True, "may_open": may_open, "reading": mine}
    if not consult.blind:
        return None  # the facts say it
    reader = led_by(sight.readings, mine) or mine
    # What a colleague committed is theirs until the answer is out; a co-reader wrote it too.
    shared = mine.role is not ReadingRole.COUNTERSIGNER or consult.opinions_released > 0
    return {"sealed": False, "reading": reader if shared else mine, "own": reader is mine}
