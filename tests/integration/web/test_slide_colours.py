"""The table of a slide's colours, and what its viewer says of how it shows them."""

import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import select

from telepath.actor import Actor
from telepath.db.database import Database
from telepath.db.schema.slides import slide_view
from telepath.slides import catalogue, colour, ingest
from telepath.slides.profile import LUT_BYTES
from tests import colours
from tests.builders import World
from tests.builders_slides import add_profile, write_svs
from tests.house import House, decoding, house, visited
from web.routes import slides
from web.tiles import TileService

PROFILE = colours.scanners()["Adobe RGB"]


@dataclass
class Gallery(House):
    """A slide with a profile and one without, their owner, and an expert who was given neither."""

    tiles: TileService | None = None
    owner: Actor | None = None
    expert: Actor | None = None
    profiled: catalogue.Slide | None = None
    plain: catalogue.Slide | None = None


@pytest.fixture
async def gallery(database: Database, tmp_path: Path) -> AsyncIterator[Gallery]:
    made = house(database, tmp_path)
    world = World(database)
    owner = await world.person("ines", "cayenne", "Inès", "Flamboyant")
    expert = await world.expert("claire", "lille", "Claire", "Houblon")
    case, place = await world.case(owner), owner.institution_id
    async with decoding(made) as decoders:
        plain = write_svs(tmp_path / "plain.svs", width=600, height=500, steps=(1,))
        profiled = add_profile(write_svs(tmp_path / "wide.svs", width=600, height=500, steps=(1,)), PROFILE)
        both = [
            await ingest.add(database, made.storage, decoders, owner, path, case_id=case, institution_id=place)
            for path in (profiled, plain)
        ]
        tiles = TileService(database, made.storage, decoders, bytes(32), made.bus, clock=world.clock.now.timestamp)
        gallery = Gallery(**vars(made), tiles=tiles, owner=owner, expert=expert, profiled=both[0], plain=both[1])
        gallery.actor = owner
        yield gallery


@pytest.fixture
async def browser(gallery: Gallery) -> AsyncIterator[httpx2.AsyncClient]:
    async with visited(gallery, slides.routes) as made:
        yield made


def address(gallery: Gallery, slide: catalogue.Slide | None) -> str:
    assert slide is not None
    return f"/slides/{slide.id}"


async def test_the_table_comes_once_and_is_kept_for_good(gallery: Gallery, browser: httpx2.AsyncClient) -> None:
    page = (await browser.get(address(gallery, gallery.profiled))).text
    config = json.loads(re.findall(r'id="viewer-config">(.*?)</script>', page, re.DOTALL)[0])
    assert config["slide"]["profile"]["state"] == "applied"
    lut = config["slide"]["profile"]["lut"]
    answer = await browser.get(lut, headers={"accept-encoding": "gzip"})
    assert answer.content == colour.read(PROFILE).lut
    assert len(answer.content) == LUT_BYTES
    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) < LUT_BYTES / 2
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
    again = await browser.get(lut, headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    plain = await browser.get(lut, headers={"accept-encoding": "identity"})
    assert plain.content == answer.content
    assert "content-encoding" not in plain.headers


async def test_a_slide_without_a_profile_has_no_table(gallery: Gallery, browser: httpx2.AsyncClient) -> None:
    answer = await browser.get(f"{address(gallery, gallery.plain)}/colour.lut")
    assert (answer.status_code, answer.content, answer.headers["cache-control"]) == (204, b"", "no-store")


async def test_who_may_not_see_the_slide_is_told_that_there_is_none(
    gallery: Gallery, browser: httpx2.AsyncClient
) -> None:
    gallery.actor = gallery.expert
    assert (await browser.get(f"{address(gallery, gallery.profiled)}/colour.lut")).status_code == 404


async def test_the_view_keeps_how_the_viewer_says_that_it_shows_the_slide(
    gallery: Gallery, browser: httpx2.AsyncClient
) -> None:
    for slide, said in (
        (gallery.profiled, ({"colour": "off", "quality": "reduced"}, {"colour": "icc", "quality": "native"}, {})),
        (gallery.plain, ({"colour": "icc", "quality": "<b>"}, {"colour": "none"})),
    ):
        await browser.get(address(gallery, slide))
        for body in said:
            assert (await browser.post(f"{address(gallery, slide)}/view", json=body)).status_code == 200
    assert (await browser.post(f"{address(gallery, gallery.plain)}/view", json=["icc"])).status_code == 422
    assert (await browser.post(f"{address(gallery, gallery.plain)}/view")).status_code == 200
    async with gallery.db.read() as reader:
        rows = await reader.all(select(slide_view))
    assert gallery.profiled is not None
    assert {row["slide_id"] == gallery.profiled.id: (row["colour"], row["quality"]) for row in rows} == {
        True: ("icc off", "native reduced"),
        False: ("none", ""),
    }
