"""The tile route as a browser meets it: raw ASGI in front of everything, with its capability cookie."""

import asyncio
import io
import os
import shutil
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from PIL import Image
from starlette.types import Message

from auth import administration
from auth import repository as logins
from realtime.bus import REVOKED
from telepath.access import Right
from telepath.actor import SYSTEM
from telepath.notices.channels import mailer
from telepath.slides import catalogue, views
from telepath.slides.capability import LIFETIME, Capability, mint
from telepath.slides.decoder_pool import DecoderPool
from telepath.slides.tile_index import Decoded, Header, dump
from tests.builders import session_of
from tests.builders_slides import encode, pattern
from tests.rooms import until
from tests.tile_lane import KEY, Lane, serving
from web.relay import Relay
from web.tile_rights import COOKIE, REREAD_SECONDS, STALE_SECONDS
from web.tiles import TileService
from web.words import Words

WRONG = [
    *(
        "0/4_0",
        "0/0_3",
        "9/0_0",
        "99/0_0",
        "0/-1_0",
        "0/0",
        "0/0_0/",
        "0/0_0.png",
        "0/0_0_z1",
        "0/0_0_c1",
        "0/0_0_c0_z0",
    ),
    *("0/999999_0", "batch/0-0_0+0-x", "batch/", "batch/0/0_0", f"batch/{'+'.join(['0-0_0'] * 33)}", "0/%D9%A1_0", ""),
]
"""Names of no tile."""


async def test_a_tile_is_the_stored_picture_and_is_kept_private(lane: Lane) -> None:
    answer = await lane.get("0/1_1", await lane.open(lane.owner))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["cache-control"] == "private, max-age=300, immutable"
    assert answer.headers["vary"] == "Cookie"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    shown = np.asarray(Image.open(io.BytesIO(answer.content)))
    stored = np.asarray(Image.open(io.BytesIO(encode(pattern(lane.slide.pyramid.levels[0], 1, 1)))))
    assert np.array_equal(shown, stored)


async def test_a_tile_that_the_browser_has_is_not_sent_again(lane: Lane) -> None:
    view = await lane.open(lane.owner)
    first = await lane.get("0/0_0", view)
    again = await lane.get("0/0_0", view, if_none_match=first.headers["etag"])
    assert (again.status_code, again.content) == (304, b"")
    other = await lane.get("0/1_0", view, if_none_match=first.headers["etag"])
    assert other.status_code == 200


async def test_every_wrong_request_gets_the_same_answer(lane: Lane) -> None:
    view = await lane.open(lane.owner)
    good = lane.tiles.mint_cookie(view).value
    slide = lane.slide.id
    unknown = slide[:-1] + ("0" if slide[-1] != "0" else "1")
    now = int(lane.world.clock.now.timestamp())
    expired = mint(KEY, Capability(slide, view.id, 0, now - 1))
    forged = mint(bytes(32), Capability(slide, view.id, 0, now + 900))
    wrong = [
        (f"/slides/{slide}/tiles/0/0_0", ""),
        (f"/slides/{slide}/tiles/0/0_0", f"{COOKIE}="),
        (f"/slides/{slide}/tiles/0/0_0", f"{COOKIE}={good}x"),
        (f"/slides/{slide}/tiles/0/0_0", f"{COOKIE}={expired}"),
        (f"/slides/{slide}/tiles/0/0_0", f"{COOKIE}={forged}"),
        (f"/slides/{unknown}/tiles/0/0_0", f"{COOKIE}={good}"),
        (f"/slides/{unknown}/tiles/0/0_0", f"{COOKIE}={mint(KEY, Capability(unknown, view.id, 0, now + 900))}"),
        *((f"/slides/{slide}/tiles/{place}", f"{COOKIE}={good}") for place in WRONG),
    ]
    answers = {
        (answer.status_code, answer.content, tuple(sorted(answer.headers.items())))
        for path, cookie in wrong
        for answer in [await lane.browser.get(path, headers={"cookie": cookie})]
    }
    assert len(answers) == 1
    assert next(iter(answers))[0] == 404


async def test_another_site_gets_no_tile(lane: Lane) -> None:
    view = await lane.open(lane.owner)
    assert (await lane.get("0/0_0", view, sec_fetch_site="cross-site")).status_code == 404
    assert (await lane.get("0/0_0", view, sec_fetch_site="same-site")).status_code == 404
    assert (await lane.get("0/0_0", view, sec_fetch_site="same-origin")).status_code == 200


async def test_a_tile_can_only_be_read(lane: Lane) -> None:
    view = lane.tiles.mint_cookie(await lane.open(lane.owner))
    path = f"/slides/{lane.slide.id}/tiles/0/0_0"
    headers = {"cookie": f"{view.name}={view.value}"}
    assert (await lane.browser.post(path, headers=headers)).status_code == 405
    head = await lane.browser.head(path, headers=headers)
    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["content-length"]) > 100


async def test_the_cookie_is_for_the_tiles_of_one_slide_and_ends_with_the_view(lane: Lane) -> None:
    view = await lane.open(lane.owner)
    cookie = lane.tiles.mint_cookie(view)
    assert (cookie.path, cookie.max_age) == (f"/slides/{lane.slide.id}/tiles/", LIFETIME)
    lane.world.clock.advance(seconds=LIFETIME)
    assert (await lane.get("0/0_0", view)).status_code == 404


async def test_a_withdrawn_right_closes_the_tiles_as_soon_as_the_bus_says_so(lane: Lane) -> None:
    async with lane.db.write(lane.owner, unaudited="a test's grant") as tx:
        await tx.grant(
            ("person", lane.expert.person_id),
            ("slide", lane.slide.id),
            [Right.VIEW],
            because="consult",
            because_id="consult-1",
        )
    theirs, ours = await lane.open(lane.expert), await lane.open(lane.owner)
    assert (await lane.get("0/0_0", theirs)).status_code == 200
    async with lane.db.write(lane.owner, unaudited="a test's revocation") as tx:
        await tx.revoke("consult", "consult-1")
    await lane.bus.publish(REVOKED, b"{}")
    await refused(lane, theirs)
    assert (await lane.get("0/0_0", ours)).status_code == 200


async def refused(lane: Lane, view: views.View) -> None:
    """Wait until the tiles of a view are. Raises TimeoutError."""
    async with asyncio.timeout(10):
        while (await lane.get("0/0_0", view)).status_code == 200:  # noqa: ASYNC110 - the answer is what we wait for
            await asyncio.sleep(0.01)
    assert (await lane.get("0/0_0", view)).status_code == 404


async def test_the_end_of_a_membership_closes_the_tiles_at_once(lane: Lane, tmp_path: Path) -> None:
    now = lane.world.clock.now
    colleague = await lane.world.person("zoe", "cayenne", "Zoé", "Marchand")
    async with lane.db.write(lane.owner, unaudited="a test's session") as tx:
        await logins.keep_session(tx, session_of(lane.owner, lane.owner.session_id, now))
    theirs, ours = await lane.open(lane.owner), await lane.open(colleague)
    assert (await lane.get("0/0_0", theirs)).status_code == 200
    relay = Relay(
        lane.db,
        lane.bus,
        mailer((tmp_path / "mail").as_uri()),
        Words(),
        origin="https://telepath.example",
        sender="telepath@example.org",
        log_name="telepath.example/audit",
        audit_key=Ed25519PrivateKey.from_private_bytes(KEY),
    )
    async with relay:
        async with lane.db.write(SYSTEM) as tx:
            await administration.set_membership(tx, lane.owner.person_id, lane.owner.institution_id, [])
        await refused(lane, theirs)
    assert (await lane.get("0/0_0", ours)).status_code == 200


async def test_no_tile_is_given_when_nobody_knows_who_was_revoked(lane: Lane) -> None:
    view = await lane.open(lane.owner)
    assert REREAD_SECONDS < STALE_SECONDS <= 30
    lane.ticks += STALE_SECONDS
    assert (await lane.get("0/0_0", view)).status_code == 200
    lane.ticks += 1
    answer = await lane.get("0/0_0", view)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"


async def test_a_damaged_tile_is_called_unreadable_and_the_others_are_shown(lane: Lane) -> None:
    view = await lane.open(lane.owner)
    async with lane.storage.fetch(f"{catalogue.files_key(lane.slide.folder)}/{lane.slide.entry}") as path:
        data = path.read_bytes()
        whole = (await lane.get("0/2_1", view)).content
        scan = whole[-300:-100]
        assert data.count(scan) == 1
        start = data.rindex(b"\xff\xd8", 0, data.index(scan))
        with path.open("r+b") as file:
            file.seek(start)
            file.write(bytes(4))
    answer = await lane.get("0/2_1", view)
    assert (answer.status_code, answer.headers["telepath-tile"]) == (422, "unreadable")
    assert (await lane.get("0/1_1", view)).status_code == 200


async def test_a_decoded_slide_is_shown_through_the_workers(lane: Lane) -> None:
    view = await lane.open(lane.owner)
    await _only_decoded(lane)
    answer = await lane.get("0/3_2", view)
    assert answer.status_code == 200
    shown = np.asarray(Image.open(io.BytesIO(answer.content)), np.int16)
    expected = pattern(lane.slide.pyramid.levels[0], 3, 2).astype(np.int16)
    inside = slice(0, 700 - 512), slice(0, 1000 - 768)
    assert np.abs(shown[inside] - expected[inside]).mean() < 4
    assert shown[200:, :].min() > 240  # beyond the slide: white, never black


async def test_a_decoder_that_is_killed_costs_no_tile(lane: Lane) -> None:
    view = await lane.open(lane.owner)
    await _only_decoded(lane)
    assert (await lane.get("0/0_0", view)).status_code == 200
    (victim,) = lane.decoders.processes()
    os.kill(victim, signal.SIGSTOP)
    asked = asyncio.create_task(lane.get("0/1_0", view))
    answered, _ = await asyncio.wait({asked}, timeout=0.5)
    assert not answered
    os.kill(victim, signal.SIGKILL)
    assert (await asked).status_code == 200  # what it did before may have killed it: a new one is asked once more
    assert (await lane.get("0/1_0", view)).status_code == 200


class Visit:
    """One request in raw ASGI, whose reader can leave."""

    def __init__(self, lane: Lane, tiles: TileService, place: str, view: views.View) -> None:
        self.sent: list[Message] = []
        self._coming: asyncio.Queue[Message] = asyncio.Queue()
        self._coming.put_nowait({"type": "http.request", "body": b"", "more_body": False})
        cookie = tiles.mint_cookie(view)
        scope = {
            "type": "http",
            "method": "GET",
            "path": f"/slides/{lane.slide.id}/tiles/{place}",
            "headers": [(b"cookie", f"{cookie.name}={cookie.value}".encode())],
        }
        self.answered = asyncio.create_task(tiles(scope, self._coming.get, self._send))

    async def _send(self, message: Message) -> None:
        self.sent.append(message)

    def leave(self) -> None:
        self._coming.put_nowait({"type": "http.disconnect"})

    async def status(self) -> int:
        await self.answered
        status: int = self.sent[0]["status"]
        return status


@contextmanager
def stopped(lane: Lane) -> Iterator[None]:
    """What is asked of the worker begins, and does not end before the block."""
    (worker,) = lane.decoders.processes()
    os.kill(worker, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(worker, signal.SIGCONT)


async def test_a_reader_who_leaves_takes_the_decode_back(lane: Lane) -> None:
    view, other = await lane.open(lane.owner), await lane.open(lane.owner)
    await _only_decoded(lane)
    assert (await lane.get("0/0_0", view)).status_code == 200
    with stopped(lane):
        begun = Visit(lane, lane.tiles, "0/1_0", view)
        leaving, shared = Visit(lane, lane.tiles, "0/2_0", view), Visit(lane, lane.tiles, "0/3_0", view)
        await until(lambda: lane.decoders.waiting == 2)
        staying = Visit(lane, lane.tiles, "0/3_0", other)
        leaving.leave()
        shared.leave()
        await asyncio.gather(leaving.answered, shared.answered)
        await until(lambda: lane.decoders.waiting == 1)
    assert [await begun.status(), await staying.status()] == [200, 200]
    assert leaving.sent == shared.sent == []
    assert (await lane.get("0/2_0", view)).status_code == 200


async def test_a_connection_that_ends_takes_the_decode_back(lane: Lane) -> None:
    view = await lane.open(lane.owner)
    cookie = lane.tiles.mint_cookie(view)
    await _only_decoded(lane)
    assert (await lane.get("0/0_0", view)).status_code == 200
    async with serving(lane.tiles) as node:
        with stopped(lane):
            begun = Visit(lane, lane.tiles, "0/1_0", view)
            reader, writer = await asyncio.open_connection("127.0.0.1", node.port)
            asked = f"GET {cookie.path}0/2_0 HTTP/1.1\r\nHost: x\r\nCookie: {cookie.name}={cookie.value}\r\n\r\n"
            writer.write(asked.encode())
            await until(lambda: lane.decoders.waiting == 1)
            writer.close()
            await until(lambda: lane.decoders.waiting == 0)
        assert await begun.status() == 200
        reader, writer = await asyncio.open_connection("127.0.0.1", node.port)
        writer.write(asked.encode())
        assert await reader.readline() == b"HTTP/1.1 200 OK\r\n"
        writer.close()


async def test_a_tile_too_many_is_refused_for_now(lane: Lane) -> None:
    view = await lane.open(lane.owner)
    await _only_decoded(lane)
    async with (
        DecoderPool(lane.storage, 1, waiting=4) as lane.decoders,
        TileService(lane.db, lane.storage, lane.decoders, KEY, lane.bus, clock=lane.tiles._clock) as tiles,
    ):
        assert await Visit(lane, tiles, "0/0_0", view).status() == 200
        with stopped(lane):
            begun, waiting = Visit(lane, tiles, "0/1_0", view), Visit(lane, tiles, "0/2_0", view)
            await until(lambda: lane.decoders.waiting == 1)
            refused = Visit(lane, tiles, "0/3_0", view)
            assert await refused.status() == 503
            assert (b"retry-after", b"5") in refused.sent[0]["headers"]
        assert [await begun.status(), await waiting.status()] == [200, 200]
        assert await Visit(lane, tiles, "0/3_0", view).status() == 200


async def test_a_tile_that_is_passed_through_does_not_ask_whether_the_reader_is_there(lane: Lane) -> None:
    view = await lane.open(lane.owner)
    assert (await lane.get("0/1_1", view)).status_code == 200
    visit = Visit(lane, lane.tiles, "0/1_1", view)
    visit.leave()
    assert await visit.status() == 200
    assert visit._coming.qsize() == 2


async def test_a_slide_whose_file_is_gone_is_not_found(lane: Lane) -> None:
    view = await lane.open(lane.owner)
    shutil.rmtree(lane.storage.root / lane.slide.folder)
    assert (await lane.get("0/0_0", view)).status_code == 404


async def _only_decoded(lane: Lane) -> None:
    """Make the slide one whose tiles cannot be passed through."""

    async def index() -> AsyncIterator[bytes]:
        levels = lane.slide.pyramid.levels
        yield dump(Header(entry=lane.slide.entry, levels=levels, ways=tuple(Decoded(n) for n in range(len(levels)))))

    await lane.storage.put_stream(catalogue.index_key(lane.slide.folder), index())
