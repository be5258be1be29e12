"""What a case says of its diagnosis, of its slides and of what the patient was told: typed, shown, recorded, completed."""

import html
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from telepath.actor import Actor
from telepath.db.database import Database
from tests import audited
from tests.builders import World
from tests.house import House, house, leads_to, visited
from web.routes import cases, non_opposition, slide_facts

FACTS = {
    "number": "26-00419",
    "organ": "digestive",
    "title": "Biopsie gastrique",
    "diagnosis": "Lymphome du MALT ?",
    "gross": "Quatre fragments de 3 mm.",
    "codings": "ADICAP BHDEJ7X0\ncim-o 9699/3",
}


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


@pytest.fixture
async def zoe(world: World) -> Actor:
    return await world.person("zoe", "cayenne", "Zoé", "Marchand")


@pytest.fixture
def services(database: Database, zoe: Actor, tmp_path: Path) -> House:
    made = house(database, tmp_path)
    made.actor = zoe
    return made


@pytest.fixture
async def browser(services: House) -> AsyncIterator[httpx2.AsyncClient]:
    async with visited(services, [*cases.routes, *non_opposition.routes, *slide_facts.routes]) as client:
        yield client


async def seen(browser: httpx2.AsyncClient, path: str) -> str:
    return html.unescape((await browser.get(path)).text)


async def test_diagnosis_codes_and_circumstances_are_typed_once_and_shown_in_words(browser: httpx2.AsyncClient) -> None:
    wrong = await browser.post("/cases", data=FACTS | {"codings": "OMIM 1", "circumstances": ["hiv", "coeliac"]})
    assert wrong.status_code == 422
    assert leads_to(html.unescape(wrong.text), "codings")
    assert html.unescape(wrong.text).count(" checked>") == 2
    made = await browser.post("/cases", data=FACTS | {"circumstances": ["hiv", "coeliac"]})
    path = made.headers["location"].partition("?")[0]
    page = await seen(browser, path)
    for said in (
        "Lymphome du MALT ?",
        "Quatre fragments de 3 mm.",
        "Biopsie chirurgicale · Histologie · Appareil digestif · Tumeur invasive",
        "9699/3",
        "Infection par le VIH",
        "Maladie cœliaque",
        "Personne n’a encore noté que le patient est informé",
    ):
        assert said in page, said
    form = await seen(browser, f"{path}/edit")
    assert "ADICAP BHDEJ7X0\nICD-O 9699/3</textarea>" in form
    assert form.count(" checked>") == 2


async def test_what_the_patient_says_is_noted_with_who_and_when_and_leads_back_to_the_request(
    browser: httpx2.AsyncClient,
) -> None:
    path = (await browser.post("/cases", data=FACTS)).headers["location"].partition("?")[0]
    nothing = await browser.post(f"{path}/non-opposition", data={"non_opposition": "perhaps"})
    assert nothing.status_code == 422
    noted = await browser.post(f"{path}/non-opposition", data={"non_opposition": "informed", "then": "ask"})
    assert noted.headers["location"].startswith("/consults/new?case=")
    assert "Informé, ne s’oppose pas" in await seen(browser, path)
    await browser.post(f"{path}/non-opposition", data={"non_opposition": "refused"})
    page = await seen(browser, f"{path}?done=non-opposition-noted")
    for said in (
        "C’est noté dans le dossier.",
        "S’oppose à ce que son dossier soit montré",
        "Noté par Dr Zoé Marchand",
    ):
        assert said in page, said


async def test_a_slide_of_which_little_is_known_is_completed_where_it_is_shown(
    browser: httpx2.AsyncClient, world: World, zoe: Actor
) -> None:
    case_id = await world.case(zoe)
    slide, other = await world.slide(zoe, case_id), await world.case(zoe, "26-00420")
    path = f"/cases/{case_id}/slides/{slide}"
    long = await browser.post(path, data={"stain": "HES", "block": "A1", "section": "N" * 21})
    assert long.status_code == 413
    assert leads_to(html.unescape(long.text), f"section-{slide}")
    assert (await browser.post(f"/cases/{other}/slides/{slide}", data={"stain": "PAS"})).status_code == 404
    sent = await browser.post(path, data={"stain": "CD20", "block": "A1", "section": "N3"})
    assert sent.headers["location"] == f"/cases/{case_id}?done=slide-described#slides"
    page = await seen(browser, f"/cases/{case_id}")
    assert "CD20" in page
    assert "Niveau N3" in page
    (record,) = await audited.records(world.db, "slide.changed")
    assert (record["object_id"], record["case_id"]) == (slide, case_id)
    assert record["detail"] == {"changed": ["section", "stain"]}
    before, after = {"section": "", "stain": "HES"}, {"section": "N3", "stain": "CD20"}
    assert await audited.of_case(world.db, record) == {"before": before, "after": after}
