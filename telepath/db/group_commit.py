"""Group commit: what many ask for at one moment is committed in one transaction, and each waits for that commit."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Generic, TypeVar

from telepath.errors import Unavailable

Entry = TypeVar("Entry")
LARGEST: Final = 500
"""Entries of one transaction: the last of a crowd does not wait for all of it."""


class GroupCommit(Generic[Entry]):
    """``await group.add(entry)`` returns when ``commit`` has committed a list with ``entry`` in it.

    Nobody waits for company: who comes first is committed at once, and who comes meanwhile goes together next."""

    def __init__(self, commit: Callable[[Sequence[Entry]], Awaitable[None]]) -> None:
        self._commit = commit
        self._waiting: list[tuple[Entry, asyncio.Future[None]]] = []
        self._at_work: asyncio.Task[None] | None = None

    async def add(self, entry: Entry) -> None:
        """Raises what ``commit`` raises: the entry was not committed. Who stops waiting may find it committed all the same."""
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((entry, done))
        if self._at_work is None:
            self._at_work = asyncio.create_task(self._work(), name="group commit")
        await done

    async def _work(self) -> None:
        try:
            while self._waiting:
                group, self._waiting = self._waiting[:LARGEST], self._waiting[LARGEST:]
                await self._together(group)
        finally:
            self._at_work = None
            for _, done in self._waiting:  # the loop is being closed
                done.cancel()
            self._waiting = []

    async def _together(self, group: list[tuple[Entry, asyncio.Future[None]]]) -> None:
        try:
            await self._commit([entry for entry, _ in group])
        except Exception as error:
            if len(group) > 1 and not isinstance(error, Unavailable):
                for one in group:  # nobody fails for another's fault
                    await self._together([one])
                return
            for _, done in group:
                if not done.done():
                    done.set_exception(error)
        except BaseException:
            for _, done in group:
                done.cancel()
            raise
        else:
            for _, done in group:
                if not done.done():
                    done.set_result(None)
