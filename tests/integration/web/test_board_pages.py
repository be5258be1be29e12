"""The coordinator's board: who waits for whom, on both sides, and for nobody else."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from consults import board, repository
from consults.kinds import HeldBecause
from telepath.actor import Role
from telepath.db.database import Database
from tests.consult_desk import Desk, seated
from tests.house import visited
from web.routes import board as pages


@pytest.fixture
async def desk(database: Database, tmp_path: Path) -> AsyncIterator[Desk]:
    async with seated(database, tmp_path) as made:
        yield made


async def test_the_board_counts_both_sides_and_names_no_case_of_another_institution(desk: Desk) -> None:
    await desk.asked(urgency="urgent")
    reading = await desk.asked(urgency="standard")
    held = await desk.asked(urgency="systematic")
    desk.sit("karim")
    await desk.post(f"{reading}/accept")
    await desk.post(f"{held}/accept")
    async with desk.db.write(desk.actors["karim"], unaudited="a test's world") as tx:
        consult = await repository.get(tx, held.rsplit("/", 1)[1])
        await repository.save_consult(tx, consult.held(HeldBecause.MATERIAL, tx.now))
    desk.clock.advance(hours=25)
    cora = await desk.person("cora", "cayenne", "Cora", "Maripa", roles=[Role.COORDINATOR])
    luc = await desk.person("luc", "lille", "Luc", "Vanier", roles=[Role.COORDINATOR])
    async with desk.db.read() as reader:
        ours = await board.of_institution(reader, cora.institution_id)
        theirs = await board.of_institution(reader, luc.institution_id)
    (zoe,), (karim,) = ours.requesters, ours.experts
    assert (zoe.name, zoe.asked, zoe.accepted, zoe.held, zoe.late) == ("Dr Zoé Marchand", 1, 1, 1, 1)
    assert (karim.name, karim.place, karim.asked, karim.accepted, karim.held) == ("Dr Karim Haddad", "Lille", 1, 1, 1)
    assert [(line.status, line.late, line.stopped) for line in ours.lines] == [
        ("offered", True, False),
        ("being-read", False, False),
        ("material-asked", False, True),
    ]
    assert (ours.own, ours.total, ours.late) == ([], 3, 1)
    (own,) = theirs.own
    assert (own.name, own.asked, own.accepted, own.held, own.late) == ("Dr Karim Haddad", 1, 1, 1, 1)
    assert (theirs.lines, theirs.experts, theirs.requesters) == ([], [], [])
    async with visited(desk.services, pages.routes) as browser:
        desk.services.actor = cora
        page = (await browser.get("/coordination/board")).text
        assert len(re.findall(r'href="/consults/\w{26}"', page)) == 3
        assert "hx-trigger=" in page
        desk.services.actor = luc
        page = (await browser.get("/coordination/board")).text
        assert "/consults/" not in page
        assert "26-00417" not in page
        assert "Dr Karim Haddad" in page
        for key in ("zoe", "karim"):
            desk.sit(key)
            assert (await browser.get("/coordination/board")).status_code == 404
