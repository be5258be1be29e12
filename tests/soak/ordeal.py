"""One life after another on the same database, each ended by SIGKILL, and what must be true after each of them."""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Final

import msgspec
from sqlalchemy import select

from telepath.db import audit_check
from telepath.db.database import Database
from telepath.db.schema.audit import audit_checkpoint, audit_log, audit_pending
from telepath.db.schema.outbox import outbox
from tests.builders import MASTER_KEY
from tests.durable_postgres import DurablePostgres
from tests.soak.node import KEY, Life, live
from tests.soak.points import CHANGE, Point, in_turn

PATIENCE: Final = 60.0
"""Seconds in which a life comes to its point."""
VERIFY_EVERY: Final = 10
ANY_MOMENT: Final = "any moment"
BACKEND: Final = "server: a backend killed"
SERVER: Final = "server: gone at once"
_context = get_context("forkserver")
_context.set_forkserver_preload(["tests.soak.node"])


class Found(msgspec.Struct):
    """What an ordeal came to."""

    lives: int = 0
    kills: int = 0
    """Processes ended by SIGKILL, the second nodes and backends among them."""
    acknowledged: int = 0
    sealed: int = 0
    trees: int = 0
    heads: int = 0
    points: Counter[str] = msgspec.field(default_factory=Counter)


def ends(chance: random.Random, lives: int, *, postgresql: bool) -> list[Point | str]:
    """How so many lives end: at every named point in turn, and one in eight by what strikes anywhere."""
    named = in_turn(chance, first=int(postgresql))
    strikes = chance.sample((ANY_MOMENT, BACKEND, SERVER), 3) if postgresql else [ANY_MOMENT]
    return [
        strikes[number // 8 % len(strikes)] if number % 8 == 5 else named[(number - (number + 2) // 8) % len(named)]
        for number in range(lives)
    ]


class Ordeal:
    """``server``: the PostgreSQL under ``url``; None: it is SQLite, and one node works at a time."""

    def __init__(self, url: str, folder: Path, seed: str, server: DurablePostgres | None) -> None:
        self._url = url
        self._anchor = folder / "anchor"
        self._chance = random.Random(seed)  # repeatable on purpose
        self._server = server
        self._days = 0
        self._acknowledged: list[str] = []
        self._notes: list[str] = []
        self._sealed: dict[str, str] = {}
        """Mark → kind of what is in the log, read so far."""
        self._next = 0
        self._seen = Found()

    async def run(self, lives: int) -> Found:
        """Raises AssertionError: something was lost, doubled or altered; its text says at which life and point."""
        for number, end in enumerate(ends(self._chance, lives, postgresql=self._server is not None)):
            told = self._live(number, end)
            try:
                await self.check(told, complete=number == lives - 1 or number % VERIFY_EVERY == VERIFY_EVERY - 1)
            except AssertionError as error:
                raise AssertionError(f"life {number}, ended at {end}: {error}") from error
        self._seen.lives = lives
        self._seen.acknowledged, self._seen.sealed = len(self._acknowledged), self._next
        return self._seen

    def _live(self, number: int, end: Point | str) -> list[bytes]:
        """Let one node, or two, live until ``end``; return what they told."""
        self._days += 366 if isinstance(end, Point) and end.kind == "tree" else self._chance.randrange(60)
        point = end if isinstance(end, Point) else None
        nodes = [self._born(f"{number}a", point)]
        if self._server is not None:
            nodes.append(self._born(f"{number}b", point))
        told = _Told([pipe for _, pipe in nodes])
        processes = [process for process, _ in nodes]
        try:
            if point is not None:
                told.until(lambda: b"trap" in told.lines)
                assert b"trap" in told.lines, f"not reached; exit codes {[one.exitcode for one in processes]}"
            else:
                enough = self._chance.randrange(50, 400)
                told.until(lambda: len(told.lines) >= enough)
                if end != ANY_MOMENT:
                    self._strike(end)
                    again = len(told.lines) + enough
                    told.until(lambda: len(told.lines) >= again)
                assert all(one.is_alive() for one in processes), "a node died by itself"
        finally:
            for process in processes:
                process.kill()
                process.join(PATIENCE)
                self._seen.kills += process.exitcode == -signal.SIGKILL
        told.rest()
        self._seen.points[point.name if point else str(end)] += 1
        return told.lines

    def _born(self, name: str, point: Point | None) -> tuple[ForkServerProcess, Connection]:
        ours, theirs = _context.Pipe(duplex=False)
        life = Life(
            url=self._url,
            anchor=str(self._anchor),
            name=name,
            days=self._days,
            point=point,
            nth=self._chance.randint(1, point.often) if point else 0,
        )
        process = _context.Process(target=live, args=(life, theirs), daemon=True)
        process.start()
        theirs.close()
        return process, ours

    def _strike(self, end: Point | str) -> None:
        assert self._server is not None
        if end == BACKEND:
            os.kill(self._chance.choice(self._server.backends()), signal.SIGKILL)
            self._seen.kills += 1
            self._server.wait_until_it_answers()
        else:
            self._server.end_at_once()
            self._server.start()

    async def check(self, told: list[bytes], *, complete: bool) -> None:
        """What must be true after a life that ``told`` this; ``complete``: verify the whole log too. Raises AssertionError."""
        self._acknowledged += [line[4:].decode() for line in told if line.startswith(b"ack ")]
        self._notes += [line[5:].decode() for line in told if line.startswith(b"note ")]
        db = Database(self._url, MASTER_KEY, clock=lambda: datetime.now(UTC) + timedelta(days=self._days))
        try:
            await self._read_log(db)
            async with db.read() as reader:
                pending = [row["record"] for row in await reader.all(select(audit_pending.c.record))]
                changed = Counter(row["body"]["mark"] for row in await reader.all(select(outbox.c.body)))
                heads = {row["note"] for row in await reader.all(select(audit_checkpoint.c.note))}
            recorded = Counter(self._sealed.keys()) + Counter(record["detail"]["mark"] for record in pending)
            twice = [mark for mark, times in recorded.items() if times > 1]
            assert not twice, f"recorded twice: {twice[:5]}"
            lost = [mark for mark in self._acknowledged if mark not in recorded]
            assert not lost, f"acknowledged and lost: {lost[:5]}"
            kinds = self._sealed | {record["detail"]["mark"]: record["kind"] for record in pending}
            of_changes = Counter(mark for mark, kind in kinds.items() if kind == CHANGE)
            assert of_changes == changed, "changes without their record, or records without their change"
            outside = self._notes + self._whole_notes_outside()
            assert heads.issuperset(outside), "a head outside that is not inside"
            if complete:
                self._notes = outside
                public = KEY.public_key().public_bytes_raw()
                async with db.read() as reader:
                    verdict = await audit_check.verify(reader, [public], outside)
                assert verdict.problems == (), f"{verdict.problems[:5]}"
                assert verdict.records == self._next
                self._seen.heads = verdict.checkpoints
        finally:
            await db.close()

    async def _read_log(self, db: Database) -> None:
        """Read on from where the last check ended."""
        async with db.read() as reader:
            rows = await reader.all(
                select(audit_log.c.seq, audit_log.c.body).where(audit_log.c.seq >= self._next).order_by(audit_log.c.seq)
            )
        for row in rows:
            assert row["seq"] == self._next, f"a gap in the log before {row['seq']}"
            self._next += 1
            body = msgspec.json.decode(row["body"])
            if body["kind"] == "audit.tree-opened":
                self._seen.trees += 1
                continue
            mark = body["detail"]["mark"]
            assert mark not in self._sealed, f"sealed twice: {mark}"
            self._sealed[mark] = body["kind"]

    def _whole_notes_outside(self) -> list[str]:
        texts = [path.read_text() for path in self._anchor.rglob("*.note")]
        return [text for text in texts if text.endswith("\n") and "\N{EM DASH}" in text]


class _Told:
    """What the nodes of one life say, gathered until they are gone."""

    def __init__(self, pipes: list[Connection]) -> None:
        self._open = pipes
        self.lines: list[bytes] = []

    def until(self, enough: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not enough() and self._open and time.monotonic() < deadline:
            self._gather(0.02)

    def rest(self) -> None:
        """All that was said before the end: a message that the end cut short was not said."""
        while self._open:
            self._gather(PATIENCE)

    def _gather(self, seconds: float) -> None:
        for pipe in wait(self._open, seconds):
            assert isinstance(pipe, Connection)
            try:
                self.lines.append(pipe.recv_bytes())
            except (EOFError, OSError):
                pipe.close()
                self._open.remove(pipe)
