"""That something was committed by this process: who looks for work need not ask the database again and again."""

import asyncio
from contextlib import suppress


class Changes:
    """``count``: commits so far."""

    def __init__(self) -> None:
        self.count = 0
        self._next = asyncio.Event()

    def tell(self) -> None:
        """Something was committed."""
        self.count += 1
        told, self._next = self._next, asyncio.Event()
        told.set()

    async def after(self, count: int, seconds: float) -> None:
        """Wait until there are more than these ``count``, ``seconds`` at most."""
        if self.count == count:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._next.wait()
