"""What a browser is sent ahead of the cases that its person reads: who gets it, what is recorded of it, and when it ends."""

import re
from base64 import b64decode
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest
from sqlalchemy import select

from consults import offers, request
from consults.deadlines import Urgency
from consults.model import Question
from realtime.messages import Kept
from telepath import sessions
from telepath.actor import Actor
from telepath.cases import key_regions
from telepath.db.database import Database
from telepath.db.schema.slides import slide_view
from telepath.geometry import View
from telepath.slides import catalogue, ingest, tile_names, views
from tests.audited import records
from tests.builders import World
from tests.builders_slides import write_svs
from tests.house import House, decoding, house, visited
from web import sent_regions
from web.routes import slides, warming
from web.tile_answers import asked
from web.tiles import TileService
from web.warming import kept

KEY = bytes(range(32))
SCREEN = {"width": 1440, "height": 900}


@dataclass(kw_only=True)
class Reading(House):
    """Claire of Lille was asked by Inès of Cayenne about a case with one slide."""

    tiles: TileService
    world: World
    slide: catalogue.Slide
    consult: str

    def sit(self, key: str, session: str = "") -> Actor:
        assert self.world is not None
        actor = self.world.again(key)
        self.actor = msgspec.structs.replace(actor, session_id=session or actor.session_id)
        return self.actor


@pytest.fixture
async def reading(database: Database, tmp_path: Path) -> AsyncIterator[Reading]:
    plain = house(database, tmp_path)
    world = World(database)
    owner = await world.person("ines", "cayenne", "Inès", "Flamboyant")
    expert = await world.expert("claire", "lille", "Claire", "Houblon")
    case = await world.case(owner)
    async with decoding(plain) as decoders:
        slide = await ingest.add(
            database,
            plain.storage,
            decoders,
            owner,
            write_svs(tmp_path / "slide.svs", width=4096, height=3072, steps=(1, 4, 16)),
            case_id=case,
            institution_id=owner.institution_id,
            label="A1 HES",
        )
        question = Question("Lymphome ?", "", "lymphoid", Urgency.STANDARD)
        consult = await request.request(database, owner, case, question, expert.person_id)
        tiles = TileService(database, plain.storage, decoders, KEY, plain.bus, clock=world.clock.now.timestamp)
        async with tiles:
            yield Reading(**vars(plain), tiles=tiles, world=world, slide=slide, consult=consult)


@pytest.fixture
async def browser(reading: Reading) -> AsyncIterator[httpx2.AsyncClient]:
    async with visited(reading, [*slides.routes, *warming.routes]) as made:
        yield made


@pytest.fixture
async def taken(reading: Reading) -> Reading:
    """Claire has taken it on, and sits in front of it."""
    await offers.accept(reading.db, reading.sit("claire"), reading.consult)
    return reading


async def listed(browser: httpx2.AsyncClient) -> list[dict[str, Any]]:
    answer = await browser.get("/warm")
    assert answer.headers["cache-control"] == "no-store"
    cases: list[dict[str, Any]] = answer.json()["cases"]
    return cases


async def begun(browser: httpx2.AsyncClient, reading: Reading) -> dict[str, Any]:
    answer = await browser.post(f"/slides/{reading.slide.id}/warm", json=SCREEN)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    plan: dict[str, Any] = answer.json()
    return plan


def batch(reading: Reading, names: list[str]) -> str:
    return f"/slides/{reading.slide.id}/warm/" + "+".join(name.replace("/", "-") for name in names)


async def test_only_who_took_the_case_on_is_told_to_keep_it(reading: Reading, browser: httpx2.AsyncClient) -> None:
    reading.sit("claire")
    assert await listed(browser) == [], "asked, and not answered yet"
    await offers.accept(reading.db, reading.sit("claire"), reading.consult)
    (case,) = await listed(browser)
    assert case["id"] == reading.slide.case_id
    (slide,) = case["slides"]
    assert slide["id"] == reading.slide.id
    assert len(b64decode(slide["key"])) == 32
    reading.sit("ines")
    assert await listed(browser) == [], "one's own cases are looked at from near by"


async def test_another_session_has_another_key_and_the_viewer_is_given_that_of_its_own(
    taken: Reading, browser: httpx2.AsyncClient
) -> None:
    first = (await listed(browser))[0]["slides"][0]["key"]
    page = await browser.get(f"/slides/{taken.slide.id}")
    assert re.search(rf'"warm": ?"{re.escape(first)}"', page.text)
    taken.sit("claire", "another-session")
    assert (await listed(browser))[0]["slides"][0]["key"] != first


async def test_what_is_sent_ahead_is_recorded_as_that_and_never_as_seen(
    taken: Reading, browser: httpx2.AsyncClient
) -> None:
    plan = await begun(browser, taken)
    (opened,) = await records(taken.db, "slide.warmed")
    assert (opened["object_id"], opened["because"]) == (taken.slide.id, "consult")
    names = plan["tiles"][:20]
    answer = await browser.get(batch(taken, names))
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.content.count(b"\xff\xd8\xff") >= 20
    await begun(browser, taken)
    assert len(await records(taken.db, "slide.warmed")) == 1, "going on is no other opening"
    assert await taken.tiles.sent.write()
    (sent,) = await records(taken.db, "slide.warmed-regions")
    assert sent["detail"]["tiles"] == 20
    assert await records(taken.db, "slide.viewed") == []
    assert await records(taken.db, "slide.regions") == []
    async with taken.db.read() as db:
        longer_ago = db.now.replace(year=2020)
        shown = await views.showings(db, taken.sit("claire").person_id, [taken.slide.id], longer_ago)
    assert shown == {}


async def test_what_is_shown_of_it_is_counted_in_the_view_of_the_viewer(
    taken: Reading, browser: httpx2.AsyncClient
) -> None:
    await begun(browser, taken)
    assert (await browser.get(f"/slides/{taken.slide.id}")).status_code == 200
    told = {"kept": ["1-0_0", "1-1_0", "0-0_0", "9-0_0", "0-99_99", "../x"]}
    assert (await browser.post(f"/slides/{taken.slide.id}/view", json=told)).status_code == 200
    assert await taken.tiles.sent.write()
    (sent,) = await records(taken.db, "slide.regions")
    (view,) = await records(taken.db, "slide.viewed")
    assert sent["detail"]["view"] == view["detail"]["view"], "not of the one under which it was sent"
    assert (sent["detail"]["tiles"], sent["detail"]["kept"], sent["detail"]["levels"]) == (0, 3, [0, 1])


async def test_what_there_is_no_room_to_count_is_not_taken_for_told(
    taken: Reading, browser: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await browser.get(f"/slides/{taken.slide.id}")).status_code == 200
    monkeypatch.setattr(sent_regions, "VIEWS", 0)
    assert await taken.tiles.sent.write()
    told = {"kept": ["1-0_0"]}
    assert (await browser.post(f"/slides/{taken.slide.id}/view", json=told)).status_code == 503
    monkeypatch.undo()
    assert await taken.tiles.sent.write()
    assert (await browser.post(f"/slides/{taken.slide.id}/view", json=told)).status_code == 200
    assert await taken.tiles.sent.write()
    (sent,) = await records(taken.db, "slide.regions")
    assert sent["detail"]["kept"] == 1


async def test_a_field_that_is_pinned_is_sent_at_full_scale_and_changes_the_mark(
    taken: Reading, browser: httpx2.AsyncClient
) -> None:
    assert taken.decoders is not None
    before = await begun(browser, taken)
    assert not [name for name in before["tiles"] if name.startswith("0/")], "×40 of nothing in particular"
    assert (await listed(browser))[0]["slides"][0]["mark"] == before["mark"]
    view = View(2000, 1500, 700, 440)
    await key_regions.pin(taken.db, taken.storage, taken.decoders, taken.sit("ines"), taken.slide.id, view, "Mitoses")
    taken.sit("claire")
    assert (await listed(browser))[0]["slides"][0]["mark"] != before["mark"]
    after = await begun(browser, taken)
    assert {"0/7_5", "0/6_5", "0/8_6"} <= set(after["tiles"])
    assert after["bytes"] > before["bytes"]


async def test_a_room_knows_what_was_sent_ahead_from_a_word_about_all_of_it(
    taken: Reading, browser: httpx2.AsyncClient
) -> None:
    plan = await begun(browser, taken)
    said = Kept(taken.slide.id, plan["mark"], **SCREEN, tiles=len(plan["tiles"]))

    async def known(said: Kept) -> list[str]:
        assert taken.actor is not None
        found = await kept(taken.db, taken.tiles, taken.actor, said)
        return [tile_names.written(one, channels=False) for one in found]

    assert await known(said) == plan["tiles"]
    assert await known(msgspec.structs.replace(said, tiles=said.tiles - 1)) == []
    assert await known(msgspec.structs.replace(said, mark="0" * 16)) == []
    taken.actor = msgspec.structs.replace(taken.sit("claire"), link_id="x" * 26)
    assert await known(said) == [], "a guest was sent nothing"


async def test_it_ends_with_the_right_and_with_the_session(taken: Reading, browser: httpx2.AsyncClient) -> None:
    assert (await browser.get(batch(taken, ["2/0_0"]))).status_code == 404, "nothing was recorded yet"
    await begun(browser, taken)
    assert (await browser.get(batch(taken, ["2/0_0"]))).status_code == 200
    mine = taken.sit("claire")
    taken.sit("claire", "another-session")
    assert (await browser.get(batch(taken, ["2/0_0"]))).status_code == 404
    taken.sit("claire")
    async with taken.db.write(mine, unaudited="a test ends the session") as tx:
        await sessions.cut(tx, mine.session_id)
    assert (await browser.get(batch(taken, ["2/0_0"]))).status_code == 404
    await begun(browser, taken)
    assert (await browser.get(batch(taken, ["2/0_0"]))).status_code == 200
    await request.revoke(taken.db, taken.sit("ines"), taken.consult)
    taken.sit("claire")
    assert (await browser.get(batch(taken, ["2/0_0"]))).status_code == 404
    assert (await browser.post(f"/slides/{taken.slide.id}/warm", json=SCREEN)).status_code == 404
    assert await listed(browser) == []
    async with taken.db.read() as db:
        rows = await db.all(select(slide_view).where(slide_view.c.warming))
    assert [row["revoked_at"] is not None for row in rows] == [True, True]


async def test_what_was_still_being_read_when_the_right_ended_is_not_sent(
    taken: Reading, browser: httpx2.AsyncClient
) -> None:
    plan = await begun(browser, taken)
    names = [name for name in map(tile_names.read_one, [one.replace("/", "-") for one in plan["tiles"][:3]]) if name]
    reader = taken.sit("claire")
    async with taken.db.read() as db:
        view = await views.warming(db, reader, taken.slide.id)
    assert view is not None
    said = asked([], ("10.0.0.1", 1), {"type": "http", "client": ("10.0.0.1", 1), "headers": []})
    answer = await taken.tiles.ahead(taken.slide.id, names, view, said)
    assert answer.kind.status == 200
    await request.revoke(taken.db, taken.sit("ines"), taken.consult)
    await taken.tiles.rights.reread()
    answer = await taken.tiles.ahead(taken.slide.id, names, view, said)
    assert answer.kind.status == 404
    assert await taken.tiles.sent.write()
    (sent,) = await records(taken.db, "slide.warmed-regions")
    assert sent["detail"]["tiles"] == 3


@pytest.mark.parametrize("names", ["x", "2-0_0+", "+".join(["2-0_0"] * 33), "2/0_0", "2-0_0.png"])
async def test_names_that_are_none_are_answered_like_what_does_not_exist(
    taken: Reading, browser: httpx2.AsyncClient, names: str
) -> None:
    await begun(browser, taken)
    assert (await browser.get(f"/slides/{taken.slide.id}/warm/{names}")).status_code == 404


@pytest.mark.parametrize("screen", [{"width": 0, "height": 900}, {"width": 99_999, "height": 900}, {"depth": 1}])
async def test_a_screen_that_cannot_be_is_refused(
    taken: Reading, browser: httpx2.AsyncClient, screen: dict[str, int]
) -> None:
    answer = await browser.post(f"/slides/{taken.slide.id}/warm", json=screen)
    assert answer.status_code == 422
