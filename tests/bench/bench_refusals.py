"""Whether the time of an answer tells what exists: that of what is there and refused, beside that of what is not there.

Strangers ask a running node for a case, a slide, a tile and a consult of others, and for none, in turns; each asks for each
once, as what is refused to the same person again is only counted. Both answers come after a whole number of steps
(``web/errors.STEP``): the ratio should be 1, and the difference far below a step."""

import asyncio
import random
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles
from typing import Final

import httpx2

from telepath.db.database import Database
from telepath.db.migrations import upgrade
from telepath.ids import make_id
from tests.builders import MASTER_KEY, VAULT_KEY
from tests.endings import Stage
from tests.running import Node, service
from web.errors import STEP
from web.settings import Settings

STRANGERS: Final = 80
WARMING: Final = 5
"""More of them, before, who are not counted."""
ABSENT: Final = make_id(1_700_000_000_000, b"not there.")
PATHS: Final = {
    "case (page)": "/cases/{case}",
    "slide (page)": "/slides/{slide}",
    "tile": "/slides/{slide}/tiles/0/0_0",
    "consult (page)": "/consults/{consult}",
}


async def ask(client: httpx2.AsyncClient, path: str) -> float:
    """Milliseconds until the answer is there, whole. It is always the same one: not found."""
    begun = time.perf_counter()
    answer = await client.get(path)
    took = (time.perf_counter() - begun) * 1000
    assert answer.status_code == 404, f"{path}: {answer.status_code}"
    return took


async def compare(node: Node, names: dict[str, str]) -> dict[str, tuple[list[float], list[float]]]:
    """By kind, the milliseconds of what is refused and of what is absent."""
    found: dict[str, tuple[list[float], list[float]]] = {kind: ([], []) for kind in PATHS}
    async with httpx2.AsyncClient(base_url=node.origin, trust_env=False, timeout=30) as client:
        for number in range(WARMING + STRANGERS):
            client.headers = httpx2.Headers({"Cookie": f"telepath=cookie-of-{number}", "Accept": "text/html"})
            await ask(client, f"/rooms/{ABSENT}")  # the first request of a session does more than the others
            for kind, path in PATHS.items():
                refused, absent = found[kind] if number >= WARMING else ([], [])
                turns = [(names, refused), (dict.fromkeys(names, ABSENT), absent)]
                random.shuffle(turns)
                for one, taken in turns:
                    taken.append(await ask(client, path.format_map(one)))
    return found


async def measure(folder: Path) -> dict[str, tuple[list[float], list[float]]]:
    settings = Settings(data=folder / "data")
    settings.data.mkdir()
    await upgrade(settings.database_url)
    db = Database(settings.database_url, MASTER_KEY)
    try:
        stage = await Stage(db, folder).build()
        for number in range(WARMING + STRANGERS):
            await stage.person(str(number), "rennes")
        consult = await stage.consult(await stage.expert("paul"))
        with service(folder, {"vault_key": VAULT_KEY}) as (node,):
            return await compare(node, {"case": stage.case, "slide": stage.slide, "consult": consult})
    finally:
        await db.close()


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="telepath-") as folder:
        found = asyncio.run(measure(Path(folder)))
    print(f"Refused beside absent, by {STRANGERS} strangers; milliseconds; a step is {STEP * 1000:.0f} ms")
    columns = ("absent p50", "refused p50", "absent p95", "refused p95", "p50 apart", "p50 ratio", "p95 ratio")
    print(f"  {'':16}" + "".join(f"{column:>13}" for column in columns))
    for kind, (refused, absent) in found.items():
        middle, peer = median(refused), median(absent)
        slow, slow_peer = quantiles(refused, n=20)[-1], quantiles(absent, n=20)[-1]
        print(
            f"  {kind:16}{peer:13.2f}{middle:13.2f}{slow_peer:13.2f}{slow:13.2f}"
            f"{middle - peer:13.2f}{middle / peer:13.3f}{slow / slow_peer:13.3f}"
        )


if __name__ == "__main__":
    main()
