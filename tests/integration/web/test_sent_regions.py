"""Who was sent which region of a slide: counted by the tile lane, recorded together, and no tile when that cannot be done."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import text
from starlette.requests import HTTPConnection

from auth import repository as logins
from realtime.bus import REVOKED
from telepath import sessions
from telepath.actor import Actor
from telepath.db.database import Database
from telepath.slides.decoder_pool import DecoderPool
from telepath.storage_local import LocalStorage
from tests.audited import of_actor, records
from tests.builders import session_of
from tests.tile_lane import KEY, Lane
from web.middleware import origin_of
from web.sent_regions import EVERY, LATE
from web.settings import Settings
from web.tiles import TileService

PROXY = Settings(trusted_proxies="127.0.0.0/8")


@pytest.fixture
async def lane(database: Database, tmp_path: Path) -> AsyncIterator[Lane]:
    """The lane behind a proxy on this machine; its owner has a session."""
    storage = LocalStorage(tmp_path / "storage")
    async with DecoderPool(storage, 1) as decoders:
        made = await Lane(database, tmp_path, decoders, storage).set_up()
        made.tiles = TileService(
            database,
            storage,
            decoders,
            KEY,
            made.bus,
            origin_of=lambda scope: origin_of(HTTPConnection(scope), PROXY),
            clock=made.time,
            monotonic=made.tick,
        )
        made.browser = httpx2.AsyncClient(transport=httpx2.ASGITransport(made.tiles), base_url="http://test")
        now = made.world.clock.now
        async with database.write(made.owner, unaudited="a test's session") as tx:
            await logins.keep_session(tx, session_of(made.owner, made.owner.session_id, now))
        async with made.tiles, made.browser:
            yield made
        await made.bus.close()
    await storage.close()


async def regions(lane: Lane) -> list[dict[str, Any]]:
    return await records(lane.db, "slide.regions")


async def test_what_a_view_was_sent_is_one_record_with_who_why_where_and_which_region(lane: Lane) -> None:
    view = await lane.open(lane.owner)
    first = await lane.get("0/1_1", view, user_agent="Firefox", x_forwarded_for="192.0.2.7")
    lane.world.clock.advance(seconds=7)
    kept = await lane.get(
        "0/1_1", view, user_agent="Firefox", x_forwarded_for="192.0.2.7", if_none_match=first.headers["etag"]
    )
    assert (first.status_code, kept.status_code) == (200, 304)
    await lane.get("2/0_0", view, user_agent="Firefox", x_forwarded_for="192.0.2.7")
    assert await regions(lane) == []
    assert await lane.tiles.sent.write()
    (record,) = await regions(lane)
    assert record["detail"] == {
        "view": view.id,
        "tiles": 3,
        "levels": [0, 2],
        "box": [0, 0, 1000, 700],
        "boxes": {"0": [256, 256, 256, 256], "2": [0, 0, 1000, 700]},
        "from": "2026-03-11T12:00:00+00:00",
        "to": "2026-03-11T12:00:07+00:00",
    }
    assert (record["object_kind"], record["object_id"], record["case_id"], record["owner"]) == (
        "slide",
        lane.slide.id,
        lane.slide.case_id,
        lane.owner.institution_id,
    )
    assert (record["actor"], record["institution"], record["roles"], record["acr"], record["session"]) == (
        lane.owner.person_id,
        lane.owner.institution_id,
        ["requester"],
        "eidas1",
        lane.owner.session_id[:16],
    )
    assert (record["because"], record["because_id"]) == ("institution", lane.owner.institution_id)
    assert await of_actor(lane.db, record) == {
        "subject_name_id": lane.owner.subject_name_id,
        "address": "192.0.2.7",
        "device": "Firefox",
    }
    assert await lane.tiles.sent.write()
    assert len(await regions(lane)) == 1


async def test_two_people_and_one_person_from_two_places_are_records_of_their_own(lane: Lane) -> None:
    colleague = await lane.world.person("zoe", "cayenne", "Zoé", "Marchand")
    ours, theirs = await lane.open(lane.owner), await lane.open(colleague)
    await lane.get("0/0_0", ours, x_forwarded_for="192.0.2.7")
    await lane.get("0/1_0", ours, x_forwarded_for="198.51.100.9")
    await lane.get("0/2_0", theirs, x_forwarded_for="192.0.2.7")
    await lane.tiles.sent.write()
    made = await regions(lane)
    assert sorted((one["detail"]["view"], one["detail"]["box"][0]) for one in made) == sorted(
        [(ours.id, 0), (ours.id, 256), (theirs.id, 512)]
    )
    addresses = {(await of_actor(lane.db, one))["address"] for one in made if one["detail"]["view"] == ours.id}
    assert addresses == {"192.0.2.7", "198.51.100.9"}


async def test_what_is_not_sent_is_not_counted(lane: Lane) -> None:
    view = await lane.open(lane.owner)
    assert (await lane.get("0/0_0", None)).status_code == 404
    assert (await lane.get("0/9_9", view)).status_code == 404
    assert (await lane.get("0/0_0", view, sec_fetch_site="cross-site")).status_code == 404
    await lane.tiles.sent.write()
    assert await regions(lane) == []


async def test_it_is_recorded_when_the_service_ends(lane: Lane) -> None:
    await lane.get("0/0_0", await lane.open(lane.owner))
    await lane.tiles.__aexit__(None, None, None)
    assert len(await regions(lane)) == 1
    await lane.tiles.__aenter__()


async def test_a_view_that_is_withdrawn_is_recorded_at_once_and_so_are_the_tiles_that_it_is_refused(lane: Lane) -> None:
    view = await lane.open(lane.owner)
    await lane.get("0/0_0", view)
    async with lane.db.write(lane.owner, unaudited="a test's logout") as tx:
        await sessions.cut(tx, lane.owner.session_id)
    await lane.bus.publish(REVOKED, b"{}")
    async with asyncio.timeout(10):
        while not await regions(lane):  # noqa: ASYNC110 - the record is what we wait for
            await asyncio.sleep(0.01)
    assert len(await regions(lane)) == 1
    for _ in range(40):
        assert (await lane.get("0/1_0", view)).status_code == 404
    await lane.tiles.sent.write()
    (refused,) = await records(lane.db, "access.refused")
    assert (refused["outcome"], refused["actor"], refused["object_id"]) == (
        "refused",
        lane.owner.person_id,
        lane.slide.id,
    )
    assert refused["detail"]["reason"] == "withdrawn"
    assert refused["detail"]["times"] == 40
    assert len(await regions(lane)) == 1


async def test_counts_that_cannot_be_recorded_are_kept_and_no_tile_is_sent_after_a_minute(
    lane: Lane, owner: Database
) -> None:
    view = await lane.open(lane.owner)
    assert (await lane.get("0/0_0", view)).status_code == 200
    await _execute(owner, "ALTER TABLE audit_pending RENAME TO away")
    assert not await lane.tiles.sent.write()
    lane.ticks += 15
    await lane.tiles.rights.reread()
    assert (await lane.get("0/1_0", view)).status_code == 200
    assert EVERY <= 30
    assert LATE <= 60
    lane.ticks += LATE - 15
    await lane.tiles.rights.reread()
    assert (await lane.get("0/1_1", view)).status_code == 200
    lane.ticks += 1
    answer = await lane.get("0/2_1", view)
    assert (answer.status_code, answer.content) == (503, b"unavailable")
    assert not await lane.tiles.sent.write()
    await _execute(owner, "ALTER TABLE away RENAME TO audit_pending")
    assert await lane.tiles.sent.write()
    (record,) = await regions(lane)
    assert (record["detail"]["tiles"], record["detail"]["box"]) == (3, [0, 0, 512, 512])
    assert (await lane.get("0/2_1", view)).status_code == 200


async def _execute(db: Database, statement: str) -> None:
    async with db.write(_NOBODY, unaudited="a test's fault") as tx:
        await tx.execute(text(statement))


_NOBODY = Actor(person_id="", name="", institution_id="")
