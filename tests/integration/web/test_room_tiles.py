"""web/room_tiles.py with realtime/pushing.py: a follower is sent the tiles of the field, as GET would give them, under their
own recorded view, and nothing without one."""

from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import update

from realtime import tile_frames, tile_window
from realtime.bus import REVOKED
from realtime.bus_redis import RedisBus
from realtime.frames import AckRecord
from realtime.tile_frames import AVIF, NATIVE, CompleteFrame, TileFrame
from realtime.tile_push import Screen
from realtime.tile_window import TileWindow
from telepath.db.database import Database
from telepath.db.schema.slides import slide_view
from telepath.geometry import View
from tests.builders_slides import write_pyramid
from tests.gallery import FIELD, WINDOW, Gallery, answered, looked, names, opened, present
from tests.rooms import Guest, Node, until
from web.tile_rights import STALE_SECONDS

LARGE: Final = WINDOW | {"width": 1000, "height": 750}
LARGE_SCREEN: Final = Screen(1000, 750, 1.0)


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pyramid(tmp_path_factory.mktemp("given") / "slide.tiff", width=2000, height=1500)


@pytest.fixture
async def gallery(database: Database, tmp_path: Path, given: Path) -> AsyncIterator[Gallery]:
    async with opened(database, tmp_path / "storage", given) as made:
        yield made


@asynccontextmanager
async def both(gallery: Gallery, **options: bool) -> AsyncIterator[tuple[Node, Guest, Guest]]:
    """A node, and on it Zoé, who presents, and Léa in her room; ``options``: of Léa's client."""
    async with (
        gallery.node() as place,
        place.guest("zoe", gallery.room) as zoe,
        place.guest("lea", gallery.room, **options) as lea,
    ):
        yield place, zoe, lea


async def test_the_window_gets_the_field_the_quick_picture_first_and_as_get_would_give_it(gallery: Gallery) -> None:
    view = await gallery.open("lea")
    async with both(gallery) as (_, zoe, lea):
        await lea.say(WINDOW)
        field = await present(zoe)
        await lea.until(lambda: lea.complete(field))
        wanted = gallery.needed()
        coarse = [one for one in wanted if one[0] == 2]
        assert coarse
        assert sorted(names(lea.tiles)[: len(coarse)]) == sorted(coarse)
        assert sorted(names(lea.tiles)[: len(wanted)]) == sorted(wanted)
        for tile in lea.tiles[: len(wanted)]:
            assert (tile.epoch, tile.coding, tile.plane, tile.channel) == (zoe.epoch, NATIVE, 0, tile_frames.COLOUR)
            assert tile.data == await gallery.got(view, tile)
        assert not zoe.pushed


async def test_a_late_comer_gets_the_field_that_is_shown(gallery: Gallery) -> None:
    await gallery.open("lea")
    async with gallery.node() as place, place.guest("zoe", gallery.room) as zoe:
        field = await present(zoe)
        async with place.guest("lea", gallery.room) as lea:
            await lea.say(WINDOW)
            await lea.until(lambda: lea.complete(field))
            assert set(gallery.needed()) <= set(names(lea.tiles))


async def test_nothing_is_sent_twice_and_a_field_that_needs_nothing_is_told_when_it_rests(gallery: Gallery) -> None:
    await gallery.open("lea")
    async with both(gallery) as (_, zoe, lea):
        await lea.say(WINDOW)
        for field in (FIELD, View(1100, 750, 500, 300), FIELD, View(1000, 750, 1000, 600), FIELD):
            last = await present(zoe, field)
            await lea.until(lambda last=last: lea.complete(last))  # type: ignore[misc]
        assert len(names(lea.tiles)) == len(set(names(lea.tiles)))


async def test_what_an_animation_leads_to_is_sent_and_not_what_it_passes(gallery: Gallery) -> None:
    await gallery.open("lea")
    async with both(gallery) as (_, zoe, lea):
        await lea.say(WINDOW)
        there = View(300, 250, 500, 300)
        field = await present(zoe, View(1700, 1250, 500, 300), there)
        await lea.until(lambda: lea.complete(field))
        wanted = gallery.needed(there)
        assert sorted(names(lea.tiles)[: len(wanted)]) == sorted(wanted)


async def test_a_slow_client_gets_the_quick_picture_first_and_its_viewport_messages_at_once(gallery: Gallery) -> None:
    await gallery.open("lea")
    async with both(gallery, acks=False) as (_, zoe, lea):
        await lea.send(AckRecord(lea.received))
        await lea.say(LARGE)
        here, away = View(500, 375, 1000, 750), View(1500, 1125, 1000, 750)
        first = await present(zoe, here)
        await lea.until(lambda: lea.complete(first, coarse=True))
        # The window is full now: tiles wait, and the field passes them.
        for number in range(5):
            await present(zoe, View(500 + number, 375, 1000, 750))
        last = await present(zoe, away)
        await lea.until(lambda: lea.field is not None and lea.field.sequence == last)
        before = len(lea.tiles)
        assert before < len(gallery.needed(here, LARGE_SCREEN))
        # And what waits is of the newest field alone.
        while not lea.complete(last):
            count = lea.received
            await lea.send(AckRecord(count))
            await lea.until(lambda count=count: lea.received > count or lea.complete(last))  # type: ignore[misc]
        fresh = names(lea.tiles[before:])
        assert set(fresh[:8]) <= set(gallery.needed(away, LARGE_SCREEN))
        assert set(gallery.needed(away, LARGE_SCREEN)) <= set(names(lea.tiles))


async def test_who_broke_away_is_sent_nothing_until_they_follow_again(gallery: Gallery) -> None:
    await gallery.open("lea")
    async with both(gallery) as (_, zoe, lea):
        await lea.say({"type": "following", "following": False, "whom": ""})
        await lea.say(WINDOW)
        field = await present(zoe)
        await lea.until(lambda: lea.field is not None)
        assert await answered(lea)
        assert not lea.pushed
        await lea.say({"type": "following", "following": True, "whom": ""})
        await lea.until(lambda: lea.complete(field))


async def test_without_a_recorded_view_nothing_is_sent_and_opening_the_slide_begins_it(gallery: Gallery) -> None:
    await gallery.open("zoe")
    async with both(gallery) as (place, zoe, lea):
        await lea.say(WINDOW)
        field = await present(zoe)
        await lea.until(lambda: lea.field is not None)
        await looked(place, gallery.room, lea)
        assert not lea.pushed
        await gallery.open("lea")
        await lea.say(WINDOW)
        await lea.until(lambda: lea.complete(field))


async def test_a_view_that_is_revoked_stops_it_at_once(gallery: Gallery) -> None:
    view = await gallery.open("lea")
    async with both(gallery) as (place, zoe, lea):
        await lea.say(WINDOW)
        first = await present(zoe)
        await lea.until(lambda: lea.complete(first))
        async with gallery.db.write(gallery.ward.actor("zoe"), unaudited="a test's withdrawal") as tx:
            await tx.execute(update(slide_view).where(slide_view.c.id == view.id).values(revoked_at=tx.now))
        await gallery.bus.publish(REVOKED, b"{}")
        await until(lambda: view.id in gallery.tiles.rights.revoked)
        before = len(lea.tiles)
        await present(zoe, View(350, 300, 500, 300))
        await lea.until(lambda: lea.field is not None and lea.field.sequence > first)
        await looked(place, gallery.room, lea)
        await answered(lea)
        assert len(lea.tiles) == before


async def test_a_view_that_its_page_has_renewed_goes_on_and_nothing_is_sent_again(
    gallery: Gallery, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = await gallery.open("lea")
    async with both(gallery) as (_, zoe, lea):
        await lea.say(WINDOW)
        first = await present(zoe)
        await lea.until(lambda: lea.complete(first))
        async with gallery.db.write(gallery.ward.actor("lea"), unaudited="a test's page") as tx:
            longer = view.expires_at + timedelta(hours=1)
            await tx.execute(update(slide_view).where(slide_view.c.id == view.id).values(expires_at=longer))
        monkeypatch.setattr(gallery.tiles, "clock", lambda: view.expires_at.timestamp() + 1)
        last = await present(zoe, View(1100, 850, 500, 300))
        await lea.until(lambda: lea.complete(last))
        assert len(names(lea.tiles)) == len(set(names(lea.tiles)))


async def test_when_nobody_knows_who_was_revoked_nothing_is_sent(gallery: Gallery) -> None:
    await gallery.open("lea")
    gallery.later = STALE_SECONDS
    async with both(gallery) as (place, zoe, lea):
        await lea.say(WINDOW)
        await present(zoe)
        await lea.until(lambda: lea.field is not None)
        await looked(place, gallery.room, lea)
        await answered(lea)
        assert not lea.tiles


async def test_each_tile_is_counted_under_the_view_before_it_leaves(gallery: Gallery) -> None:
    view = await gallery.open("lea")
    async with both(gallery) as (_, zoe, lea):
        await lea.say(WINDOW)
        field = await present(zoe)
        await lea.until(lambda: lea.complete(field))
        await until(lambda: bool(lea.tiles))
    assert await gallery.tiles.sent.write()
    told = [one for one in await gallery.ward.audited("slide.regions") if one["detail"]["view"] == view.id]
    assert [one["detail"]["tiles"] for one in told] == [len(lea.tiles)]


async def test_another_slide_is_pushed_once_its_view_is_open(gallery: Gallery, tmp_path: Path) -> None:
    other = await gallery.add(write_pyramid(tmp_path / "other.tiff", width=1500, height=1000))
    await gallery.open("lea")
    async with both(gallery) as (_, zoe, lea):
        await lea.say(WINDOW)
        first = await present(zoe)
        await lea.until(lambda: lea.complete(first))
        before = len(lea.tiles)
        await zoe.operate("slide", epoch=zoe.epoch, slide=other.id)
        await lea.until(lambda: min(lea.epoch, zoe.epoch) > 1)
        view = await gallery.open("lea", other)
        await lea.say(WINDOW)
        second = await present(zoe, View(750, 500, 500, 300))
        await lea.until(lambda: lea.complete(second))
        fresh = lea.tiles[before:]
        assert {one.epoch for one in fresh} == {zoe.epoch}
        assert all([one.data == await gallery.got(view, one) for one in fresh])
        # Back to the first one: the client still has what it was sent of it.
        before = len(lea.tiles)
        await zoe.operate("slide", epoch=zoe.epoch, slide=gallery.slide.id)
        await lea.until(lambda: min(lea.epoch, zoe.epoch) > 2)
        third = await present(zoe)
        await lea.until(lambda: lea.complete(third))
        assert not set(names(lea.tiles[before:])) & set(gallery.needed())


class OwnClock:
    """Goes as the test lets it."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def passing(self) -> bool:
        """Always true; a hundredth of a second has passed."""
        self.now += 0.01
        return True


def thin_link(now: float) -> TileWindow:
    """What is known of a link of half a megabit, a quarter of a second there and back, at the time ``now``."""
    window = TileWindow()
    under_way: deque[tuple[float, int, float]] = deque()
    at, free, number = now - 60, 0.0, 0
    while under_way or not window.thin:
        while not window.thin and window.fits(at):
            number, free = number + 1, max(free, at) + 8192 / 62_500
            window.sent(number, 8192, at)
            under_way.append((free + 0.25, number, at))
        arrived, received, sent = under_way.popleft()
        at = arrived
        window.acked(received, at - sent, at)
    return window


async def test_over_a_thin_link_the_small_coding_is_sent_and_then_what_the_file_holds(
    gallery: Gallery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tile_window, "SPARED", 1 << 30)  # however slow this machine is
    view = await gallery.open("lea")
    clock = gallery.clock = OwnClock()
    async with both(gallery, acks=False) as (place, zoe, lea):
        await lea.say(LARGE | {"reduced": True})

        async def take(over: Callable[[], bool]) -> None:
            """What comes, a window of it in a quarter of a second."""
            while not over():
                count = lea.received
                clock.now += 0.25
                await lea.send(AckRecord(count))
                await lea.until(lambda count=count: clock.passing() and (lea.received > count or over()))  # type: ignore[misc]

        following = place.hub.rooms[gallery.room].connections[lea.you]
        await lea.until(lambda: following.pusher is not None)
        assert following.pusher is not None
        following.pusher.window = thin_link(clock.now)
        away = View(1500, 1125, 1000, 750)
        shown = await present(zoe, away)
        await lea.until(lambda: lea.field is not None and lea.field.sequence == shown)
        before = len(lea.pushed)  # what was on its way when the field moved
        await take(lambda: lea.complete(shown))
        over = lea.pushed.index(CompleteFrame(zoe.you, zoe.epoch, shown))
        needed = set(gallery.needed(away, LARGE_SCREEN))
        small = [one for one in lea.pushed[before:over] if isinstance(one, TileFrame) and names([one])[0] in needed]
        assert {one.coding for one in small} == {AVIF}
        assert all([one.data == await gallery.got(view, one) for one in small[:3]])
        # Who looks at it for longer gets the tiles of the file.
        sharp = {name for name in gallery.needed(away, LARGE_SCREEN) if name[0] == 0}
        await take(lambda: sharp <= {(one.level, one.column, one.row) for one in lea.tiles if one.coding == NATIVE})


async def test_the_presenter_may_be_on_another_node(gallery: Gallery, valkey: str) -> None:
    await gallery.open("lea")
    one, two = RedisBus(valkey), RedisBus(valkey)
    async with (
        gallery.node(one) as here,
        gallery.node(two) as there,
        here.guest("zoe", gallery.room) as zoe,
        there.guest("lea", gallery.room) as lea,
    ):
        await lea.say(WINDOW)
        await zoe.until(lambda: len(zoe.members) == 2)
        field = await present(zoe)
        await lea.until(lambda: lea.complete(field))
        assert set(gallery.needed()) <= set(names(lea.tiles))
    await one.close()
    await two.close()


async def test_a_window_that_asks_for_nothing_is_sent_nothing(gallery: Gallery) -> None:
    await gallery.open("lea")
    async with both(gallery) as (_, zoe, lea):
        await lea.say(WINDOW)
        first = await present(zoe)
        await lea.until(lambda: lea.complete(first))
        await lea.say(WINDOW | {"push": False})
        await answered(lea)
        before = len(lea.pushed)
        passed = await present(zoe, View(300, 250, 500, 300))
        last = await present(zoe, View(1700, 1250, 500, 300))
        await lea.until(lambda: lea.field is not None and lea.field.sequence == last)
        await lea.say(WINDOW)
        await lea.until(lambda: lea.complete(last))
        fresh = [one for one in lea.pushed[before:] if isinstance(one, TileFrame)]
        assert not lea.complete(passed)
        assert not {(0, column, row) for column in range(3) for row in range(2)} & set(names(fresh))
