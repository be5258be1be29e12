"""``make soak``: at least 300 kills of who writes the audit, and 200 of who fires 4,000 timers; then 220 sequences of acts on
consults, 1,000 cuts and kills under a live room, and 50,000 mutants of slides. More than an hour on two cores. ``--seed`` does
the same again."""

import argparse
import asyncio
import secrets
import shutil
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random

from telepath.db.migrations import upgrade
from tests.consult_acts import VERBS
from tests.consult_checks import play
from tests.durable_postgres import DurablePostgres, filesystem
from tests.soak import rooms, slides
from tests.soak.ordeal import Found, Ordeal
from tests.soak.timekeepers import Kept, keep


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description="Kill processes, and count.")
    parser.add_argument("--kills", type=int, default=300, help="how many at least (default: %(default)s)")
    parser.add_argument("--timers", type=int, default=2000, help="how many on each database (default: %(default)s)")
    parser.add_argument("--sequences", type=int, default=200, help="of acts on consults (default: %(default)s)")
    parser.add_argument("--cuts", type=int, default=1000, help="and kills, under rooms (default: %(default)s)")
    parser.add_argument("--mutants", type=int, default=50_000, help="of slides (default: %(default)s)")
    parser.add_argument("--seed", default=secrets.token_hex(4), help="of an earlier run, to do the same again")
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="telepath-") as made:
        folder = Path(made)
        folder.chmod(0o755)  # PostgreSQL's user must be able to walk to its own
        print(f"on {filesystem(folder)}", flush=True)
        lives = arguments.kills // 2
        asyncio.run(sqlite(folder, arguments.seed, lives))
        asyncio.run(postgresql(folder, arguments.seed, lives))
        asyncio.run(timekeeping(folder, arguments.seed, arguments.timers))
        asyncio.run(acting(folder, arguments.seed, arguments.sequences))
        asyncio.run(travelling(folder, arguments.seed, arguments.cuts))
    looking(arguments.seed, arguments.mutants)


async def sqlite(folder: Path, seed: str, lives: int) -> None:
    """``lives`` of one node on an SQLite file in ``folder``."""
    url = f"sqlite+aiosqlite:///{folder / 'soak.db'}"
    await upgrade(url)
    begun = time.monotonic()
    report("SQLite", await Ordeal(url, folder / "sqlite", seed, None).run(lives), begun)


async def postgresql(folder: Path, seed: str, lives: int) -> None:
    """``lives`` of two nodes on a PostgreSQL in ``folder``."""
    with DurablePostgres(folder) as server:
        url = server.create("soak")
        await upgrade(url)
        begun = time.monotonic()
        report("PostgreSQL", await Ordeal(url, folder / "postgresql", seed, server).run(lives), begun)


async def timekeeping(folder: Path, seed: str, count: int) -> None:
    """``count`` timers on each database, on three nodes; one is ended for every twenty of them."""
    in_file = f"sqlite+aiosqlite:///{folder / 'timers.db'}"
    await upgrade(in_file)
    begun = time.monotonic()
    fired("SQLite", await keep(in_file, seed, count=count, kills=count // 20), begun)
    apart = folder / "timers"
    apart.mkdir(mode=0o755)
    with DurablePostgres(apart) as server:
        on_server = server.create("timers")
        await upgrade(on_server)
        begun = time.monotonic()
        fired("PostgreSQL", await keep(on_server, seed, count=count, kills=count // 20), begun)


async def acting(folder: Path, seed: str, count: int) -> None:
    """``count`` sequences of everybody's acts on consults in SQLite files, and a tenth of it on a PostgreSQL."""
    chance, done, begun = Random(seed), Counter[str](), time.monotonic()
    empty = folder / "empty.db"
    await upgrade(f"sqlite+aiosqlite:///{empty}")
    for _ in range(count):
        file = Path(shutil.copy(empty, folder / "acts.db"))
        done += await acted(f"sqlite+aiosqlite:///{file}", chance.getrandbits(32))
        file.unlink()
    apart = folder / "acts"
    apart.mkdir(mode=0o755)
    with DurablePostgres(apart) as server:
        for number in range(count // 10):
            url = server.create(f"acts_{number}")
            await upgrade(url)
            done += await acted(url, chance.getrandbits(32))
    acts = sum(times for verb, times in done.items() if not verb.startswith("-"))
    print(f"consults: {acts} acts done, {done.total() - acts} refused, {time.monotonic() - begun:.0f} s")
    assert all(done[verb] for verb in VERBS), "an act was never done"


async def travelling(folder: Path, seed: str, count: int) -> None:
    """``count`` cuts and kills under a room, half of them on one node with an SQLite file, half on two with a PostgreSQL."""
    in_file = f"sqlite+aiosqlite:///{folder / 'rooms.db'}"
    await upgrade(in_file)
    begun = time.monotonic()
    travelled("SQLite", await rooms.Journey(in_file, folder, seed, nodes=1).run((count + 1) // 2), begun)
    apart = folder / "rooms"
    apart.mkdir(mode=0o755)
    with DurablePostgres(apart) as server:
        on_server = server.create("rooms")
        await upgrade(on_server)
        begun = time.monotonic()
        travelled(
            "PostgreSQL", await rooms.Journey(on_server, apart / "valkey", seed, nodes=2).run((count + 1) // 2), begun
        )


def looking(seed: str, count: int) -> None:
    """``count`` mutants of slides on their way in."""
    begun = time.monotonic()
    found = slides.run(seed, count)
    print(*slides.told(found, time.monotonic() - begun), sep="\n", flush=True)
    slides.check(found)


async def acted(url: str, seed: int) -> Counter[str]:
    """One sequence. What it did is told when something is wrong."""
    said = list[str]()
    try:
        return await play(url, seed, said.append)
    except BaseException:
        print(f"sequence {seed}:", *said, sep="\n  ")
        raise


def fired(name: str, kept: Kept, begun: float) -> None:
    print(
        f"{name}: {kept.fired} timers fired once each, {kept.kills} kills, {time.monotonic() - begun:.0f} s; at:",
        flush=True,
    )
    for place, times in sorted(kept.places.items()):
        print(f"  {times:4d}  {place}", flush=True)


def travelled(name: str, found: rooms.Found, begun: float) -> None:
    seconds = time.monotonic() - begun
    print(f"rooms, {name}: {found.faults.total()} cuts and kills, {seconds:.0f} s; 0 lost, 0 doubled, 0 reordered of")
    print(
        f"  {found.acknowledged} acknowledged, {found.facts} facts; {found.welcomes} welcomes, {found.beside} beside; at:"
    )
    for kind, times in sorted(found.faults.items()):
        print(f"  {times:4d}  {kind}", flush=True)


def report(name: str, found: Found, begun: float) -> None:
    """What an ordeal came to, in a few lines."""
    seconds = time.monotonic() - begun
    print(f"{name}: {found.kills} kills in {found.lives} lives, {seconds:.0f} s")
    print(f"  acknowledged {found.acknowledged}, all present once; {found.sealed} sealed without gap or double")
    print(f"  {found.trees} trees, {found.heads} signed heads, all verified; at:")
    for point, times in sorted(found.points.items()):
        print(f"  {times:4d}  {point}")


if __name__ == "__main__":
    main()
