"""Work that goes on beside its owner: loops that listen, look again, write down."""

import asyncio
from collections.abc import Coroutine
from typing import Any


class Background:
    """Tasks that end with their owner, who calls ``stop`` where it ends itself."""

    def __init__(self) -> None:
        self._tasks: list[asyncio.Task[None]] = []

    def start(self, work: Coroutine[Any, Any, None], name: str) -> None:
        """``name``: what the task is called where a hanging one is looked for."""
        self._tasks.append(asyncio.create_task(work, name=name))

    async def stop(self) -> None:
        """Cancel all of it, and wait until it has ended, however it does."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
