"""A thread for an anchor's blocking calls: a network folder that hangs holds up nobody, not even the end of the process."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

from telepath.anchors import model

Result = TypeVar("Result")


class OwnThread:
    """Runs one call at a time. What hangs is left behind in a daemon thread, and until it ends nothing more is begun."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._turn = asyncio.Lock()
        self._working = False

    async def run(self, work: Callable[[], Result]) -> Result:
        """What ``work`` returns or raises. Raises Unavailable: it takes longer than ``model.LIMIT``, or another still does."""
        try:
            async with asyncio.timeout(model.LIMIT), self._turn:
                if self._working:
                    raise model.away()
                return await self._started(work)
        except TimeoutError as error:
            raise model.away() from error

    def _started(self, work: Callable[[], Result]) -> "asyncio.Future[Result]":
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Result] = loop.create_future()

        def tell(setter: Callable[[Any], None], value: Any) -> None:
            if not future.done():
                setter(value)

        def body() -> None:
            try:
                setter, value = future.set_result, work()
            except Exception as error:
                setter, value = future.set_exception, error  # type: ignore[assignment]
            self._working = False
            with suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(tell, setter, value)

        self._working = True
        threading.Thread(target=body, name=self._name, daemon=True).start()
        return future
