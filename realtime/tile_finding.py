"""Looks for the view under which a slide's tiles may be pushed to one person, and goes on looking until there is one."""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from realtime.messages import Kept
from realtime.tile_supply import Source, Supply
from telepath.errors import TelepathError

log = logging.getLogger("telepath.room")

LOOK_AGAIN: Final = (1.0, 32.0)
"""Seconds between two looks for a view that was not there: at first, and at most."""


class Finding:
    """One connection's, for one slide at a time."""

    def __init__(self, supply: Supply, found: Callable[[Source], None], again: Callable[[], None]) -> None:
        """``again`` is called when it is time for another look: ``begin``, if the slide is still wanted."""
        self._supply, self._found, self._due = supply, found, again
        self._wait = 0.0
        self._again: asyncio.TimerHandle | None = None
        self._looking: asyncio.Task[None] | None = None

    @property
    def looking(self) -> bool:
        return self._looking is not None

    def begin(self, slide: str, kept: Kept | None) -> None:
        """Look for it now, unless it is not time yet. ``kept``: what the client says to have of it."""
        if self._looking is None and self._again is None:
            self._looking = asyncio.create_task(self._open(slide, kept), name="find a view to push tiles under")

    def later(self) -> None:
        """It was not there, or is not there any more; its page may open one, or renew it."""
        least, most = LOOK_AGAIN
        self._wait = min(max(least, 2 * self._wait), most)
        self._again = asyncio.get_running_loop().call_later(self._wait, self._is_due)

    def hasten(self) -> None:
        """There is reason to believe that it is found now."""
        self._wait = 0.0
        if self._again is not None:
            self._again.cancel()
            self._again = None

    def stop(self) -> None:
        """It is not wanted any more."""
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None
        self.hasten()

    def _is_due(self) -> None:
        self._again = None
        self._due()

    async def _open(self, slide: str, kept: Kept | None) -> None:
        try:
            source = await self._supply.open(slide, kept)
        except TelepathError:
            source = None  # it is looked for again
        except Exception:
            log.exception("a view to push tiles under was not found")
            source = None
        if self._looking is not asyncio.current_task():
            return
        self._looking = None
        if source is None:
            self.later()
        else:
            self._found(source)
