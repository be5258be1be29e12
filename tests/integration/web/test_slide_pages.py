"""The viewer page and what its script asks for beside tiles."""

import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import select

from telepath.access import Right
from telepath.actor import Actor
from telepath.db.database import Database
from telepath.db.schema.audit import audit_pending
from telepath.ids import make_id
from telepath.slides import catalogue, ingest
from tests.builders import World
from tests.builders_slides import write_svs
from tests.house import House, decoding, house, visited
from web.routes import consult_requests, consults, slides
from web.tiles import TileService

KEY = bytes(range(32))
UNKNOWN = make_id(1_700_000_000_000, bytes(10))


@dataclass
class Gallery(House):
    """A house with a slide of Cayenne in it, and an expert of Lille at the door."""

    tiles: TileService | None = None
    owner: Actor | None = None
    expert: Actor | None = None
    slide: catalogue.Slide | None = None


@pytest.fixture
async def gallery(database: Database, tmp_path: Path) -> AsyncIterator[Gallery]:
    plain = house(database, tmp_path)
    world = World(database)
    owner = await world.person("ines", "cayenne", "Inès", "Flamboyant")
    expert = await world.expert("claire", "lille", "Claire", "Houblon")
    async with decoding(plain) as decoders:
        slide = await ingest.add(
            database,
            plain.storage,
            decoders,
            owner,
            write_svs(tmp_path / "slide.svs", width=1000, height=700, steps=(1, 4)),
            case_id=await world.case(owner),
            institution_id=owner.institution_id,
            label="A1 HES",
        )
        tiles = TileService(database, plain.storage, decoders, KEY, plain.bus, clock=world.clock.now.timestamp)
        yield Gallery(**vars(plain), tiles=tiles, owner=owner, expert=expert, slide=slide)


@pytest.fixture
async def browser(gallery: Gallery) -> AsyncIterator[httpx2.AsyncClient]:
    async with visited(gallery, slides.routes) as made:
        yield made


async def records(gallery: Gallery, kind: str) -> list[dict[str, Any]]:
    async with gallery.db.read() as reader:
        rows = await reader.all(select(audit_pending))
    return [dict(row["record"]) for row in rows if row["record"]["kind"] == kind]


async def test_the_viewer_page_gives_its_script_the_slide_and_the_key_to_its_tiles(
    gallery: Gallery, browser: httpx2.AsyncClient
) -> None:
    assert gallery.slide is not None
    gallery.actor = gallery.owner
    page = await browser.get(f"/slides/{gallery.slide.id}")
    assert page.status_code == 200
    written = re.search(r'<script type="application/json" id="viewer-config">(.*?)</script>', page.text, re.DOTALL)
    assert written is not None
    config = json.loads(written[1])
    assert config["slide"]["id"] == gallery.slide.id
    assert config["slide"]["mpp"] == 0.25
    assert [(level["columns"], level["rows"]) for level in config["slide"]["levels"]] == [(4, 3), (2, 2), (1, 1)]
    assert config["slides"] == [{"id": gallery.slide.id, "label": "A1 HES", "stain": "HES"}]
    assert config["may_open_room"] is False  # nobody else could come
    assert f'href="/consults/new?case={gallery.slide.case_id}"' in page.text
    assert f'class="back" href="/cases/{gallery.slide.case_id}"' in page.text
    # A small picture of all of it is under way before the script is.
    assert f'rel="preload" as="fetch" href="/slides/{gallery.slide.id}/thumbnail"' in page.text
    cookie = page.headers["set-cookie"]
    assert f"Path=/slides/{gallery.slide.id}/tiles/" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    (record,) = await records(gallery, "slide.viewed")
    assert record["object_id"] == gallery.slide.id


async def test_a_room_is_offered_on_a_slide_once_somebody_else_may_come(
    gallery: Gallery, browser: httpx2.AsyncClient
) -> None:
    assert gallery.slide is not None
    assert gallery.owner is not None
    assert gallery.expert is not None
    gallery.actor = gallery.owner
    assert 'action="/rooms"' not in (await browser.get(f"/slides/{gallery.slide.id}")).text
    world = World(gallery.db)
    world.places["cayenne"] = gallery.owner.institution_id
    world.actors |= {"ines": gallery.owner, "claire": gallery.expert}
    await world.person("lea", "cayenne", "Léa", "Tamarin")
    page = (await browser.get(f"/slides/{gallery.slide.id}")).text
    assert 'action="/rooms"' in page
    assert "équipe de votre établissement (CH de Cayenne) peut rejoindre" in page


async def test_whoever_opens_a_slide_from_a_consult_goes_back_to_its_opinion(gallery: Gallery) -> None:
    assert gallery.slide is not None
    assert gallery.expert is not None
    gallery.actor = gallery.owner
    case_id = gallery.slide.case_id
    fields = {
        "case": case_id,
        "question": "Lymphome folliculaire ?",
        "context": "",
        "organ": "lymphoid",
        "urgency": "standard",
        "expert": gallery.expert.person_id,
        "step": "send",
    }
    async with visited(gallery, [*slides.routes, *consult_requests.routes, *consults.routes]) as client:
        consult = (await client.post("/consults/new", data=fields)).headers["location"].partition("?")[0]
        from_consult = (await client.get(f"/slides/{gallery.slide.id}?consult={consult.rsplit('/', 1)[1]}")).text
        from_case = (await client.get(f"/slides/{gallery.slide.id}")).text
        from_elsewhere = (await client.get(f"/slides/{gallery.slide.id}?consult={UNKNOWN}")).text
    assert f'class="back" href="{consult}#opinion"' in from_consult
    assert "Avis 26-00417" in from_consult
    assert "/consults/new" not in from_consult
    for page in (from_case, from_elsewhere):
        assert f'class="back" href="/cases/{case_id}"' in page
        assert "Dossier 26-00417" in page


async def test_who_has_no_right_and_who_asks_for_nothing_get_the_same_page(
    gallery: Gallery, browser: httpx2.AsyncClient
) -> None:
    assert gallery.slide is not None
    gallery.actor = gallery.expert
    for page in ("", "/thumbnail"):
        refused = await browser.get(f"/slides/{gallery.slide.id}{page}")
        absent = await browser.get(f"/slides/{UNKNOWN}{page}")
        odd = await browser.get(f"/slides/not-an-id{page}")
        assert refused.status_code == absent.status_code == odd.status_code == 404
        assert len(refused.text) == len(absent.text)
        assert "set-cookie" not in refused.headers
    assert (await browser.post(f"/slides/{gallery.slide.id}/view")).status_code == 404
    await gallery.db.refusals.close()
    once, again = [record["detail"] for record in await records(gallery, "access.refused")]
    assert "times" not in once
    assert again["times"] == 2
    assert await records(gallery, "slide.viewed") == []


async def test_an_expert_who_was_given_the_slide_sees_it_and_only_it(
    gallery: Gallery, browser: httpx2.AsyncClient
) -> None:
    assert gallery.slide is not None
    assert gallery.owner is not None
    assert gallery.expert is not None
    async with gallery.db.write(gallery.owner, unaudited="a test's grant") as tx:
        await tx.grant(
            ("person", gallery.expert.person_id),
            ("slide", gallery.slide.id),
            [Right.VIEW],
            because="consult",
            because_id="consult-1",
        )
    gallery.actor = gallery.expert
    page = await browser.get(f"/slides/{gallery.slide.id}")
    assert page.status_code == 200
    assert '"may_open_room": false' in page.text
    (record,) = await records(gallery, "slide.viewed")
    assert (record["because"], record["because_id"]) == ("consult", "consult-1")


async def test_a_view_is_renewed_without_a_second_audit_record(gallery: Gallery, browser: httpx2.AsyncClient) -> None:
    assert gallery.slide is not None
    gallery.actor = gallery.owner
    await browser.get(f"/slides/{gallery.slide.id}")
    answer = await browser.post(f"/slides/{gallery.slide.id}/view")
    assert answer.status_code == 200
    assert answer.json() == {"expires_in": 900}
    assert f"Path=/slides/{gallery.slide.id}/tiles/" in answer.headers["set-cookie"]
    assert len(await records(gallery, "slide.viewed")) == 1


@pytest.mark.parametrize(("who", "status"), [("expert", 404), ("nobody", 401)])
async def test_a_viewer_whose_view_has_ended_is_told_to_forget_the_tiles_it_keeps(
    gallery: Gallery, browser: httpx2.AsyncClient, who: str, status: int
) -> None:
    assert gallery.slide is not None
    gallery.actor = gallery.owner
    going_on = await browser.post(f"/slides/{gallery.slide.id}/view")
    assert "clear-site-data" not in going_on.headers
    gallery.actor = gallery.expert if who == "expert" else None
    headers = {"Accept": "application/json"}
    ended = await browser.post(f"/slides/{gallery.slide.id}/view", headers=headers)
    absent = await browser.post(f"/slides/{UNKNOWN}/view", headers=headers)
    assert (ended.status_code, ended.headers["clear-site-data"]) == (status, '"cache"')
    assert (ended.headers, ended.content) == (absent.headers, absent.content)
    assert len(await records(gallery, "access.refused")) == (who == "expert")


async def test_the_thumbnail_is_a_picture_that_is_kept_private(gallery: Gallery, browser: httpx2.AsyncClient) -> None:
    assert gallery.slide is not None
    gallery.actor = gallery.owner
    first = await browser.get(f"/slides/{gallery.slide.id}/thumbnail")
    assert (first.status_code, first.headers["content-type"], first.content[:2]) == (200, "image/jpeg", b"\xff\xd8")
    assert first.headers["cache-control"].startswith("private")
    again = await browser.get(f"/slides/{gallery.slide.id}/thumbnail", headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 304
    # A picture of tissue is never seen without a record; many of one case in a row are one look at it.
    await browser.get(f"/slides/{gallery.slide.id}/thumbnail")
    (record,) = await records(gallery, "case.viewed")
    assert record["object_id"] == gallery.slide.case_id
