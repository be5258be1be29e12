"""The page of held slides: one's own, corrected or discarded; and the fields kept from the viewer."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from telepath.actor import SYSTEM, Actor
from telepath.db.database import Database
from tests.builders import World
from tests.house import House, decoding, house, visited
from tests.town import mislabelled
from web.routes import cases, held_slides, key_regions


@dataclass
class Desk(House):
    """Two cases of Cayenne, and a slide that was sent to the wrong one."""

    sender: Actor = SYSTEM
    colleague: Actor = SYSTEM
    case_id: str = ""
    right_case: str = ""
    held: str = ""


@pytest.fixture
async def desk(database: Database, tmp_path: Path) -> AsyncIterator[Desk]:
    plain = house(database, tmp_path)
    world = World(database)
    sender = await world.person("ines", "cayenne", "Inès", "Flamboyant")
    colleague = await world.person("paul", "cayenne", "Paul", "Wapa")
    case_id, right_case = await world.case(sender), await world.case(sender, "26-00999")
    plain.actor = sender
    async with decoding(plain) as decoders:
        held = await mislabelled(database, plain.storage, decoders, sender, case_id, tmp_path)
        yield Desk(**vars(plain), sender=sender, colleague=colleague, case_id=case_id, right_case=right_case, held=held)


@pytest.fixture
async def browser(desk: Desk) -> AsyncIterator[httpx2.AsyncClient]:
    async with visited(desk, [*held_slides.routes, *cases.routes, *key_regions.routes]) as made:
        yield made


async def test_who_sent_a_held_slide_is_led_to_it_and_lets_it_in_where_it_belongs(
    desk: Desk, browser: httpx2.AsyncClient
) -> None:
    told = "L’étiquette porte « 26-00999 », et non le dossier 26-00417."
    assert 'href="/slides/held"' in (await browser.get(f"/cases/{desk.case_id}")).text
    page = (await browser.get("/slides/held")).text.replace("\u00a0", " ")
    assert told in page
    letting, discarding = (f"/slides/held/{desk.held}/{act}" for act in ("let-in", "discard"))
    assert letting in page
    # A colleague is told nothing of it, not even that it is.
    desk.actor = desk.colleague
    assert "/slides/held" not in (await browser.get(f"/cases/{desk.case_id}")).text
    assert "Aucune lame retenue" in (await browser.get("/slides/held")).text
    for path in (letting, discarding):
        assert (await browser.post(path, data={"number": "26-00999"})).status_code == 404
    desk.actor = desk.sender
    unknown = await browser.post(letting, data={"number": "26-11111"})
    assert unknown.status_code == 422
    assert "n’a pas de dossier de ce numéro" in unknown.text
    assert 'value="26-11111"' in unknown.text
    wrong = await browser.post(letting, data={"number": "26-00417"})
    assert wrong.status_code == 422
    assert "La lame n’a pas été ajoutée" in wrong.text
    done = await browser.post(letting, data={"number": "26-00999", "block": "B1"})
    assert done.headers["location"] == f"/cases/{desk.right_case}?done=slide-let-in#slides"
    assert "Étiquette vérifiée" in (await browser.get(f"/cases/{desk.right_case}?done=slide-let-in")).text
    assert (await browser.post(discarding)).status_code == 404


async def test_a_field_that_was_kept_is_on_the_page_of_its_case_until_it_is_removed(
    desk: Desk, browser: httpx2.AsyncClient
) -> None:
    await browser.post(f"/slides/held/{desk.held}/let-in", data={"number": "26-00999", "block": "B1"})
    address = f"/slides/{desk.held}/regions"
    view = {"x": 300, "y": 200, "width": 200, "height": 150, "rotation": 0, "flip": False}
    wrong = await browser.post(address, json={"view": view | {"x": -9}, "label": ""})
    assert wrong.status_code == 422
    made = await browser.post(address, json={"view": view, "label": "Mitoses", "consult": ""})
    assert (made.status_code, made.json()["mine"]) == (201, True)
    desk.actor = desk.colleague
    (listed,) = (await browser.get(address)).json()["regions"]
    assert (listed["label"], listed["mine"], listed["author"]) == ("Mitoses", False, "Dr Inès Flamboyant")
    page = (await browser.get(f"/cases/{desk.right_case}")).text
    assert f"/slides/{desk.held}#view=300,200,200,150,0,0" in page
    picture = await browser.get(f"/regions/{listed['id']}/picture")
    assert (picture.content[:2], picture.headers["cache-control"]) == (b"\xff\xd8", "no-store")
    removal = f"/regions/{listed['id']}/remove"
    assert removal not in page
    assert (await browser.post(removal, data={"back": "case"})).status_code == 404
    desk.actor = desk.sender
    assert removal in (await browser.get(f"/cases/{desk.right_case}")).text
    done = await browser.post(removal, data={"back": "case"})
    assert done.headers["location"] == f"/cases/{desk.right_case}?done=region-removed#regions"
    assert (await browser.get(f"/regions/{listed['id']}/picture")).status_code == 404
