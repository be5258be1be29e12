"""What is attached to the case: letters, photographs, reports from elsewhere."""

from typing import Any

from consults import blind
from telepath.cases import attachments
from web.consult_page.sight import Sight


async def context(sight: Sight) -> dict[str, Any] | None:
    if not sight.sees_case or await blind.hides(sight.db, sight.actor, sight.case.id):
        return None
    found = await attachments.of_case(sight.db, sight.case.id)
    return {"attachments": found} if found else None
