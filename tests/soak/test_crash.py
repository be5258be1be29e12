"""Thirty lives ended by SIGKILL: what was acknowledged is there, once, and the log verifies. ``make soak`` has more of them."""

import os
import random
import signal
import sqlite3
from collections import Counter
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import Engine, event

from telepath.db.migrations import revision, upgrade
from tests.durable_postgres import DurablePostgres
from tests.running import in_its_own_loop
from tests.soak.ordeal import BACKEND, SERVER, Ordeal, ends
from tests.soak.points import POINTS, Point

pytestmark = pytest.mark.slow

LIVES: Final = 10
"""On each database: one for each kind of thing that is done, and one that ends anywhere. On PostgreSQL two nodes: 30 kills."""


async def test_what_was_acknowledged_survives_the_end_of_a_node_on_sqlite(
    sqlite_url: str, tmp_path: Path, seed: str
) -> None:
    found = await Ordeal(sqlite_url, tmp_path, seed, None).run(LIVES)
    assert found.kills == LIVES
    assert found.acknowledged > 0


async def test_what_was_acknowledged_survives_the_end_of_two_nodes_and_of_postgresql(
    server: DurablePostgres, tmp_path: Path, seed: str
) -> None:
    url = server.create("crash")
    await upgrade(url)
    found = await Ordeal(url, tmp_path, seed, server).run(LIVES)
    assert found.kills >= 2 * LIVES
    assert found.acknowledged > 0


def test_lives_end_in_turn_in_all_that_is_done_and_at_every_point(seed: str) -> None:
    begun: list[set[Point]] = []
    for postgresql in (False, True):
        few = [end for end in ends(random.Random(seed), LIVES, postgresql=postgresql) if isinstance(end, Point)]
        assert sorted(point.kind for point in few) == sorted({point.kind for point in POINTS})
        begun.append(set(few))
        many = Counter(ends(random.Random(seed), 8 * len(POINTS), postgresql=postgresql))
        assert {many[point] for point in POINTS} == {7}
        assert sum(many.values()) - 7 * len(POINTS) == len(POINTS)
        assert {many[strike] for strike in (BACKEND, SERVER)} == ({len(POINTS) // 3} if postgresql else {0})
    alone = Counter(point.kind for point in POINTS)
    assert all(alone[point.kind] == 1 for point in set.intersection(*begun))


CRIMES = {
    "changes without their record": "DELETE FROM outbox WHERE position = (SELECT min(position) FROM outbox)",
    "recorded twice": "INSERT INTO audit_pending (record) SELECT body FROM audit_log WHERE kind = 'case.viewed' LIMIT 1",
    "a gap in the log": "DELETE FROM audit_log WHERE seq = 1",
    "record-altered": "UPDATE audit_log SET body = replace(body, 'success', 'failure') WHERE seq = 1",
}


async def test_what_is_lost_doubled_or_altered_is_seen(sqlite_url: str, tmp_path: Path, seed: str) -> None:
    ordeal = Ordeal(sqlite_url, tmp_path, seed, None)
    await ordeal.run(6)  # the last of them lives long
    with pytest.raises(AssertionError, match="acknowledged and lost"):
        await ordeal.check([b"ack nobody-1"], complete=False)
    with sqlite3.connect(sqlite_url.partition("///")[2]) as source:
        for number, (found, crime) in enumerate(CRIMES.items()):
            path = tmp_path / f"{number}.db"
            with sqlite3.connect(path) as copy:
                source.backup(copy)
                assert copy.execute(crime).rowcount == 1
            copy.close()
            with pytest.raises(AssertionError, match=found):
                await Ordeal(f"sqlite+aiosqlite:///{path}", tmp_path, seed, None).check([], complete=True)
    source.close()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_a_migration_that_was_cut_short_is_done_by_the_next_start(
    kind: str, server: DurablePostgres, tmp_path: Path, seed: str
) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'new.db'}" if kind == "sqlite" else server.create("new")
    chance = random.Random(seed)
    for _ in range(2):
        ours, theirs = get_context("forkserver").Pipe(duplex=False)
        process = get_context("forkserver").Process(target=cut_short, args=(url, chance.randrange(1, 60), theirs))
        process.start()
        theirs.close()
        process.join(60)
        assert process.exitcode == -signal.SIGKILL
        ours.close()
    await upgrade(url)
    present, newest = await revision(url)
    assert present == newest


def cut_short(url: str, after: int, _tell: Connection) -> None:
    """Migrate, and end after so many changes of the schema."""
    left = after

    def count(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        nonlocal left
        left -= statement.lstrip().startswith(("CREATE", "ALTER"))
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "after_cursor_execute", count)
    in_its_own_loop(upgrade(url))
