"""An object of a bucket copied into a file, in several ranges at the same time."""

import asyncio
import os
import threading
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, Final

from telepath.s3_client import BotoCoreError

STEP: Final = 64 << 20
"""A large object comes in several such ranges at the same time."""
AT_ONCE: Final = 4

Run = Callable[[Callable[[], Any]], Awaitable[Any]]
"""Runs what blocks in a thread, and translates what it raises."""


class Download:
    """``client``: gives boto3's, in a thread; ``where``: bucket and key; ``state``: the ETag that it must have. Once
    ``stopped`` is set nothing more is written."""

    def __init__(
        self, run: Run, client: Callable[[], Any], where: dict[str, str], state: str, stopped: threading.Event
    ) -> None:
        self._run, self._client, self._stopped = run, client, stopped
        self._asked = {**where, "IfMatch": state}

    async def into(self, path: Path, size: int) -> None:
        """Raises what ``run`` does."""
        turn = asyncio.Semaphore(AT_ONCE)

        async def step(offset: int) -> None:
            async with turn:
                if not self._stopped.is_set():
                    await self._run(lambda: self._copy(path, offset, min(STEP, size - offset)))

        await asyncio.gather(*(step(offset) for offset in range(0, size, STEP)))

    def _copy(self, path: Path, offset: int, length: int) -> None:
        """Blocks. What drops on the way goes on once from where it was."""
        end = offset + length
        with path.open("r+b", buffering=0) as file:
            for last in (False, True):
                try:
                    for chunk in self._chunks(offset, end):
                        if self._stopped.is_set():
                            return
                        if offset + len(chunk) > end:  # a server that knows no ranges sends all of it
                            raise OSError("more than was asked for")
                        os.pwrite(file.fileno(), chunk, offset)
                        offset += len(chunk)
                    if offset < end:
                        raise OSError("less than was asked for")
                    return
                except (BotoCoreError, OSError):
                    if last or self._stopped.is_set():
                        raise

    def _chunks(self, offset: int, end: int) -> Iterator[bytes]:
        body = self._client().get_object(**self._asked, Range=f"bytes={offset}-{end - 1}")["Body"]
        try:
            yield from body.iter_chunks(1 << 20)
        finally:
            body.close()
