"""How the opinion agrees with the first diagnosis, as each side sees it: one's own grade, then the other's."""

from typing import Any

from consults import repository
from consults.concordance import final_reading
from consults.grades import COMMENT_LIMIT, seen_from
from consults.kinds import Grade, ReadingRole, Side
from telepath import directory
from web.consult_page.sight import Sight


async def context(sight: Sight) -> dict[str, Any] | None:
    if not sight.consult.first_diagnosis or not sight.inside:
        return None
    grades = await repository.grades_of(sight.db, sight.consult.id)
    mine = sight.mine
    expert = mine is not None and mine.role in (ReadingRole.EXPERT, ReadingRole.THIRD)
    side = Side.EXPERT if expert else Side.REQUESTER
    if expert and mine is not None:
        graded = any(one.reading_id == mine.id and one.side is Side.EXPERT for one in grades)
        open_to_me = mine.signed and sight.answering and not graded
    else:
        final = final_reading(list(sight.readings)) if sight.consult.opinions_released else None
        graded = any(one.side is Side.REQUESTER for one in grades)
        open_to_me = sight.managing and final is not None and not graded
        if not sight.managing:
            return None
    shown = [one for one in seen_from(side, grades) if sight.consult.opinions_released or one.side is side]
    if side is Side.EXPERT and mine is not None and not sight.consult.opinions_released:
        shown = [one for one in shown if one.reading_id == mine.id]
    if not shown and not open_to_me:
        return None
    return {
        "grades": shown,
        "thirds": {one.id for one in sight.readings if one.role is ReadingRole.THIRD},
        "names": await directory.people(sight.db, {one.graded_by for one in shown}),
        "form": open_to_me,
        "side": side,
        "choices": list(Grade),
        "limit": COMMENT_LIMIT,
        "waiting": bool(shown) and len({one.side for one in shown}) == 1 and bool(sight.consult.opinions_released),
    }
