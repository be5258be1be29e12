"""The expert's editor; for who asked, that an opinion is awaited."""

from typing import Any, Final

import msgspec

from consults import templates
from consults.completion import led_by
from consults.kinds import ReadingRole
from consults.lifecycle import ConsultStatus, ReadingStatus
from consults.model import Reading, in_force
from consults.opinion import CODINGS_LIMIT, CONCLUSION_LIMIT, DESCRIPTION_LIMIT, REMARKS_LIMIT, Content, Draft
from consults.versions import sealed
from telepath import directory
from web.consult_page import signing
from web.consult_page.sight import Sight
from web.words import Wording

LIMITS: Final = {
    "conclusion": CONCLUSION_LIMIT,
    "description": DESCRIPTION_LIMIT,
    "remarks": REMARKS_LIMIT,
    "codings": CODINGS_LIMIT,
}
"""Of the texts of a draft, in characters."""


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """What the editor writes: ``sign``, an ``addendum`` or an ``amendment``; as long as nobody has seen the opinion, it is
    amended and not added to."""

    act: str
    draft: Draft
    """As kept; of an amendment that was not begun, the text that stands."""
    with_whom: tuple[str, ...]
    """Persons who write and sign this text too."""


async def context(sight: Sight) -> dict[str, Any] | None:
    if sight.answering and sight.mine is not None:
        if await signing.context(sight) is not None:
            return None
        return await _desk(sight, sight.mine)
    if sight.managing and not sight.opinions and sight.consult.status is ConsultStatus.ACTIVE:
        return {"reading": None}
    return None


async def _desk(sight: Sight, mine: Reading) -> dict[str, Any] | None:
    """None: this reader writes nothing: they countersign, or the text that they wrote with the expert is signed."""
    reading = mine
    if mine.role is ReadingRole.COUNTERSIGNER:
        return None
    if mine.role is ReadingRole.CO_READER:
        lead = led_by(sight.readings, mine)
        if lead is None or lead.signed:
            return None
        reading = lead
    others = {
        one.expert_id
        for one in sight.readings
        if one.role is ReadingRole.CO_READER and one.status is not ReadingStatus.CANCELLED
    }
    others |= {reading.expert_id}
    act, draft = "sign", reading.draft
    standing = in_force(sight.opinions, reading.id)
    if reading.signed and standing is not None:
        full = bool(draft.description or draft.remarks or draft.codings)
        wanted = sight.request.query_params.get("amend") == "1" or not sight.consult.opinions_released
        act = "amendment" if wanted or full or "description" in sight.typed else "addendum"
        if act == "amendment" and draft.empty:
            draft = text_of(sight.t, standing.content)
    shared = others - {sight.actor.person_id} if reading.role is ReadingRole.EXPERT else set()
    people = await directory.people(sight.db, shared)
    return {
        "reading": reading,
        "draft": draft,
        "desk": Desk(act=act, draft=draft, with_whom=tuple(sorted(one.name for one in people.values()))),
        "leads": reading is mine,
        "blind": sealed(sight.consult, mine),
        "template": templates.text(sight.consult.organ, sight.t.language),
        "phrases": templates.limits(sight.t.language),
        "limits": LIMITS,
    }


def text_of(t: Wording, content: Content) -> Draft:
    """What was signed, as the editor writes it."""
    codings = "\n".join(f"{t('consults-system', system=coding.system)} {coding.code}" for coding in content.codings)
    return Draft(content.conclusion, content.description, content.remarks, codings)
