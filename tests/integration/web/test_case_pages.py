"""The pages of cases: what is shown, to whom, and what forms do."""

import html
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import msgspec
import pytest
from sqlalchemy import select

from telepath.access import Right
from telepath.actor import Actor, Role
from telepath.cases import repository, threads
from telepath.db.database import Database
from telepath.db.schema.audit import audit_pending
from telepath.ids import make_id
from tests.builders import World
from tests.house import House, house, visited
from web.routes import cases

ABSENT = make_id(0, bytes(10))


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


@pytest.fixture
async def zoe(world: World) -> Actor:
    return await world.person("zoe", "cayenne", "Zoé", "Marchand")


@pytest.fixture
async def paul(world: World) -> Actor:
    return await world.person("paul", "lille", "Paul", "Lenoir")


@pytest.fixture
def services(database: Database, zoe: Actor, tmp_path: Path) -> House:
    made = house(database, tmp_path)
    made.actor = zoe
    return made


@pytest.fixture
async def browser(services: House) -> AsyncIterator[httpx2.AsyncClient]:
    async with visited(services, cases.routes) as client:
        yield client


def facts(**changed: str) -> dict[str, str]:
    return {"number": "26-00417", "organ": "skin", "title": "Lésion du dos", "context": "62 ans."} | changed


async def share(db: Database, owner: Actor, with_: Actor, kind: str, key: str, *rights: Right) -> None:
    async with db.write(owner, unaudited="test") as tx:
        await tx.grant(("person", with_.person_id), (kind, key), rights, because="consult", because_id="c")


async def test_a_case_is_made_by_the_form_and_shown(browser: httpx2.AsyncClient) -> None:
    assert "Nouveau dossier" in (await browser.get("/cases/new")).text
    made = await browser.post("/cases", data=facts())
    assert made.status_code == 303
    page = await browser.get(made.headers["location"])
    assert "Dossier créé." in page.text
    assert page.status_code == 200
    for text in ("26-00417", "Lésion du dos", "62 ans.", "Dr Zoé Marchand", "Demander un avis", "Cayenne"):
        assert text in page.text
    listed = await browser.get("/cases")
    assert made.headers["location"].removesuffix("?done=case-created") in listed.text


@pytest.mark.parametrize(("language", "name"), [("fr", "sans nom"), ("en", "unnamed")])
async def test_a_slide_without_a_label_has_words_for_its_name_wherever_it_is_named(
    browser: httpx2.AsyncClient, world: World, zoe: Actor, language: str, name: str
) -> None:
    case_id = await world.case(zoe)
    slide_id = await world.slide(zoe, case_id, label="")
    async with world.db.write(zoe, unaudited="test") as tx:
        await threads.write(tx, zoe, await repository.get(tx, case_id), "Ici", slide_id=slide_id)
    page = await browser.get(f"/cases/{case_id}?slide={slide_id}", headers={"Cookie": f"lang={language}"})
    assert f'<span class="slide-label">{name}</span>' in page.text
    # Of the slide, of its label, of what completes it, of the field that a line of the discussion is about, of the next one's.
    assert page.text.count(name) == 5


async def test_a_wrong_form_comes_back_with_what_was_typed_and_what_is_wrong(browser: httpx2.AsyncClient) -> None:
    answer = await browser.post("/cases", data=facts(number="255081416802538", title="Mon titre"))
    assert answer.status_code == 422
    assert "ressemble à un numéro de sécurité sociale" in answer.text
    assert 'value="Mon titre"' in answer.text
    assert (await browser.post("/cases", data=facts(organ="liver"))).status_code == 422
    assert (await browser.post("/cases", data=facts(title="x" * 201))).status_code == 413


async def test_a_wrong_form_names_everything_that_is_wrong(browser: httpx2.AsyncClient) -> None:
    path = (await browser.post("/cases", data=facts())).headers["location"].partition("?")[0]
    wrong = facts(number="=CMD()", title="", context="NIR 2 55 08 14 168 025 38", version="1")
    for form in ("/cases", f"{path}/edit"):
        answer = await browser.post(form, data=wrong)
        assert answer.status_code == 422
        for field in ("number", "title", "context"):
            assert f'id="{field}-error"' in answer.text


async def test_a_number_twice_is_a_conflict_that_says_so(browser: httpx2.AsyncClient) -> None:
    await browser.post("/cases", data=facts())
    answer = await browser.post("/cases", data=facts())
    assert answer.status_code == 409
    assert "porte déjà le numéro 26-00417" in answer.text


async def test_an_edit_over_another_one_shows_both_texts(browser: httpx2.AsyncClient) -> None:
    path = (await browser.post("/cases", data=facts())).headers["location"].partition("?")[0]
    assert 'name="version" value="1"' in (await browser.get(f"{path}/edit")).text
    assert (await browser.post(f"{path}/edit", data=facts(version="1", title="Le premier"))).status_code == 303
    answer = await browser.post(f"{path}/edit", data=facts(version="1", title="Le second"))
    assert answer.status_code == 409
    assert "Le premier" in answer.text
    assert 'value="Le second"' in answer.text
    assert 'name="version" value="2"' in answer.text
    assert (await browser.post(f"{path}/edit", data=facts(version="2", title="Le second"))).status_code == 303


async def test_what_is_typed_is_shown_as_text(browser: httpx2.AsyncClient) -> None:
    evil = "<img src=x onerror=alert(1)>"
    path = (await browser.post("/cases", data=facts(title=evil, context=evil))).headers["location"].partition("?")[0]
    await browser.post(f"{path}/lines", data={"line": evil})
    await browser.post(f"{path}/specimens", data={"label": "A", "description": evil})
    for page in (path, "/cases", f"/cases?q={evil}", f"{path}/edit"):
        text = (await browser.get(page)).text
        assert evil not in text
        assert html.escape(evil) in text


async def test_a_specimen_is_added_and_shown(browser: httpx2.AsyncClient, world: World, zoe: Actor) -> None:
    case_id = await world.case(zoe)
    assert (await browser.post(f"/cases/{case_id}/specimens", data={"label": "A", "description": "Antre"})).is_redirect
    assert "Antre" in (await browser.get(f"/cases/{case_id}")).text
    again = await browser.post(f"/cases/{case_id}/specimens", data={"label": "A"})
    assert again.status_code == 409
    assert "a déjà un prélèvement A" in again.text


async def test_slides_are_shown_with_their_thumbnail(browser: httpx2.AsyncClient, world: World, zoe: Actor) -> None:
    case_id = await world.case(zoe)
    slide = await world.slide(zoe, case_id)
    text = (await browser.get(f"/cases/{case_id}")).text
    assert f'href="/slides/{slide}"' in text
    assert f'src="/slides/{slide}/thumbnail"' in text
    assert "1 lame" in text
    assert "10,0 × 7,5 mm" in text


async def test_an_administrator_of_an_empty_case_is_told_the_command(
    browser: httpx2.AsyncClient, services: House, world: World, zoe: Actor
) -> None:
    case_id = await world.case(zoe)
    assert "telepath slides add" not in (await browser.get(f"/cases/{case_id}")).text
    services.actor = msgspec.structs.replace(zoe, roles=frozenset({Role.REQUESTER, Role.ADMINISTRATOR}))
    assert "telepath slides add" in (await browser.get(f"/cases/{case_id}")).text


async def test_an_expert_sees_exactly_what_was_granted(
    browser: httpx2.AsyncClient, services: House, database: Database, world: World, zoe: Actor, paul: Actor
) -> None:
    case_id = await world.case(zoe)
    shown, hidden = await world.slide(zoe, case_id, "A1 HES"), await world.slide(zoe, case_id, "A2 CD20")
    mine, other = await world.consult_row(zoe, case_id), await world.consult_row(zoe, case_id)
    async with database.write(zoe) as tx:
        case = await repository.get(tx, case_id)
        await threads.write(tx, zoe, case, "Pour tous")
        await threads.write(tx, zoe, case, "Pour Paul", consult_id=mine)
        await threads.write(tx, zoe, case, "Pour un autre", consult_id=other)
    services.actor = paul
    assert (await browser.get(f"/cases/{case_id}")).status_code == 404
    assert case_id not in (await browser.get("/cases")).text
    await share(database, zoe, paul, "slide", shown, Right.VIEW)
    assert (await browser.get(f"/cases/{case_id}")).status_code == 404, "a slide does not open its case"
    # What consults give on acceptance: the case for the discussion, the slides one by one.
    await share(database, zoe, paul, "case", case_id, Right.VIEW)
    text = (await browser.get(f"/cases/{case_id}")).text
    assert shown in text
    assert hidden not in text
    assert "Pour tous" not in text
    assert "/edit" not in text
    assert "/consults/new" not in text
    assert (await browser.get(f"/cases/{case_id}/edit")).status_code == 404
    assert case_id in (await browser.get("/cases")).text


async def test_an_expert_who_may_discuss_reads_the_case_and_answers(
    browser: httpx2.AsyncClient, services: House, database: Database, world: World, zoe: Actor, paul: Actor
) -> None:
    case_id = await world.case(zoe)
    async with database.write(zoe) as tx:
        await threads.write(tx, zoe, await repository.get(tx, case_id), "Pour tous")
    await share(database, zoe, paul, "case", case_id, Right.VIEW, Right.DISCUSS)
    services.actor = paul
    assert "Pour tous" in (await browser.get(f"/cases/{case_id}")).text
    assert (await browser.post(f"/cases/{case_id}/lines", data={"line": "Bien reçu"})).is_redirect
    services.actor = zoe
    assert "Bien reçu" in (await browser.get(f"/cases/{case_id}")).text


async def test_lines_of_a_consult_are_for_who_may_see_that_consult(
    browser: httpx2.AsyncClient, services: House, database: Database, world: World, zoe: Actor
) -> None:
    """A colleague of the owning institution sees all; the case's own lines carry no consult."""
    case_id = await world.case(zoe)
    asked = await world.consult_row(zoe, case_id)
    async with database.write(zoe) as tx:
        case = await repository.get(tx, case_id)
        await threads.write(tx, zoe, case, "Au dossier")
        await threads.write(tx, zoe, case, "A l’avis", consult_id=asked)
        await threads.write(tx, zoe, case, "A un avis disparu", consult_id=ABSENT)
    text = (await browser.get(f"/cases/{case_id}")).text
    assert "Au dossier" in text
    assert "A l’avis" in text
    assert "A un avis disparu" not in text
    assert f'href="/consults/{asked}"' in text


async def test_a_line_carries_the_field_of_a_slide(browser: httpx2.AsyncClient, world: World, zoe: Actor) -> None:
    case_id = await world.case(zoe)
    slide = await world.slide(zoe, case_id)
    view = "20000,15000,1600,900,0,0"
    text = (await browser.get(f"/cases/{case_id}?slide={slide}&view={view}")).text
    assert f'name="view" value="{view}"' in text
    sent = await browser.post(f"/cases/{case_id}/lines", data={"line": "Ici ?", "slide": slide, "view": view})
    assert sent.headers["location"] == f"/cases/{case_id}#discussion"
    text = (await browser.get(f"/cases/{case_id}")).text
    assert f'href="/slides/{slide}#view={view}"' in text


async def test_an_empty_line_comes_back_with_its_reason(browser: httpx2.AsyncClient, world: World, zoe: Actor) -> None:
    case_id = await world.case(zoe)
    answer = await browser.post(f"/cases/{case_id}/lines", data={"line": "  "})
    assert answer.status_code == 422
    assert "Le champ «\N{NO-BREAK SPACE}Message\N{NO-BREAK SPACE}» est vide." in answer.text


async def test_seeing_a_case_is_recorded_before_it_is_shown(
    browser: httpx2.AsyncClient, database: Database, world: World, zoe: Actor
) -> None:
    case_id = await world.case(zoe)
    for _ in range(2):
        await browser.get(f"/cases/{case_id}")
    async with database.read() as reader:
        rows = await reader.all(select(audit_pending.c.record))
    assert [row["record"]["kind"] for row in rows] == ["case.viewed"]


@pytest.mark.parametrize("key", [ABSENT, "x", "%00", "..", "A" * 26, "é" * 26])
async def test_an_absent_case_and_a_refused_one_are_the_same_page(
    browser: httpx2.AsyncClient, services: House, world: World, paul: Actor, key: str
) -> None:
    refused = await browser.get(f"/cases/{await world.case(paul)}")
    absent = await browser.get(f"/cases/{key}")
    assert absent.status_code == refused.status_code == 404
    assert "n’y avez pas accès" in absent.text


async def test_pages_and_filter_take_any_text(browser: httpx2.AsyncClient, world: World, zoe: Actor) -> None:
    await world.case(zoe)
    for query in ("q=%00", "q=" + "x" * 2000, "q=%25", "page=-1", "page=99999999", "page=x", "q=%ed%a0%80"):
        assert (await browser.get(f"/cases?{query}")).status_code == 200


async def test_whoever_only_audits_has_no_cases(browser: httpx2.AsyncClient, services: House, zoe: Actor) -> None:
    services.actor = msgspec.structs.replace(zoe, roles=frozenset({Role.AUDITOR}))
    assert (await browser.get("/cases")).status_code == 404
    assert (await browser.get("/cases/new")).status_code == 404
    assert (await browser.post("/cases", data=facts())).status_code == 404


async def test_nobody_signed_in_is_sent_to_the_door(browser: httpx2.AsyncClient, services: House) -> None:
    services.actor = None
    answer = await browser.get("/cases")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?return_to=%2Fcases")


@pytest.mark.parametrize("language", ["fr", "en"])
async def test_every_page_is_worded_in_both_languages(
    browser: httpx2.AsyncClient, world: World, zoe: Actor, language: str
) -> None:
    case_id = await world.case(zoe)
    for status in ("active", "on-hold", "revoked", "completed"):
        await world.consult_row(zoe, case_id, status)
    for path in ("/cases", "/cases?q=nothing", "/cases/new", f"/cases/{case_id}", f"/cases/{case_id}/edit"):
        answer = await browser.get(path, headers={"Cookie": f"lang={language}"})
        assert answer.status_code == 200
        assert f'lang="{language}"' in answer.text


@pytest.mark.parametrize(
    ("chosen", "browsers", "shown"),
    [("en", "fr-FR,fr;q=0.9", "en"), ("", "en-GB,en;q=0.9,fr;q=0.5", "en"), ("", "de", "fr"), ("", "", "fr")],
)
async def test_the_language_is_the_one_chosen_else_the_browsers_else_the_persons(
    browser: httpx2.AsyncClient, chosen: str, browsers: str, shown: str
) -> None:
    cookie = {"Cookie": f"lang={chosen}"} if chosen else {}
    answer = await browser.get("/cases", headers={"Accept-Language": browsers} | cookie)
    assert f'<html lang="{shown}"' in answer.text
