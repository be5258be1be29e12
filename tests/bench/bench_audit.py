"""The audit's path: records committed, sealed and verified, on both databases with durable settings.

Peers, in the same run on the same disk: the bare driver that inserts the same bytes and commits, which is the limit of disk and
driver; and the other design, a chain whose head every writer locks. Each writer waits for its commit before it goes on."""

import asyncio
import hashlib
import os
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import msgspec
import psycopg
import uvloop
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from telepath.access import ObjectRef
from telepath.actor import Actor, Role
from telepath.db import audit_check, audit_log
from telepath.db.database import Database
from telepath.db.migrations import upgrade
from telepath.db.schema.audit import audit_log as log
from tests import sealed_log
from tests.builders import MASTER_KEY
from tests.durable_postgres import DurablePostgres, filesystem
from web.relay import SOON

SECONDS: Final = 4.0
WRITERS: Final = (1, 8, 32)
VIEWS: Final = 32
STEADY: Final = 200
"""Records a second: far more than a hospital makes."""
VERIFIED: Final = 1_000_000
LOG: Final = "bench.test/audit"
SLIDE: Final = ObjectRef("slide", "s" * 26, "i" * 26)
EXPERT: Final = Actor(
    person_id="p" * 26,
    name="Dr Zoé Marchand",
    institution_id="i" * 26,
    roles=frozenset({Role.EXPERT}),
    subject_name_id="899700000001",
    session_id="s" * 64,
    acr="eidas2",
    address="192.0.2.7",
    device="Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
)
BYTES: Final = "x" * 700
"""As long as a record that waits."""


def say(database: str, what: str, figures: str) -> None:
    print(f"  {database:10}  {what:58} {figures}", flush=True)


def a_second(count: int, seconds: float) -> str:
    return f"{count / seconds:8,.0f} /s"


# Peers


def bare_sqlite(folder: Path) -> None:
    connection = sqlite3.connect(folder / "bare.db", isolation_level=None)
    for statement in (
        "PRAGMA journal_mode=WAL",
        "PRAGMA synchronous=FULL",
        "CREATE TABLE pending (position INTEGER PRIMARY KEY, record TEXT)",
    ):
        connection.execute(statement)
    done, begun = 0, time.monotonic()
    while time.monotonic() - begun < SECONDS:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO pending (record) VALUES (?)", (BYTES,))
        connection.execute("COMMIT")
        done += 1
    say("SQLite", "peer: bare sqlite3, insert and commit, 1 writer", a_second(done, time.monotonic() - begun))
    connection.close()


def bare_insert(connection: psycopg.Connection[Any]) -> None:
    with connection.transaction():
        connection.execute("INSERT INTO bare_pending (record) VALUES (%s)", (BYTES,))


def locked_head(connection: psycopg.Connection[Any]) -> None:
    with connection.transaction():
        row = connection.execute("SELECT seq, head FROM bare_head FOR UPDATE").fetchone()
        assert row is not None
        head = hashlib.sha256(row[1] + BYTES.encode()).digest()
        connection.execute("INSERT INTO bare_chain VALUES (%s, %s, %s)", (row[0] + 1, BYTES, head))
        connection.execute("UPDATE bare_head SET seq = %s, head = %s", (row[0] + 1, head))


def peers_on_postgresql(server: DurablePostgres) -> None:
    with server.connect("bench") as connection:
        connection.execute("CREATE TABLE bare_pending (position bigserial PRIMARY KEY, record text)")
        connection.execute("CREATE TABLE bare_chain (seq bigint PRIMARY KEY, record text, head bytea)")
        connection.execute("CREATE TABLE bare_head (seq bigint, head bytea)")
        connection.execute("INSERT INTO bare_head VALUES (0, '')")
    works = (("bare psycopg, insert and commit", bare_insert), ("a chain with a locked head", locked_head))
    for name, work in works:
        for writers in WRITERS:
            until = time.monotonic() + SECONDS

            def write(work: Callable[[psycopg.Connection[Any]], None] = work, until: float = until) -> int:
                done = 0
                with server.connect("bench") as connection:
                    while time.monotonic() < until:
                        work(connection)
                        done += 1
                return done

            with ThreadPoolExecutor(writers) as threads:
                done = sum(future.result() for future in [threads.submit(write) for _ in range(writers)])
            say("PostgreSQL", f"peer: {name}, {writers} writers (threads)", a_second(done, SECONDS))


# The product


async def record(db: Database) -> None:
    await db.record(EXPERT, "case.viewed", SLIDE, view="v" * 26)


async def change(db: Database) -> None:
    async with db.write(EXPERT) as tx:
        await tx.emit("thread.written", line="l" * 26)
        await tx.audit("thread.written", SLIDE, line="l" * 26)


WORKS: Final = {
    "a record that stands alone (db.record)": record,
    "a change, its event and its record (db.write)": change,
}


async def written(db: Database, work: Callable[[Database], Awaitable[None]], writers: int) -> tuple[int, list[float]]:
    """How many in SECONDS, and how long each took, in ms."""
    until, took = time.monotonic() + SECONDS, list[float]()

    async def write() -> None:
        while (begun := time.monotonic()) < until:
            await work(db)
            took.append(1000 * (time.monotonic() - begun))

    await asyncio.gather(*(write() for _ in range(writers)))
    return len(took), took


async def writing(name: str, db: Database) -> None:
    for what, work in WORKS.items():
        await work(db)
        for writers in WRITERS:
            cpu = time.process_time()
            count, took = await written(db, work, writers)
            cpu = (time.process_time() - cpu) / count * 1e6
            beside = (
                f"p50 {statistics.median(took):6.1f} ms, p99 {centile(took, 99):6.1f} ms, {cpu:5.0f} µs of processor"
            )
            say(name, f"{what}, {writers} writers", f"{a_second(count, SECONDS)}  {beside}")
    count, begun = 0, time.monotonic()
    while time.monotonic() - begun < SECONDS:
        async with db.write(EXPERT) as tx:
            for number in range(VIEWS):
                await tx.audit("slide.regions", SLIDE, view="v" * 26, tiles=number, levels=[3, 4])
        count += VIEWS
    say(name, f"views, {VIEWS} in one transaction, 1 writer", a_second(count, time.monotonic() - begun))


def centile(values: list[float], n: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[n - 1]


def one_process(url: str, what: str, writers: int) -> int:
    """A node of several: how many it wrote."""

    async def write() -> int:
        db = Database(url, MASTER_KEY)
        try:
            await WORKS[what](db)
            return (await written(db, WORKS[what], writers))[0]
        finally:
            await db.close()

    return uvloop.run(write())


def several_processes(url: str) -> None:
    for what in WORKS:
        for processes, writers in ((2, 4), (8, 1), (8, 4)):
            with get_context("spawn").Pool(processes) as pool:
                done = sum(pool.starmap(one_process, [(url, what, writers)] * processes, chunksize=1))
            say("PostgreSQL", f"{what}, {processes} nodes of {writers}", a_second(done, SECONDS))


async def lag(name: str, db: Database, rate: int | None) -> None:
    """From the commit to the seal, while the sealer works as web/relay.py lets it: at once again, or after SOON."""
    await audit_log.seal_all(db, LOG)
    committed: dict[str, float] = {}
    sealed: list[tuple[int, float]] = []
    over = asyncio.Event()

    async def seal() -> None:
        while not (over.is_set() and sum(count for count, _ in sealed) >= len(committed)):
            count = await audit_log.seal(db, LOG)
            sealed.append((count, time.monotonic()))
            await asyncio.sleep(0 if count == audit_log.BATCH else SOON)

    async def one(mark: str) -> None:
        await db.record(EXPERT, "case.viewed", SLIDE, mark=mark)
        committed[mark] = time.monotonic()

    async def write(writer: int) -> None:
        number, begun = 0, time.monotonic()
        while time.monotonic() - begun < SECONDS:
            number += 1
            await one(f"{writer}-{number}")

    sealer = asyncio.create_task(seal())
    if rate is None:
        await asyncio.gather(*(write(writer) for writer in range(8)))
    else:
        begun, tasks = time.monotonic(), list[asyncio.Task[None]]()
        for number in range(int(rate * SECONDS)):
            await asyncio.sleep(max(0, begun + number / rate - time.monotonic()))
            tasks.append(asyncio.create_task(one(str(number))))
        await asyncio.gather(*tasks)
    over.set()
    await sealer
    async with db.read() as reader:
        rows = await reader.all(select(log.c.body).order_by(log.c.seq.desc()).limit(len(committed)))
    marks = (msgspec.json.decode(row["body"])["detail"]["mark"] for row in reversed(rows))
    lags = [at - committed[mark] for count, at in sealed for _, mark in zip(range(count), marks, strict=False)]
    speed = f"{rate} a second" if rate else f"full speed, 8 writers, {len(lags) / SECONDS:,.0f} a second"
    figures = (
        f"p50 {statistics.median(lags):5.2f} s, p99 {centile(lags, 99):5.2f} s, most {max(lags):5.2f} s (limit 1 s)"
    )
    say(name, f"seal lag at {speed}", figures)


def processor_time() -> float:
    """Seconds, of this process and of those that it started and that ended."""
    return sum(os.times()[:4])


async def verified(name: str, url: str, count: int) -> None:
    """``count`` records of a made-up hospital, and its heads."""
    await sealed_log.write(url, count)
    db = Database(url, MASTER_KEY)
    key = Ed25519PrivateKey.generate()
    try:
        note = await audit_log.checkpoint(db, LOG, key)
        assert note is not None
        async with db.read() as reader:
            begun, cpu = time.monotonic(), processor_time()
            verdict = await audit_check.verify(reader, [key.public_key().public_bytes_raw()], [note])
            seconds, cpu = time.monotonic() - begun, processor_time() - cpu
            bodies = [row["body"] for row in await reader.all(select(log.c.body).limit(100_000))]
        assert verdict.problems == (), verdict.problems
        begun = time.monotonic()
        for body in bodies:
            hashlib.sha256(b"\x00" + body.encode()).digest()
            hashlib.sha256(b"\x01" + bytes(64)).digest()
        alone = time.monotonic() - begun
        say(name, "peer: hashlib alone, a leaf and a node a record", a_second(len(bodies), alone))
        say(
            name,
            f"verify {verdict.records:,} records",
            f"{a_second(verdict.records, seconds)}  {seconds:.1f} s, {cpu:.1f} s of processor (goal 10 s a million)",
        )
    finally:
        await db.close()


@contextmanager
def folder_of_ours() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="telepath-") as made:
        folder = Path(made)
        folder.chmod(0o755)  # PostgreSQL's user must be able to walk to its own
        yield folder


async def sqlite(folder: Path, count: int) -> None:
    bare_sqlite(folder)
    for name in ("bench", "verified"):
        await upgrade(f"sqlite+aiosqlite:///{folder / name}.db")
    db = Database(f"sqlite+aiosqlite:///{folder / 'bench'}.db", MASTER_KEY)
    try:
        await writing("SQLite", db)
        for rate in (STEADY, None):
            await lag("SQLite", db, rate)
    finally:
        await db.close()
    await verified("SQLite", f"sqlite+aiosqlite:///{folder / 'verified'}.db", count)


async def postgresql(server: DurablePostgres, count: int) -> None:
    url = server.create("bench")
    await upgrade(url)
    peers_on_postgresql(server)
    db = Database(url, MASTER_KEY)
    try:
        await writing("PostgreSQL", db)
        await asyncio.to_thread(several_processes, url)
        for rate in (STEADY, None):
            await lag("PostgreSQL", db, rate)
    finally:
        await db.close()
    full = server.create("verified")
    await upgrade(full)
    await verified("PostgreSQL", full, count)


def main(count: int = VERIFIED) -> None:
    with folder_of_ours() as folder:
        print(f"The audit, on {filesystem(folder)}, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
        uvloop.run(sqlite(folder, count))
        with DurablePostgres(folder) as server:
            uvloop.run(postgresql(server, count))
        print(f"  load at the end {os.getloadavg()[0]:.1f}, ours included")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else VERIFIED)
