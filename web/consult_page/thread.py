"""The discussion between who asks and who reads."""

from typing import Any

from consults import blind
from telepath.access import Action
from telepath.cases import threads
from web.consult_page.sight import Sight
from web.threads import read_view, said, view_text


async def context(sight: Sight) -> dict[str, Any] | None:
    case = sight.case.ref
    if not sight.inside or not sight.can(Action.THREAD_READ, case):
        return None
    # What was said about the case itself concerns each of its consults; of the other consults, nothing shows here.
    # Whoever reads blind does not read what was said about the case before.
    sealed = await blind.hides(sight.db, sight.actor, case.id)
    here = {sight.consult.id} if sealed else {"", sight.consult.id}
    told = [line for line in await threads.of_case(sight.db, case.id) if line.consult_id in here]
    places = {"": (sight.t("consults-thread-case"), f"/cases/{case.id}#discussion")}
    return {
        "lines": await said(
            sight.db, sight.actor, case.id, told, places, consult=sight.consult.id, unnamed=sight.unnamed
        ),
        "may_write": sight.can(Action.THREAD_WRITE, case),
        "attached": attached(sight),
        "limit": threads.TEXT_LIMIT,
    }


def attached(sight: Sight) -> dict[str, str] | None:
    """The slide, and the field of it, that the next line carries. Raises Invalid: the address names no field."""
    wanted = sight.request.query_params.get("slide", "")
    slide = next((slide for slide in sight.slides if slide.id == wanted), None)
    if slide is None:
        return None
    text = sight.request.query_params.get("view", "")
    return {"id": slide.id, "label": slide.label, "view": view_text(read_view(text)) if text else ""}
