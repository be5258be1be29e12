"""Processes that fire timers, each ended by SIGKILL in the middle of one and followed by another; and what must be true."""

import asyncio
import logging
import os
import random
import signal
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from typing import Final

import msgspec
import uvloop
from sqlalchemy import Table, event, func, select

from telepath.access import ObjectRef
from telepath.actor import SYSTEM
from telepath.db import timers
from telepath.db.database import Database
from telepath.db.schema.audit import audit_pending
from telepath.db.schema.outbox import outbox
from telepath.db.schema.timers import timer
from telepath.db.timers import Timer
from telepath.db.transaction import Transaction
from telepath.errors import Unavailable
from tests.builders import MASTER_KEY

FIRST: Final = "soak.first"
SECOND: Final = "soak.second"
"""Set by the handler of the first, in the transaction in which that one goes."""
RECORDED: Final = "case.changed"
CASE: Final = ObjectRef("case", "c" * 26, "i" * 26)
NODES: Final = 3
WITHIN: Final = 4.0
"""Seconds over which the timers are due."""
STUBBORN: Final = 10
"""One in so many fails at its first attempt."""
PATIENCE: Final = 60.0
"""Seconds in which at least one timer fires."""
_context = get_context("forkserver")
_context.set_forkserver_preload(["tests.soak.timekeepers"])


class Place(StrEnum):
    """Where a process ends: of its ``nth`` timer."""

    HANDLER = "what the timer does is written, and not committed"
    COMMIT = "right before the commit"
    COMMITTED = "right after the commit"


class Watch(msgspec.Struct, frozen=True, kw_only=True):
    """One process from its start to its end. ``place`` None: it goes on until somebody else ends it."""

    url: str
    place: Place | None
    nth: int = 0


class Kept(msgspec.Struct):
    """What came of it."""

    kills: int = 0
    fired: int = 0
    places: Counter[str] = msgspec.field(default_factory=Counter)


def watch(one: Watch) -> None:
    """The body of the process."""
    logging.disable()
    uvloop.run(_watch(one))


async def _watch(one: Watch) -> None:
    db = Database(one.url, MASTER_KEY)
    end = _End(one)
    event.listen(db._writer.sync_engine, "commit", lambda _connection: end.at(Place.COMMIT))
    event.listen(db._writer.sync_engine.pool, "checkin", lambda _connection, _record: end.at(Place.COMMITTED))

    async def first(tx: Transaction, fired: Timer) -> None:
        await _written(tx, fired)
        await timers.put(tx, SECOND, fired.subject_id, tx.now + timedelta(milliseconds=50))
        end.begun()

    async def second(tx: Transaction, fired: Timer) -> None:
        await _written(tx, fired)
        end.begun()

    while True:
        try:
            taken = await timers.fire(db, {FIRST: first, SECOND: second}, 20)
        except Unavailable:
            taken = 0
        await asyncio.sleep(0 if taken else 0.01)


class _End:
    """Ends its own process at the place that was chosen."""

    def __init__(self, one: Watch) -> None:
        self._one = one
        self._begun = 0
        self._inside = False

    def begun(self) -> None:
        self._begun += 1
        self._inside = True
        self.at(Place.HANDLER)

    def at(self, place: Place) -> None:
        if self._inside and place is self._one.place and self._begun == self._one.nth:
            os.kill(os.getpid(), signal.SIGKILL)
        if place is Place.COMMITTED:
            self._inside = False


async def _written(tx: Transaction, fired: Timer) -> None:
    if fired.body.get("stubborn") and not fired.attempts:
        raise RuntimeError("not yet")
    await tx.emit(fired.kind, mark=fired.subject_id)
    await tx.audit(RECORDED, CASE, mark=f"{fired.kind} {fired.subject_id}")


async def keep(url: str, seed: str, *, count: int, kills: int) -> Kept:
    """Set ``count`` timers and end ``kills`` processes while they fire.

    Raises AssertionError: one was lost, fired twice, or without its record."""
    chance = random.Random(seed)  # repeatable on purpose
    db = Database(url, MASTER_KEY)
    found = Kept()
    nodes: list[tuple[ForkServerProcess, Watch]] = []
    try:
        await _set(db, chance, count)
        deadline, before = time.monotonic() + PATIENCE, 0
        while True:
            left, done = await _count(db, timer), await _count(db, outbox)
            if not left and found.kills >= kills:
                break
            if done != before:
                deadline, before = time.monotonic() + PATIENCE, done
            assert time.monotonic() < deadline, "the nodes stand still"
            for process, one in [node for node in nodes if not node[0].is_alive()]:
                process.join()
                assert process.exitcode == -signal.SIGKILL, "a node died by itself"
                nodes.remove((process, one))
                found.kills += 1
                found.places[str(one.place)] += 1
            while len(nodes) < NODES:
                to_end = found.kills + sum(one.place is not None for _, one in nodes) < kills
                place = chance.choice(list(Place)) if to_end else None
                nodes.append(_born(Watch(url=url, place=place, nth=chance.randint(1, 12))))
            if not left:  # others were quicker, and it did not come to its place
                for process in (process for process, one in nodes if one.place is not None):
                    process.kill()
            await asyncio.sleep(0.02)
        await check(db, count, found)
    finally:
        for process, _ in nodes:
            process.kill()
            process.join()
        await db.close()
    return found


def _born(one: Watch) -> tuple[ForkServerProcess, Watch]:
    process = _context.Process(target=watch, args=(one,), daemon=True)
    process.start()
    return process, one


async def _set(db: Database, chance: random.Random, count: int) -> None:
    begun = datetime.now(UTC)
    async with db.write(SYSTEM, unaudited="a test") as tx:
        for number in range(count):
            at = begun + timedelta(seconds=chance.uniform(0, WITHIN))
            await timers.put(tx, FIRST, f"{number:05d}", at, stubborn=int(number % STUBBORN == 0))


async def _count(db: Database, rows: Table) -> int:
    async with db.read() as reader:
        return int(await reader.scalar(select(func.count()).select_from(rows)))


async def check(db: Database, count: int, found: Kept) -> None:
    """Raises AssertionError."""
    async with db.read() as reader:
        told = Counter((row["kind"], row["body"]["mark"]) for row in await reader.all(select(outbox)))
        records = await reader.all(select(audit_pending.c.record))
    recorded = Counter(row["record"]["detail"]["mark"] for row in records)
    twice = [one for one, times in told.items() if times > 1]
    assert not twice, f"fired twice: {twice[:5]}"
    expected = {(kind, f"{number:05d}") for kind in (FIRST, SECOND) for number in range(count)}
    lost = sorted(expected - told.keys())
    assert not lost, f"never fired: {lost[:5]}"
    assert recorded == Counter(f"{kind} {mark}" for kind, mark in told), "fired without its record, or recorded alone"
    found.fired = sum(told.values())
