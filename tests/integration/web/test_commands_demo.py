"""``telepath demo``: what the first start makes, what the next one finds, and how a seeding that was cut short goes on."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from consults import request
from consults.deadlines import Urgency
from telepath import directory
from telepath.actor import Actor, Role
from telepath.cases import repository as cases
from telepath.db.database import Database
from telepath.db.migrations import upgrade
from telepath.db.schema.cases import case as case_table
from telepath.db.transaction import Transaction
from telepath.slides.decoder_pool import DecoderPool
from telepath.storage_local import LocalStorage
from tests.builders import MASTER_KEY
from tests.builders_slides import write_svs
from tests.command_line import DEMO, pending, rows, stored, tp
from web import demo
from web.settings import Settings
from web.words import LANGUAGES, Words

ROOT = Path(__file__).parents[3]
WORDS = Words()
PATIENCE = 60.0


def test_the_demonstration_has_its_institutions_people_cases_slides_and_consults(first_start: Path) -> None:
    found = rows(first_start)
    wanted = {
        "institution": 4,
        "person": 8,
        "cases": 3,
        "specimen": 3,
        "slide": 4,
        "consult": 2,
        "opinion": 1,
        "care_group": 1,
    }
    assert {name: found.get(name, found.get(name.rstrip("s"), 0)) for name in wanted} == wanted


@pytest.mark.parametrize("urgency", [Urgency.STANDARD, Urgency.SYSTEMATIC])
@pytest.mark.parametrize("hour", [2, 6, 10, 14, 20])
async def test_the_expert_whom_the_demonstration_names_is_the_first_who_is_proposed_at_any_hour(
    first_start: Path, urgency: Urgency, hour: int
) -> None:
    claire = demo.PEOPLE["claire"]
    name = f"{claire.title} {claire.given_name} {claire.family_name}"
    db = Database(
        Settings(data=first_start).database_url, MASTER_KEY, clock=lambda: datetime(2026, 11, 25, hour, 30, tzinfo=UTC)
    )
    async with db.read() as reader:
        row = await reader.one(select(case_table.c.id).where(case_table.c.number == "CAY-26-0412"))
        case = await cases.get(reader, row["id"])
        person = await directory.person_by_subject(reader, demo.PEOPLE["ines"].subject_name_id)
        assert person is not None
        ines = Actor(
            person_id=person.id,
            name=person.name,
            institution_id=case.institution_id,
            roles=frozenset({Role.REQUESTER}),
        )
        ranking = await request.proposals(reader, ines, case, case.organ, urgency)
    await db.close()
    assert [name in WORDS(language)("demo-ready", address="") for language in LANGUAGES] == [True, True]
    assert ranking.proposals[0].expert.name == name


def test_a_second_start_finds_its_data_again_and_writes_nothing(seeded: Path, slides: list[Path]) -> None:
    before, files, records = rows(seeded), stored(seeded), pending(seeded)
    for given in (["--slides", *map(str, slides)], []):
        said = tp(seeded, *DEMO, *given)
        assert (said.code, said.err) == (0, "")
    assert (rows(seeded), stored(seeded), pending(seeded)) == (before, files, records)


def test_slides_that_are_given_later_join_those_that_are_there(seeded: Path, tmp_path: Path) -> None:
    later = write_svs(tmp_path / "later.svs", width=512, height=512)
    assert tp(seeded, *DEMO, "--slides", later).code == 0
    assert rows(seeded)["slide"] == 5


class Interrupted(Exception):
    """The power went off."""


class Mortal(Database):
    """Commits one transaction, and the power goes off before the next."""

    left = 1

    @asynccontextmanager
    async def write(self, actor: Actor, *, unaudited: str = "", pause: float = 0.0) -> AsyncIterator[Transaction]:
        if not self.left:
            raise Interrupted
        async with super().write(actor, unaudited=unaudited, pause=pause) as tx:
            yield tx
        self.left -= 1


@pytest.mark.timeout(400)
async def test_a_seeding_that_is_cut_short_after_any_of_its_steps_is_taken_up_where_it_was(
    first_start: Path, tmp_path: Path, slides: list[Path]
) -> None:
    data = tmp_path / "var"
    data.mkdir()
    url = Settings(data=data).database_url
    await upgrade(url)
    storage = LocalStorage(data / "slides")
    cuts = 0
    async with DecoderPool(storage, 1) as decoders:
        while True:
            db = Mortal(url, MASTER_KEY)
            try:
                await demo.seed(db, storage, decoders, data, lambda _name, _share: None, slides, bare=True)
                break
            except Interrupted:
                cuts += 1
            finally:
                await db.close()
    assert cuts > 10
    assert rows(data) == rows(first_start)
    assert pending(data) == pending(first_start)
    assert len(stored(data)) == len(stored(first_start))


def test_a_seeding_that_is_killed_is_taken_up_where_it_was(
    first_start: Path, tmp_path: Path, slides: list[Path]
) -> None:
    data = tmp_path / "var"
    tp(data, "migrate")
    command = [sys.executable, "-c", "import sys; from web.cli import main; sys.exit(main())", *DEMO]
    running = subprocess.Popen(
        [*command, "--slides", *map(str, slides)],
        cwd=ROOT,
        env=os.environ | {"TELEPATH_DATA": str(data)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + PATIENCE
    while rows(data)["slide"] == 0 and running.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)  # it is another process: there is nothing else to wait on
    running.send_signal(signal.SIGKILL)
    running.wait()
    assert 1 <= rows(data)["slide"] < 4
    assert tp(data, *DEMO, "--slides", *slides).code == 0
    assert rows(data) == rows(first_start)


def test_a_given_file_that_is_no_slide_is_named_as_the_reason_and_the_next_start_goes_on(
    tmp_path: Path, slides: list[Path]
) -> None:
    data, bad = tmp_path / "var", tmp_path / "page.svs"
    bad.write_text("<!doctype html><title>Not found</title>")
    said = tp(data, *DEMO, "--slides", slides[0], bad, slides[2])
    assert said.code == 1
    assert said.err == f"telepath: {WORDS('en')('error-slide-unsupported')}\n"
    assert tp(data, *DEMO, "--slides", *slides[:3]).code == 0
    assert rows(data)["slide"] == 3
