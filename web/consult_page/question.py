"""What is asked."""

from typing import Any

from web.consult_page.sight import Sight


async def context(_sight: Sight) -> dict[str, Any]:
    return {}
