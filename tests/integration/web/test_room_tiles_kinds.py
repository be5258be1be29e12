"""web/room_tiles.py with realtime/pushing.py: what is pushed of slides of every kind, and to whom else than a colleague."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from auth import links
from realtime.bus import REVOKED
from realtime.frames import AckRecord, ShownChannel
from realtime.tile_frames import COLOUR, NATIVE, TileFrame
from realtime.tile_push import Screen as Follower
from telepath.db.database import Database
from telepath.geometry import View
from telepath.slides import views
from telepath.slides.warming import Screen
from tests.builders_fluorescence import write_channels, write_planes
from tests.builders_slides import write_pyramid
from tests.gallery import FIELD, SCREEN, WINDOW, Gallery, Names, answered, looked, names, opened, present
from tests.rooms import Guest
from web import warming

Open = Callable[[Path], Any]
REAL = {
    "aperio/CMU-1-Small-Region.svs": View(1100, 1400, 500, 300),
    "hamamatsu-ndpi/test3-DAPI-2-(387).ndpi": View(2000, 2400, 500, 300),
    "crafted/ndpi/HE-ndpi.ndpi": View(1100, 1400, 1000, 600),
    "dicom-wsi/camelyon_jpeg.dcm": View(576, 350, 500, 300),
}


def in_channels(numbers: tuple[int, ...]) -> tuple[ShownChannel, ...]:
    return tuple(ShownChannel(number, 255, 255, 255, 0, 4000) for number in numbers)


@pytest.fixture
def at(database: Database, tmp_path: Path) -> Callable[[Path], Any]:
    """``async with at(path) as (gallery, view, zoe, lea)``: Zoé presents this slide and Léa follows, who has opened it."""

    @asynccontextmanager
    async def open_at(path: Path) -> AsyncIterator[tuple[Gallery, views.View, Guest, Guest]]:
        async with opened(database, tmp_path / "storage", path) as gallery:
            view = await gallery.open("lea")
            async with (
                gallery.node() as place,
                place.guest("zoe", gallery.room) as zoe,
                place.guest("lea", gallery.room) as lea,
            ):
                await lea.say(WINDOW)
                yield gallery, view, zoe, lea

    return open_at


async def as_get_gives_them(gallery: Gallery, view: views.View, tiles: list[TileFrame]) -> bool:
    return all([one.data == await gallery.got(view, one) for one in tiles])


@pytest.mark.parametrize("name", REAL, ids=lambda name: name.partition("/")[0])
async def test_of_a_scanners_own_file_the_field_is_sent_as_get_would_give_it(
    at: Open, real_slide: Callable[[str], Path], name: str
) -> None:
    async with at(real_slide(name)) as (gallery, view, zoe, lea):
        field = await present(zoe, REAL[name])
        await lea.until(lambda: lea.complete(field))
        wanted = gallery.needed(REAL[name])
        assert sorted(names(lea.tiles)[: len(wanted)]) == sorted(wanted)
        assert {(one.coding, one.plane, one.channel) for one in lea.tiles} == {(NATIVE, 0, COLOUR)}
        assert await as_get_gives_them(gallery, view, lea.tiles[: len(wanted)])


async def test_of_fluorescence_the_channels_that_the_presenter_shows_are_sent_and_no_other(
    at: Open, tmp_path: Path
) -> None:
    async with at(write_channels(tmp_path / "channels.ome.tiff")) as (gallery, view, zoe, lea):
        places: Names = gallery.needed()
        field = await present(zoe, channels=in_channels((0, 2)))
        await lea.until(lambda: lea.complete(field))
        needed = lea.tiles[: 2 * len(places)]
        assert {(*place, channel) for place in places for channel in (0, 2)} == {
            (one.level, one.column, one.row, one.channel) for one in needed
        }
        assert await as_get_gives_them(gallery, view, needed)
        # One channel more: it alone is sent. As scanned: all of them.
        before = len(lea.tiles)
        field = await present(zoe)
        await lea.until(lambda: lea.complete(field))
        fresh = lea.tiles[before:]
        assert {(*place, 1) for place in places} <= {(one.level, one.column, one.row, one.channel) for one in fresh}
        assert await as_get_gives_them(gallery, view, fresh)


async def test_channels_and_planes_that_the_slide_lacks_are_those_that_a_viewer_shows_then(
    at: Open, tmp_path: Path
) -> None:
    async with at(write_channels(tmp_path / "channels.ome.tiff")) as (gallery, _, zoe, lea):
        field = await present(zoe, channels=in_channels((7, 31)), plane=9)
        await lea.until(lambda: lea.complete(field))
        shown = {(one.level, one.column, one.row, one.channel) for one in lea.tiles}
        assert {(*place, channel) for place in gallery.needed() for channel in range(3)} <= shown
        assert {one.plane for one in lea.tiles} == {0}


async def test_the_plane_that_the_presenter_focuses_on_is_sent_and_then_those_beside_it(
    at: Open, tmp_path: Path
) -> None:
    async with at(write_planes(tmp_path / "planes.ome.tiff")) as (gallery, view, zoe, lea):
        wanted = gallery.needed()
        field = await present(zoe, plane=3)
        await lea.until(lambda: lea.complete(field))
        assert {one.plane for one in lea.tiles[: len(wanted)]} == {3}
        assert await as_get_gives_them(gallery, view, lea.tiles[: len(wanted)])
        sharp = {name for name in wanted if name[0] == 0}
        for beside in (2, 4):
            await lea.until(
                lambda beside=beside: sharp <= set(names([one for one in lea.tiles if one.plane == beside]))
            )


async def test_at_the_same_magnification_what_the_window_shows_is_sent(at: Open, tmp_path: Path) -> None:
    """Zoé's window is 500 px wide. Léa's is wider: at the same magnification it shows more, and no other level."""
    async with at(write_pyramid(tmp_path / "slide.tiff", width=3000, height=2000)) as (gallery, view, zoe, lea):
        middle = View(1500, 1000, 500, 300)
        wide = Follower(1100, 500, 1.0, across=500)
        await zoe.say(WINDOW | {"push": False})
        await lea.until(lambda: lea.members[gallery.ward.person("zoe")]["width"] == 500)
        await lea.say(WINDOW | {"width": 1100, "height": 500, "same": True})
        field = await present(zoe, middle)
        await lea.until(lambda: lea.complete(field))
        wanted = gallery.needed(middle, wide)
        assert wanted != gallery.needed(middle, Follower(1100, 500, 1.0))
        assert sorted(names(lea.tiles)[: len(wanted)]) == sorted(wanted)
        assert await as_get_gives_them(gallery, view, lea.tiles[: len(wanted)])
        # Zoé's window shrinks: the same field is a coarser scale there, though nobody has moved.
        before = len(lea.tiles)
        await zoe.say(WINDOW | {"push": False, "width": 250})
        await lea.until(
            lambda: set(gallery.needed(middle, Follower(1100, 500, 1.0, across=250))) <= set(names(lea.tiles))
        )
        assert len(lea.tiles) > before


async def test_what_a_browser_was_sent_ahead_is_not_sent_again(at: Open, tmp_path: Path) -> None:
    async with at(write_pyramid(tmp_path / "slide.tiff", width=3000, height=2500)) as (gallery, _, zoe, lea):
        slide = gallery.slide
        there, _ = await warming.chosen(gallery.tiles, slide, [], Screen(1920, 1080))
        kept = {"slide": slide.id, "mark": warming.mark_of(slide, []), "width": 1920, "height": 1080}
        await lea.say(WINDOW | {"kept": kept | {"tiles": len(there)}})
        field = await present(zoe)
        await lea.until(lambda: lea.complete(field))
        known = {(one.level, one.column, one.row) for one in there}
        wanted = set(gallery.needed())
        assert known & wanted
        assert wanted - known
        assert not known & set(names(lea.tiles))
        assert wanted - known <= set(names(lea.tiles))
        # It is looked up once: who says otherwise later is not heard.
        await lea.say(WINDOW | {"kept": kept | {"tiles": len(there) + 1}})
        field = await present(zoe, View(1100, 750, 500, 300))
        await lea.until(lambda: lea.complete(field))
        assert not known & set(names(lea.tiles))


@pytest.mark.parametrize("changed", [{"mark": "0" * 16}, {"tiles": 1}, {"slide": "0" * 26}])
async def test_who_says_to_have_what_they_would_not_be_sent_ahead_is_sent_all(
    at: Open, tmp_path: Path, changed: dict[str, Any]
) -> None:
    async with at(write_pyramid(tmp_path / "slide.tiff", width=2000, height=1500)) as (gallery, _, zoe, lea):
        slide = gallery.slide
        there, _ = await warming.chosen(gallery.tiles, slide, [], Screen(1920, 1080))
        kept = {"slide": slide.id, "mark": warming.mark_of(slide, []), "width": 1920, "height": 1080}
        await lea.say(WINDOW | {"kept": kept | {"tiles": len(there)} | changed})
        field = await present(zoe)
        await lea.until(lambda: lea.complete(field))
        assert set(gallery.needed()) <= set(names(lea.tiles))


async def test_a_guest_of_a_link_is_sent_what_their_own_view_opens_and_nothing_counts_as_kept(
    at: Open, tmp_path: Path
) -> None:
    async with at(write_pyramid(tmp_path / "slide.tiff", width=2000, height=1500)) as (gallery, _, zoe, lea):
        await gallery.ward.invite("ada", gallery.room)
        slide, place = gallery.slide, gallery.place
        there, _ = await warming.chosen(gallery.tiles, slide, [], Screen(1920, 1080))
        kept = {"slide": slide.id, "mark": warming.mark_of(slide, []), "width": 1920, "height": 1080}
        async with place.guest("ada", gallery.room) as ada:
            window = WINDOW | {"kept": kept | {"tiles": len(there)}}
            await ada.say(window)
            field = await present(zoe)
            await lea.until(lambda: lea.complete(field))
            await ada.until(lambda: ada.field is not None)
            await looked(place, gallery.room, ada)
            await answered(ada)
            assert not ada.pushed
            view = await gallery.open("ada")
            await ada.say(window)
            await ada.until(lambda: ada.complete(field))
            assert set(gallery.needed()) <= set(names(ada.tiles))
            assert await as_get_gives_them(gallery, view, ada.tiles[: len(gallery.needed())])


async def test_a_link_that_is_withdrawn_in_the_middle_of_a_field_stops_its_tiles(at: Open, tmp_path: Path) -> None:
    async with at(write_pyramid(tmp_path / "slide.tiff", width=2000, height=1500)) as (gallery, _, zoe, _lea):
        link = await gallery.ward.invite("ada", gallery.room)
        await gallery.open("ada")
        async with gallery.place.guest("ada", gallery.room, acks=False) as ada:
            await ada.send(AckRecord(ada.received))
            await ada.say(WINDOW | {"width": 1000, "height": 750})
            here = View(1000, 750, 1000, 750)
            field = await present(zoe, here)
            await ada.until(lambda: ada.complete(field, coarse=True))
            await links.withdraw(gallery.db, gallery.ward.actor("zoe"), link)
            await gallery.bus.publish(REVOKED, b"{}")
            assert await ada.closed() == 4401
            assert not ada.complete(field)
            assert not set(gallery.needed(here, Follower(1000, 750, 1.0))) <= set(names(ada.tiles))


async def test_before_the_width_of_their_window_is_known_all_of_their_field_is_sent(at: Open, tmp_path: Path) -> None:
    async with at(write_pyramid(tmp_path / "slide.tiff", width=2000, height=1500)) as (gallery, _, zoe, lea):
        await lea.say(WINDOW | {"same": True})
        field = await present(zoe, FIELD)
        await lea.until(lambda: lea.complete(field))
        assert set(gallery.needed(FIELD, SCREEN)) <= set(names(lea.tiles))
