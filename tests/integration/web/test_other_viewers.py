"""Deep Zoom and IIIF for other viewers, held against their own judges: OpenSlide's generator, and IIIF's validator."""

import asyncio
import io
import os
import signal
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace

import httpx2
import numpy as np
import openslide
import pytest
import tifffile
from iiif_validator.validator import ValidationInfo
from numpy.typing import NDArray
from openslide.deepzoom import DeepZoomGenerator
from PIL import Image
from sqlalchemy import update
from starlette.types import Receive, Scope, Send

from telepath.db.database import Database
from telepath.db.schema.slides import slide_view
from telepath.slides import catalogue, deep_zoom, drawing, ingest, views
from telepath.slides.decoder_pool import DecoderPool
from telepath.storage_local import LocalStorage
from tests.audited import records
from tests.login import free_port
from tests.tile_lane import Lane
from web.other_viewers import OtherViewers
from web.server import server_of
from web.settings import Settings
from web.words import Words


@pytest.fixture
async def lane(database: Database, tmp_path: Path) -> AsyncIterator[Lane]:
    storage = LocalStorage(tmp_path / "storage")
    async with DecoderPool(storage, 2) as decoders:
        made = await Lane(database, tmp_path, decoders, storage).set_up()
        async with made.tiles:
            yield made
        await made.browser.aclose()
    await storage.close()


def browser(lane: Lane, view: views.View | None, origin: str = "http://test") -> httpx2.AsyncClient:
    others = OtherViewers(lane.tiles, lane.decoders, Words(), origin)
    client = httpx2.AsyncClient(transport=httpx2.ASGITransport(others), base_url=origin)
    if view is not None:
        cookie = lane.tiles.mint_cookie(view)
        client.headers["cookie"] = f"{cookie.name}={cookie.value}"
    return client


def pixels(answer: httpx2.Response) -> NDArray[np.int16]:
    assert answer.status_code == 200, answer.text
    return np.asarray(Image.open(io.BytesIO(answer.content)).convert("RGB"), np.int16)


async def test_deep_zoom_tiles_are_those_of_openslide_s_generator(lane: Lane) -> None:
    view = await lane.open(lane.owner)
    entry = lane.storage.root / lane.slide.folder / catalogue.FILES / lane.slide.entry
    side = deep_zoom.tile_side(lane.slide.pyramid)
    with openslide.OpenSlide(entry) as slide:
        theirs = DeepZoomGenerator(slide, tile_size=side, overlap=0)
        async with browser(lane, view) as client:
            base = f"/slides/{lane.slide.id}/tiles/image"
            said = ElementTree.fromstring((await client.get(f"{base}.dzi")).text)  # noqa: S314 - ours
            assert said.get("TileSize") == str(side)
            for level, (columns, rows) in enumerate(theirs.level_tiles):
                for column, row in {(0, 0), (columns - 1, rows - 1)}:
                    expected = np.asarray(theirs.get_tile(level, (column, row)).convert("RGB"), np.int16)
                    shown = pixels(await client.get(f"{base}_files/{level}/{column}_{row}.jpeg"))
                    # Where a level is no whole part of the slide, theirs is a pixel short.
                    assert np.abs(np.subtract(shown.shape, expected.shape)).max() <= 1, (level, column, row)
                    height, width = np.minimum(shown.shape, expected.shape)[:2]
                    if min(height, width) > 8:
                        difference = np.abs(shown[:height, :width] - expected[:height, :width])
                        assert difference.mean() < 8, (level, column, row)
            finest = len(theirs.level_tiles) - 1
            exact = pixels(await client.get(f"{base}_files/{finest}/1_1.jpeg"))
            assert np.array_equal(exact, np.asarray(theirs.get_tile(finest, (1, 1)).convert("RGB"), np.int16))
            assert (await client.get(f"{base}_files/{finest}/99_0.jpeg")).status_code == 404
            assert (await client.get(f"{base}_files/99/0_0.jpeg")).status_code == 404


async def test_nobody_gets_a_picture_without_the_capability_and_all_refusals_are_alike(lane: Lane) -> None:
    view = await lane.open(lane.owner)
    rest = ("image.dzi", "image_files/9/0_0.jpeg", "iiif/info.json", "iiif/full/100,/0/default.jpg", "iiif")
    other = "0" * 26
    async with browser(lane, None) as client:
        answers = {(await client.get(f"/slides/{lane.slide.id}/tiles/{one}")).text for one in rest}
        statuses = {(await client.get(f"/slides/{lane.slide.id}/tiles/{one}")).status_code for one in rest}
    async with browser(lane, view) as client:
        answers |= {(await client.get(f"/slides/{other}/tiles/{one}")).text for one in rest}
    assert (statuses, answers) == ({404}, {"not found"})


async def test_what_is_sent_is_counted_like_tiles(lane: Lane) -> None:
    view = await lane.open(lane.owner)
    async with browser(lane, view) as client:
        answer = await client.get(f"/slides/{lane.slide.id}/tiles/iiif/0,0,300,300/300,/0/default.jpg")
        assert answer.headers["cache-control"].startswith("private")
    assert await lane.tiles.sent.write()
    (record,) = await records(lane.db, "slide.regions")
    assert (record["detail"]["view"], record["detail"]["tiles"]) == (view.id, 4)


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ("iiif/9999,0,5,5/max/0/default.jpg", {"fr": "La zone demandée", "en": "The region"}),
        ("iiif/full/max/45/default.jpg", {"fr": "Seules les rotations", "en": "Only rotations"}),
    ],
)
async def test_what_cannot_be_drawn_is_said_in_words(lane: Lane, bad: str, said: dict[str, str]) -> None:
    view = await lane.open(lane.owner)
    async with browser(lane, view) as client:
        for language, beginning in said.items():
            asked = {"accept-language": language}
            answer = await client.get(f"/slides/{lane.slide.id}/tiles/{bad}", headers=asked)
            assert (answer.status_code, answer.text.startswith(beginning)) == (400, True), answer.text


async def test_a_picture_that_the_browser_holds_is_not_sent_again_and_counted_all_the_same(lane: Lane) -> None:
    view = await lane.open(lane.owner)
    base = f"/slides/{lane.slide.id}/tiles"
    async with browser(lane, view) as client:
        for one in ("iiif/0,0,300,300/300,/0/default.jpg", "image_files/10/1_1.jpeg"):
            first = await client.get(f"{base}/{one}")
            assert first.status_code == 200
            for held in (first.headers["etag"], f'"other", W/{first.headers["etag"]}', "*"):
                again = await client.get(f"{base}/{one}", headers={"if-none-match": held})
                assert (again.status_code, again.content) == (304, b"")
                assert again.headers["etag"] == first.headers["etag"]
            other = await client.get(f"{base}/{one}", headers={"if-none-match": '"other"'})
            assert other.content == first.content
    assert await lane.tiles.sent.write()
    (record,) = await records(lane.db, "slide.regions")
    assert record["detail"]["tiles"] == 5 * (4 + 1)


async def test_a_view_that_is_revoked_while_a_picture_is_drawn_gets_nothing(lane: Lane) -> None:
    view = await lane.open(lane.owner)
    wanted = f"/slides/{lane.slide.id}/tiles/iiif/full/max/0/default.png"
    async with browser(lane, view) as client:
        waiting = asyncio.create_task(client.get(wanted))
        async with asyncio.timeout(10):
            while not (processes := lane.decoders.processes()):  # noqa: ASYNC110 - the request is another task's
                await asyncio.sleep(0)
        for process in processes:
            os.kill(process, signal.SIGSTOP)
        async with lane.db.write(lane.owner, unaudited="a test") as tx:
            await tx.execute(update(slide_view).where(slide_view.c.id == view.id).values(revoked_at=tx.now))
        await lane.tiles.rights.reread()
        for process in processes:
            os.kill(process, signal.SIGCONT)
        answer = await waiting
    assert (answer.status_code, answer.text) == (404, "not found")


async def test_a_picture_with_an_unreadable_part_is_kept_nowhere(lane: Lane) -> None:
    view = await lane.open(lane.owner)
    held = await lane.tiles.index(lane.slide.id)
    place = held.index.locate(0, 0, 0)
    entry = lane.storage.root / held.files / place.name
    good = entry.read_bytes()
    entry.write_bytes(good[: place.offset] + bytes(place.length) + good[place.offset + place.length :])
    wanted = f"/slides/{lane.slide.id}/tiles/iiif/0,0,300,300/300,/0/default.png"
    async with browser(lane, view) as client:
        spoiled = await client.get(wanted)
        assert spoiled.headers["cache-control"] == "no-store"
        assert "etag" not in spoiled.headers
        assert (pixels(spoiled)[:200, :200] == drawing.UNREADABLE).all()
        entry.write_bytes(good)
        whole = await client.get(wanted)
        assert whole.headers["cache-control"].startswith("private")
        assert not (pixels(whole)[:200, :200] == drawing.UNREADABLE).all()


def judged_picture() -> NDArray[np.uint8]:
    """The picture that the validator knows: ten times ten squares of 100 px."""
    colours = np.array(ValidationInfo().colorInfo, np.uint8)
    return np.repeat(np.repeat(colours.transpose(1, 0, 2), 100, axis=0), 100, axis=1)


@asynccontextmanager
async def served(others: OtherViewers, cookie: bytes, port: int) -> AsyncIterator[None]:
    """A real server in which every request has the capability: the validator has no cookies."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            inside = {**scope, "headers": [*scope["headers"], (b"cookie", cookie)]}
            if OtherViewers.serves(scope["path"]):
                await others(inside, receive, send)
            else:
                await send({"type": "http.response.start", "status": 404, "headers": [(b"content-length", b"0")]})
                await send({"type": "http.response.body", "body": b""})
        elif scope["type"] == "lifespan":
            scope["state"]["services"] = SimpleNamespace()
            while (await receive())["type"] != "lifespan.shutdown":
                await send({"type": "lifespan.startup.complete"})
            await send({"type": "lifespan.shutdown.complete"})

    server = server_of(application, Settings(log_level="warning", tile_lane=False, port=port))
    running = asyncio.create_task(server.serve())
    async with asyncio.timeout(20):
        while not server.started:  # noqa: ASYNC110 - uvicorn tells it no other way
            await asyncio.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        await running


async def test_the_validator_of_iiif_finds_nothing(lane: Lane) -> None:
    path = lane.folder / "judged.tif"
    tifffile.imwrite(path, judged_picture(), photometric="rgb", tile=(256, 256), compression="deflate")
    lane.slide = await ingest.add(
        lane.db,
        lane.storage,
        lane.decoders,
        lane.owner,
        path,
        case_id=lane.slide.case_id,
        institution_id=lane.owner.institution_id,
    )
    cookie = lane.tiles.mint_cookie(await lane.open(lane.owner))
    port = free_port()
    others = OtherViewers(lane.tiles, lane.decoders, Words(), f"http://127.0.0.1:{port}")
    async with served(others, f"{cookie.name}={cookie.value}".encode(), port):
        program = Path(sys.executable).with_name("iiif-validate.py")
        running = await asyncio.create_subprocess_exec(
            sys.executable,
            str(program),
            *("-s", f"127.0.0.1:{port}", "-p", f"slides/{lane.slide.id}/tiles", "-i", "iiif"),
            *("--version", "3.0", "--level", "2"),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said = (await running.communicate())[0].decode()
    assert running.returncode == 0, said
    assert ", 0 failures)" in said
