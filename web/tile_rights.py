"""Who may see tiles: whom a capability cookie names, and whose views were revoked.

Every node keeps the revoked views in memory: the bus wakes it, it re-reads them from the database every 10 s, and it says
that it does not know when it could not for 30 s."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Iterable
from contextlib import suppress
from types import TracebackType
from typing import Final, Self

from realtime.bus import REVOKED, Bus
from telepath.background import Background
from telepath.db.database import Database
from telepath.slides import capability, views
from telepath.slides.capability import Capability

COOKIE: Final = "telepath_tiles"
REREAD_SECONDS: Final = 10.0
STALE_SECONDS: Final = 30.0
RETRY_SECONDS: Final = 5.0
MAX_VERIFIED: Final = 4096
MAX_COOKIES: Final = 4096
"""Bytes of a Cookie header that is remembered; a longer one is verified anew each time."""

logger = logging.getLogger(__name__)


class TileRights:
    """``async with`` starts and stops the watch over revoked views."""

    def __init__(
        self,
        db: Database,
        key: bytes,
        bus: Bus,
        *,
        monotonic: Callable[[], float],
        reread_every: float,
        tell: Callable[[Iterable[str]], None],
    ) -> None:
        """``tell`` hears which views were revoked."""
        self._db = db
        self._key = key
        self._bus = bus
        self._monotonic = monotonic
        self._reread_every = reread_every
        self._tell = tell
        self.revoked: frozenset[str] = frozenset()
        self._read_at = float("-inf")
        self._wake = asyncio.Event()
        self._background = Background()
        self._verified: OrderedDict[tuple[str, bytes], tuple[Capability, ...]] = OrderedDict()

    async def __aenter__(self) -> Self:
        await self.reread()
        self._background.start(self._listen(), "hear of revoked views")
        self._background.start(self._watch(), "re-read revoked views")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._background.stop()

    def stale(self, now: float) -> bool:
        """Whether nobody knows any more who was revoked. ``now``: monotonic s."""
        return now - self._read_at > STALE_SECONDS

    def view(self, slide_id: str, cookies: bytes, now: float) -> str | None:
        """The view that one of the cookies opens, or opened before it was ``revoked``; None: none. ``now``: Unix seconds."""
        verified = self._verified.get((slide_id, cookies))
        if verified is None:
            verified = self._verify(slide_id, cookies, int(now))
        revoked = None
        for known in verified:
            if known.expires > now:
                if known.view_id not in self.revoked:
                    return known.view_id
                revoked = known.view_id
        return revoked

    def first(self, slide_id: str, cookies: bytes) -> Capability | None:
        """The one that decides, while it opens the slide: of cookies that opened it a moment ago."""
        verified = self._verified.get((slide_id, cookies))
        return verified[0] if verified else None

    def _verify(self, slide_id: str, cookies: bytes, now: int) -> tuple[Capability, ...]:
        found = []
        for part in cookies.decode("latin-1").split(";"):
            name, _, text = part.strip().partition("=")
            if name == COOKIE:
                found.append(capability.verify(self._key, slide_id, text, now))
        verified = tuple(one for one in found if one is not None)
        if verified and len(cookies) <= MAX_COOKIES:  # forged ones are never remembered, so nobody can fill this
            self._verified[slide_id, cookies] = verified
            if len(self._verified) > MAX_VERIFIED:
                self._verified.popitem(last=False)
        return verified

    async def reread(self) -> None:
        """Read which views are revoked. A failure leaves the old list, which grows stale."""
        started = self._monotonic()
        try:
            async with self._db.read() as reader:
                before, self.revoked = self.revoked, await views.revoked(reader)
        except Exception:
            logger.exception("revoked views could not be re-read")
            return
        self._read_at = started
        self._tell(self.revoked - before)

    async def _watch(self) -> None:
        while True:
            fresh = self._monotonic() - self._read_at < self._reread_every
            with suppress(TimeoutError):
                async with asyncio.timeout(self._reread_every if fresh else RETRY_SECONDS):
                    await self._wake.wait()
            self._wake.clear()
            await self.reread()

    async def _listen(self) -> None:
        while True:
            try:
                async with self._bus.subscribe(REVOKED) as messages:
                    self._wake.set()  # what was said while nobody listened
                    async for _ in messages:
                        self._wake.set()
            except Exception:
                logger.exception("the bus is silent about revoked views; they are re-read every %s s", REREAD_SECONDS)
            await asyncio.sleep(RETRY_SECONDS)
