"""The worklist among a hundred thousand consults: each tab, its numbers, what is searched for; the board, and the figures.

Beside each the limit of 50 ms, which is that of the worklist, and the same database's bare answer to one indexed question:
fifty rows of one institution by their deadline. Asked by the busiest person and by one who has little, by an expert, and by the
busiest coordinator."""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

from msgspec.structs import replace
from sqlalchemy import select

from consults import activity, board, worklist
from consults.activity import Direction, Period
from consults.wish import Wish, sorts_of
from telepath.actor import Actor, Role
from telepath.db.database import Database
from telepath.db.migrations import upgrade
from telepath.db.schema.consults import consult
from telepath.db.transaction import Reader
from tests import consult_years
from tests.builders import MASTER_KEY
from tests.consult_years import NOW, Years
from tests.durable_postgres import DurablePostgres

CONSULTS: Final = 100_000
LIMIT: Final = 50
TIMES: Final = 40

Question = Callable[[Reader], Awaitable[Any]]


def bare(place: str) -> Question:
    statement = select(consult.c.id, consult.c.due_at).where(
        consult.c.institution_id == place, consult.c.ended_at.is_(None)
    )
    return lambda reader: reader.all(statement.order_by(consult.c.due_at).limit(worklist.PAGE))


def worklists(here: Years) -> dict[str, Question]:
    people = {
        "busiest": (here.people[1], {Role.REQUESTER}),
        "rarest": (here.people[-2], {Role.REQUESTER}),
        "expert": (here.people[0], {Role.EXPERT, Role.REQUESTER}),
        "coordinator": (here.people[2], {Role.COORDINATOR, Role.REQUESTER}),
    }
    asked: dict[str, Question] = {}

    def of(name: str, actor: Actor, wish: Wish, organs: tuple[str, ...] = ()) -> None:
        asked[name] = lambda reader: worklist.page(reader, actor, wish, organs)

    for key, ((person, place), roles) in people.items():
        actor = Actor(person_id=person, name="", institution_id=place, roles=frozenset(roles))
        asked[f"{key}: the overview"] = lambda reader, actor=actor: worklist.of_person(reader, actor)  # type: ignore[misc]
        asked[f"{key}: the numbers on the tabs"] = lambda reader, actor=actor: worklist.numbers(reader, actor)  # type: ignore[misc]
        for view in worklist.views_of(actor):
            of(f"{key}: {view}", actor, Wish().seen_as(view))
        last = worklist.views_of(actor)[-1]
        usual = Wish().seen_as(last)
        for sort in sorts_of(last):
            of(f"{key}: {last}, by {sort}", actor, replace(usual, sort=sort))
        of(f"{key}: {last}, urgent", actor, replace(usual, urgency="urgent"))
        of(f"{key}: {last}, of a network that nobody asked", actor, replace(usual, network="REFCOR"))
        for what, words in (
            ("a title", "psoas 90"),
            ("nothing", "xyzzy"),
            ("a number", "25-0417"),
            ("a name", "Zoé8 "),
        ):
            of(f"{key}: {last}, searched for {what}", actor, replace(usual, words=words))
        of(f"{key}: {last}, searched for an organ", actor, replace(usual, words="sein"), ("breast",))
    return asked


def overviews(here: Years) -> dict[str, Question]:
    """Opened now and then, and no worklists: the limit is not theirs."""
    place = here.places[0]
    asked: dict[str, Question] = {"coordinator: the board": lambda reader: board.of_institution(reader, place)}
    year = Period("2026-01", "2026-11")
    for direction in Direction:
        asked[f"coordinator: eleven months of figures, {direction}"] = lambda reader, direction=direction: (  # type: ignore[misc]
            activity.of_institution(reader, place, direction, year, "Europe/Paris")
        )
    return asked


async def measure(url: str, here: Years, name: str) -> None:
    db = Database(url, MASTER_KEY)
    db.clock = lambda: NOW
    try:
        beside = await _took(db, bare(here.places[0]))
        print(f"{name}  {'peer: fifty rows by an index':52} p50 {statistics.median(beside):6.1f} ms", flush=True)
        limited = worklists(here)
        for what, ask in (limited | overviews(here)).items():
            took = sorted(await _took(db, ask))
            half, most = statistics.median(took), took[int(0.95 * len(took))]
            limit = f"of {LIMIT} ms" if what in limited else "ms"
            over = ", OVER THE LIMIT" if what in limited and most > LIMIT else ""
            ratio = half / statistics.median(beside)
            print(f"{name}  {what:52} p50 {half:6.1f} p95 {most:6.1f} {limit:8}  {ratio:6.1f} × peer{over}", flush=True)
    finally:
        await db.close()


async def _took(db: Database, ask: Question) -> list[float]:
    """ms of each time, the connection's first statement aside."""
    took = []
    async with db.read() as reader:
        await ask(reader)
        for _ in range(TIMES):
            begun = time.perf_counter()
            await ask(reader)
            took.append(1000 * (time.perf_counter() - begun))
    return took


async def _sqlite(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{folder}/telepath.db"
        await upgrade(url)
        await measure(url, await consult_years.write(url, count), "SQLite    ")


async def _postgresql(count: int) -> None:
    with tempfile.TemporaryDirectory(prefix="telepath-") as folder:
        Path(folder).chmod(0o755)  # PostgreSQL's user must be able to walk to its own
        with DurablePostgres(Path(folder)) as server:
            url = server.create("bench")
            await upgrade(url)
            await measure(url, await consult_years.write(url, count), "PostgreSQL")


def main(count: int = CONSULTS) -> None:
    print(f"Worklists, {count} consults")
    asyncio.run(_sqlite(count))
    asyncio.run(_postgresql(count))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else CONSULTS)
