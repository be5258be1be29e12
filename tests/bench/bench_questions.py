"""The auditor's questions on a log of a million records, each page as the auditor gets it: recorded, sealed, searched, drawn.

Beside each the limit: two seconds. Asked by the auditor of the busiest institution and of the one that is hardly ever seen, of
the busiest person, case and slide and of the rarest: an index that fits one is often of no use to the other."""

import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from telepath.actor import Actor, Role
from telepath.db.database import Database
from telepath.db.migrations import upgrade
from tests import sealed_log
from tests.builders import MASTER_KEY
from tests.durable_postgres import DurablePostgres
from tests.web_client import client
from web.routes import audit

RECORDS: Final = 1_000_000
LIMIT: Final = 2_000
TIMES: Final = 3


def pages(here: sealed_log.Town) -> dict[str, str]:
    busy, rare = here.people[0][0], here.people[-1][0]
    first, last = here.cases[0][0], here.cases[-1][0]
    summer = "since=2026-06-01&until=2026-06-30"
    return {
        "the first page": "/audit",
        "who saw the busiest slide": f"/audit/slide?case={here.slides[0]}",
        "who saw a slide hardly seen": f"/audit/slide?case={here.slides[-1]}",
        "what the busiest person saw, 30 days": f"/audit/person?person={busy}&{summer}",
        "what the rarest person saw, 30 days": f"/audit/person?person={rare}&{summer}",
        "all that the busiest person did": f"/audit/person?person={busy}&acts=all&since=",
        "all that a hundred of one name did": "/audit/person?person=marchand1&acts=all&since=",
        "what was refused": "/audit/refusals",
        "what was refused to the busiest person": f"/audit/refusals?person={busy}",
        "what changed in an opinion": f"/audit/opinion?case={first}",
        "rights given and withdrawn": "/audit/rights",
        "rights on one case": f"/audit/rights?case={first}",
        "emergency accesses": "/audit/break-glass",
        "share links": "/audit/links",
        "what has left": "/audit/exports",
        "what the administration did": "/audit/privileged",
        "the administration, one kind, 30 days": f"/audit/privileged?kind=audit.read&{summer}",
        "is it complete": "/audit/integrity",
        "what was erased": "/audit/erasures",
        "the clock": "/audit/clock",
        "the whole log": "/audit/records",
        "the whole log, the first days": "/audit/records?since=2026-01-01&until=2026-01-03",
        "the whole log, a common kind": "/audit/records?kind=slide.viewed",
        "the whole log, a rare kind": "/audit/records?kind=subject.erased",
        "the whole log, a kind of 25,000": "/audit/records?kind=room.fact",
        "the whole log, from its middle": "/audit/records?before=500000",
        "the busiest case": f"/audit/cases/{first}",
        "a case hardly seen": f"/audit/cases/{last}",
        "a patient's extract, the busiest case": f"/audit/extract?case={first}",
        "one's own trail": "/audit/mine",
        "what was refused to oneself": "/audit/mine?acts=refused",
    }


async def measure(url: str, here: sealed_log.Town, name: str) -> None:
    db = Database(url, MASTER_KEY)
    db.clock = lambda: sealed_log.START + sealed_log.YEAR
    try:
        for label, place in (("busy", here.places[0]), ("rare", here.places[-2])):
            # A member of the busiest institution, or of one that has next to nothing in the log.
            actor = Actor(
                person_id=here.people[0][0],
                name="Dr Zoé Marchand0",
                institution_id=place,
                institution_name="CH",
                roles=frozenset({Role.AUDITOR}),
                session_id="session",
            )
            with tempfile.TemporaryDirectory() as folder:
                async with client(audit.routes, db, Path(folder), actor) as auditor:
                    for what, path in pages(here).items():
                        took = []
                        for _ in range(TIMES):
                            begun = time.perf_counter()
                            answer = await auditor.get(path)
                            took.append(1000 * (time.perf_counter() - begun))
                        told = "" if answer.status_code == 200 else f", {answer.status_code}"
                        over = ", OVER THE LIMIT" if max(took) > LIMIT else ""
                        figures = f"{statistics.median(took):7.0f} ms, at most {max(took):7.0f} of {LIMIT}{over}{told}"
                        print(f"{name} {label}  {what:42} {figures}", flush=True)
    finally:
        await db.close()


async def _sqlite(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{folder}/telepath.db"
        await upgrade(url)
        here = await sealed_log.write(url, count)
        await measure(url, here, "SQLite    ")


async def _postgresql(count: int) -> None:
    with tempfile.TemporaryDirectory(prefix="telepath-") as folder:
        Path(folder).chmod(0o755)  # PostgreSQL's user must be able to walk to its own
        with DurablePostgres(Path(folder)) as server:
            url = server.create("bench")
            await upgrade(url)
            here = await sealed_log.write(url, count)
            await measure(url, here, "PostgreSQL")


def main(count: int = RECORDS) -> None:
    print(f"The auditor's questions, {count} records")
    asyncio.run(_sqlite(count))
    asyncio.run(_postgresql(count))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else RECORDS)
