"""Records what was refused: the first time at once, the same again within a minute as a number. A flood cannot fill the log."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final, Protocol

from telepath.access import ObjectRef
from telepath.actor import Actor
from telepath.errors import Unavailable

EVERY: Final = 60.0
"""Seconds within which the same refusal to the same person, on the same object, is counted."""
RETRY: Final = 5.0
KEPT: Final = 10_000
"""Refusals remembered at once; those beyond are recorded one by one."""

log = logging.getLogger("telepath.audit")


class Record(Protocol):
    """``Database.record``."""

    def __call__(
        self, actor: Actor, kind: str, thing: ObjectRef | None = None, *, outcome: str = ..., **detail: Any
    ) -> Awaitable[None]: ...


class _Refused:
    """One refusal, and how often it came again."""

    def __init__(self, actor: Actor, kind: str, thing: ObjectRef | None, detail: dict[str, Any], due: float) -> None:
        self.actor, self.kind, self.thing, self.detail = actor, kind, thing, detail
        self.due = due
        self.lock = asyncio.Lock()
        self.recorded = False
        self.times = 0
        self.began: datetime | None = None
        self.ended: datetime | None = None


class Refusals:
    """Of one process. ``record`` returns when the first refusal of its kind is committed; how often it came again is written
    when its minute is over, or by ``close``."""

    def __init__(self, record: Record, clock: Callable[[], datetime], every: float = EVERY) -> None:
        self.every = every
        self._record = record
        self._clock = clock
        self._known: dict[tuple[object, ...], _Refused] = {}
        self._task: asyncio.Task[None] | None = None

    async def record(self, actor: Actor, kind: str, thing: ObjectRef | None = None, **detail: Any) -> None:
        """``kind`` is declared in telepath/audit_catalogue.py; ``detail`` as for ``Transaction.audit``.

        Raises Unavailable: it could not be recorded, and must not be said."""
        whose = actor.session_id or actor.subject_name_id or actor.address
        place = (thing.kind, thing.id) if thing is not None else ()
        key = (whose, kind, place, *sorted((name, str(value)) for name, value in detail.items()))
        while not await self._told(key, actor, kind, thing, detail):
            pass  # what it waited for is over, and nobody would write its number

    async def _told(
        self, key: tuple[object, ...], actor: Actor, kind: str, thing: ObjectRef | None, detail: dict[str, Any]
    ) -> bool:
        """Record it, or count it. False: its first record failed, or its minute ended, while this waited for it."""
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= KEPT:
                await self._record(actor, kind, thing, outcome="refused", **detail)
                return True
            due = asyncio.get_running_loop().time() + self.every
            known = self._known[key] = _Refused(actor, kind, thing, detail, due)
        async with known.lock:
            if self._known.get(key) is not known:
                return False
            if known.recorded:
                known.times += 1
                known.ended = self._clock()
                known.began = known.began or known.ended
                return True
            try:
                await self._record(actor, kind, thing, outcome="refused", **detail)
            except BaseException:
                self._forget(key, known)
                raise
            known.recorded = True
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="record refusals")
        return True

    def _forget(self, key: tuple[object, ...], known: _Refused) -> None:
        if self._known.get(key) is known:
            del self._known[key]

    async def close(self) -> None:
        """Write what is counted and not yet written."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        left, self._known = self._known, {}
        for refused in left.values():
            try:
                await self._write(refused)
            except Exception:
                log.exception("%d repetitions of a refusal are not recorded", refused.times)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while self._known:
            key, first = next(iter(self._known.items()))  # the oldest: all wait equally long
            await asyncio.sleep(max(0.0, first.due - loop.time()))
            try:
                await self._write(first)
            except Unavailable:
                log.warning("repetitions of a refusal wait to be recorded: the database does not answer")
                await asyncio.sleep(RETRY)
            except Exception:
                log.exception("%d repetitions of a refusal are not recorded", first.times)
                self._forget(key, first)
            else:
                if not first.times:
                    self._forget(key, first)

    async def _write(self, refused: _Refused) -> None:
        async with refused.lock:
            if refused.times and refused.began is not None and refused.ended is not None:
                told: dict[str, Any] = refused.detail | {
                    "times": refused.times,
                    "from": refused.began.astimezone(UTC).isoformat(timespec="seconds"),
                    "to": refused.ended.astimezone(UTC).isoformat(timespec="seconds"),
                }
                await self._record(refused.actor, refused.kind, refused.thing, outcome="refused", **told)
                refused.times = 0
                refused.began = refused.ended = None
