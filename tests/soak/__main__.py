"""``make soak``: at least 300 kills, about five minutes on two cores. ``--seed`` does the same again."""

import argparse
import asyncio
import secrets
import tempfile
import time
from pathlib import Path

from telepath.db.migrations import upgrade
from tests.durable_postgres import DurablePostgres, filesystem
from tests.soak.ordeal import Found, Ordeal


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description="Kill the audit's processes, and count.")
    parser.add_argument("--kills", type=int, default=300, help="how many at least (default: %(default)s)")
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
