"""The scale of a slide, entered by hand where its file says none that can be believed."""

import re
from typing import Final

from telepath import grants
from telepath.access import Action
from telepath.actor import Actor
from telepath.cases import repository
from telepath.db.database import Database
from telepath.db.schema.slides import slide as slides
from telepath.errors import Invalid, NotFound
from telepath.geometry import MPP_AT_40X, OBJECTIVES, plausible_mpp
from telepath.slides import catalogue

ENTERED: Final = "entered"
FROM_FILE: Final = "file"
TYPED_LIMIT: Final = 20
_NUMBER: Final = re.compile(r"[0-9]{1,3}([.,][0-9]{1,8})?")


def parsed(typed: str) -> float:
    """µm/px, with a point or a comma; or an objective, ``x40``. Raises Invalid."""
    text = typed.strip().replace("\N{NO-BREAK SPACE}", "")
    by_objective = re.fullmatch(r"[x×]\s*([0-9.,]+)", text.casefold())
    number = by_objective[1] if by_objective else text
    if not _NUMBER.fullmatch(number):
        raise Invalid("error-slide-scale", field="mpp")
    value = float(number.replace(",", "."))
    if by_objective:
        if value not in OBJECTIVES:
            raise Invalid("error-slide-scale", field="mpp")
        value = 40 * MPP_AT_40X / value
    if not plausible_mpp(value):
        raise Invalid("error-slide-scale", field="mpp")
    return value


async def enter(db: Database, actor: Actor, case_id: str, slide_id: str, typed: str | None) -> None:
    """Say how many µm a pixel covers; None: what the file says counts again.

    Raises NotFound: no such slide of this case; Refused: the actor may not change the case; Invalid; Conflict."""
    value = None if typed is None else parsed(typed)
    async with db.write(actor) as tx:
        slide = await catalogue.get(tx, slide_id)
        if slide.case_id != case_id:
            raise NotFound
        case = await repository.get(tx, case_id)
        allowed = await grants.require(tx, actor, Action.CASE_EDIT, case.ref)
        mpp, source, by = (slide.mpp_read, FROM_FILE, "") if value is None else (value, ENTERED, actor.person_id)
        await tx.update(slides, slide.id, slide.version, mpp=mpp, mpp_source=source, mpp_by=by)
        await repository.touch(tx, case_id)
        before, after = ("" if one is None else f"{one:.6g}" for one in (slide.mpp, mpp))
        await tx.audit(
            "slide.scale-entered",
            slide.ref,
            because=allowed,
            case_id=case_id,
            before=before,
            after=after,
            scale_source=source,
        )
