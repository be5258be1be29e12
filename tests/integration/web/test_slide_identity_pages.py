"""Label and identity of a slide, for its institution; copies that leave without it; a scale that is entered by hand."""

import html
import io
import re
import zipfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx2
import numpy as np
import openslide
import pytest
from PIL import Image

from telepath.actor import Actor, Role
from telepath.cases import slide_scale
from telepath.db.database import Database
from telepath.errors import Invalid
from telepath.slides import catalogue, deidentified, ingest
from telepath.slides.catalogue import Slide
from tests import audited
from tests.builders import World
from tests.builders_slides import add_label, barcode, write_svs
from tests.house import House, decoding, house, leads_to, visited
from web.routes import cases, slide_facts, slide_identity

RealSlide = Callable[[str], Path]
IDENTITY = (b"MARTIN", b"26H01234", b"MjZIMDEyMzQ", "MARTIN".encode("utf-16-le"))


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


@pytest.fixture
async def zoe(world: World) -> Actor:
    return await world.person("zoe", "cayenne", "Zoé", "Marchand")


@pytest.fixture
async def services(database: Database, zoe: Actor, tmp_path: Path) -> AsyncIterator[House]:
    made = house(database, tmp_path)
    made.actor = zoe
    async with decoding(made):
        yield made


@pytest.fixture
async def browser(services: House) -> AsyncIterator[httpx2.AsyncClient]:
    routes = [*slide_identity.routes, *slide_facts.routes, *cases.routes]
    async with visited(services, routes) as client:
        yield client


async def added(services: House, world: World, zoe: Actor, path: Path) -> Slide:
    case_id = await world.case(zoe)
    assert services.decoders is not None
    return await ingest.add(
        services.db,
        services.storage,
        services.decoders,
        zoe,
        path,
        case_id=case_id,
        institution_id=zoe.institution_id,
        label="A1 HES",
        block="A1",
    )


async def test_the_page_shows_what_was_found_and_the_label_that_is_drawn(
    browser: httpx2.AsyncClient, services: House, world: World, zoe: Actor, real_slide: RealSlide
) -> None:
    slide = await added(services, world, zoe, real_slide("aperio/CMU-1-Small-Region.svs"))
    answer = await browser.get(f"/slides/{slide.id}/identity")
    page = html.unescape(answer.text)
    assert answer.headers["cache-control"] == "no-store"
    for said in (deidentified.pseudonym(slide.case_id), "A1", "Aperio: User", "Photographie de l’étiquette", "/copy"):
        assert said in page
    assert "b414003d" not in page
    case_page = (await browser.get(f"/cases/{slide.case_id}")).text
    assert f"/slides/{slide.id}/identity" in case_page
    (looked,) = await audited.records(world.db, "slide.deidentified")
    assert looked["detail"]["found"] >= 6
    assert {"label", "macro", "person"} <= set(looked["detail"]["kinds"])
    assert len(await audited.records(world.db, "slide.identity-viewed")) == 1


async def test_label_and_macro_are_recorded_one_by_one_and_kept_nowhere(
    browser: httpx2.AsyncClient, services: House, world: World, zoe: Actor, tmp_path: Path
) -> None:
    slide = await added(services, world, zoe, add_label(write_svs(tmp_path / "one.svs"), barcode("anything")))
    answer = await browser.get(f"/slides/{slide.id}/identity/label")
    assert answer.headers["cache-control"] == "no-store"
    assert Image.open(io.BytesIO(answer.content)).format == "WEBP"
    assert [one["detail"]["picture"] for one in await audited.records(world.db, "slide.identity-viewed")] == ["label"]
    assert (await browser.get(f"/slides/{slide.id}/identity/macro")).status_code == 404
    assert (await browser.get(f"/slides/{slide.id}/identity/thumbnail")).status_code == 404


@pytest.mark.parametrize(
    "name", ["crafted/philips/HE-philips.tiff", "crafted/ndpi/HE-ndpi.ndpi", "aperio/CMU-1-Small-Region.svs"]
)
async def test_a_copy_leaves_without_the_patient_and_may_go_on_where_it_broke_off(
    name: str,
    browser: httpx2.AsyncClient,
    services: House,
    world: World,
    zoe: Actor,
    tmp_path: Path,
    real_slide: RealSlide,
) -> None:
    slide = await added(services, world, zoe, real_slide(name))
    answer = await browser.get(f"/slides/{slide.id}/copy")
    assert answer.status_code == 200
    assert deidentified.pseudonym(slide.case_id) in answer.headers["content-disposition"]
    assert not [word for word in IDENTITY if word in answer.content]
    copied = tmp_path / f"copied{real_slide(name).suffix}"
    copied.write_bytes(answer.content)
    with openslide.OpenSlide(real_slide(name)) as before, openslide.OpenSlide(copied) as after:
        size = before.level_dimensions[0]
        theirs, ours = (np.asarray(one.read_region((0, 0), 0, size)) for one in (before, after))
        assert np.array_equal(theirs, ours)
    rest = await browser.get(f"/slides/{slide.id}/copy", headers={"Range": "bytes=1000-"})
    assert rest.status_code == 206
    assert rest.content == answer.content[1000:]
    for tag, status in ((answer.headers["etag"], 206), ('"of another copy"', 200)):
        again = await browser.get(f"/slides/{slide.id}/copy", headers={"Range": "bytes=1000-", "If-Range": tag})
        assert again.status_code == status
    head = await browser.head(f"/slides/{slide.id}/copy")
    assert (head.headers["content-length"], head.content) == (str(len(answer.content)), b"")
    record, *_ = await audited.records(world.db, "slide.downloaded")
    assert (record["detail"]["digest"], record["detail"]["bytes"]) == (slide.digest, len(answer.content))


async def test_a_slide_of_several_files_leaves_as_a_zip(
    browser: httpx2.AsyncClient, services: House, world: World, zoe: Actor, tmp_path: Path, real_slide: RealSlide
) -> None:
    slide = await added(services, world, zoe, real_slide("crafted/mirax/HE-mirax.mrxs"))
    answer = await browser.get(f"/slides/{slide.id}/copy")
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        assert not [word for one in archive.namelist() for word in IDENTITY if word in archive.read(one)]
        archive.extractall(tmp_path / "copied")
    (entry,) = (tmp_path / "copied").glob("*.mrxs")
    with openslide.OpenSlide(entry) as opened:
        assert opened.dimensions == (slide.width, slide.height)


async def test_who_was_sent_a_slide_sees_neither_label_nor_copy(
    browser: httpx2.AsyncClient, services: House, world: World, zoe: Actor, tmp_path: Path
) -> None:
    slide = await added(services, world, zoe, write_svs(tmp_path / "one.svs"))
    services.actor = await world.person("paul", "rennes", "Paul", "Autre", roles=(Role.EXPERT,))
    for path in ("identity", "identity/label", "copy"):
        assert (await browser.get(f"/slides/{slide.id}/{path}")).status_code == 404
    services.actor = await world.person("theo", "cayenne", "Théo", "Coupe", roles=(Role.TECHNICIAN,))
    assert (await browser.get(f"/slides/{slide.id}/identity")).status_code == 200
    assert (await browser.get(f"/slides/{slide.id}/copy")).status_code == 404
    assert await audited.records(world.db, "slide.downloaded") == []


@pytest.mark.parametrize(
    ("typed", "value"),
    [("0,25", 0.25), (" 0.4990 ", 0.499), ("×40", 0.25), ("x20", 0.5), ("X 2.5", 4.0), ("20", 20.0), ("0.05", 0.05)],
)
def test_a_scale_is_typed_as_people_write_it(typed: str, value: float) -> None:
    assert slide_scale.parsed(typed) == pytest.approx(value)


@pytest.mark.parametrize(
    "typed", ["", "0", "-1", "NaN", "inf", "1e-3", "0.04", "21", "x3", "x0", "0.25 µm", "1.2.3", "٢"]
)
def test_a_scale_that_cannot_be_is_refused(typed: str) -> None:
    with pytest.raises(Invalid):
        slide_scale.parsed(typed)


def svs(path: Path, mpp: str) -> Path:
    """An Aperio slide that says ``mpp``."""
    written = write_svs(path)
    data = written.read_bytes()
    assert b"MPP = 0.2500" in data
    written.write_bytes(data.replace(b"MPP = 0.2500", b"MPP = " + mpp.encode().ljust(6)))
    return written


@pytest.mark.parametrize("said", ["0", "NaN", "inf", "-0.5", "1e9", "0,499", "what"])
async def test_a_scale_that_is_not_believed_is_none(
    said: str, services: House, world: World, zoe: Actor, tmp_path: Path
) -> None:
    slide = await added(services, world, zoe, svs(tmp_path / "one.svs", said))
    assert (slide.mpp, slide.mpp_offered) == (None, 0.499 if said == "0,499" else None)


async def test_a_scale_is_entered_corrected_and_withdrawn(
    browser: httpx2.AsyncClient, services: House, world: World, zoe: Actor, tmp_path: Path
) -> None:
    slide = await added(services, world, zoe, svs(tmp_path / "one.svs", "0,499"))
    case, path = f"/cases/{slide.case_id}", f"/cases/{slide.case_id}/slides/{slide.id}/scale"
    assert "« 0,499 »" in html.unescape((await browser.get(case)).text).replace("\N{NO-BREAK SPACE}", " ")

    wrong = await browser.post(path, data={"mpp": "0"})
    assert wrong.status_code == 422
    assert leads_to(html.unescape(wrong.text), f"mpp-{slide.id}")
    for typed, value in (("0,5", 0.5), ("x40", 0.25)):
        sent = await browser.post(path, data={"mpp": typed})
        assert sent.headers["location"] == f"{case}?done=slide-scale#slides"
        async with services.db.read() as reader:
            now = await catalogue.get(reader, slide.id)
        assert (now.mpp, now.mpp_source, now.mpp_by) == (value, "entered", zoe.person_id)
    assert re.search("Échelle saisie par.{1,8}Zoé Marchand", html.unescape((await browser.get(case)).text))

    await browser.post(path, data={"withdraw": "on"})
    async with services.db.read() as reader:
        now = await catalogue.get(reader, slide.id)
    assert (now.mpp, now.mpp_source, now.mpp_by) == (None, "file", "")
    records = await audited.records(world.db, "slide.scale-entered")
    assert [(one["detail"]["before"], one["detail"]["after"]) for one in records] == [
        ("", "0.5"),
        ("0.5", "0.25"),
        ("0.25", ""),
    ]
