"""realtime/tile_queue.py: the newest field alone is wanted, in its order, and it is complete when all of it was sent."""

import pytest

from realtime.tile_push import Grid, Screen, Sent, Tile, grids
from realtime.tile_queue import AHEAD, LACKING, Stage, Step, TileQueue
from telepath.geometry import View
from telepath.slides.pyramid import Level

SCREEN = Screen(1000, 600, 1.0)
THIN = Screen(1000, 600, 1.0, reduced=True)
HERE, AWAY = View(5000, 5000, 1000, 600), View(12_000, 9000, 1000, 600)


def slide() -> tuple[Grid, ...]:
    return grids(
        [
            Level(width=16384 // step, height=12288 // step, downsample=step, tile_width=256, tile_height=256)
            for step in (1, 2, 4, 8, 16)
        ]
    )


@pytest.fixture
def queue() -> TileQueue:
    return TileQueue(slide(), Sent().of(""))


def send(queue: TileQueue, count: int = 10_000) -> list[Tile]:
    """What goes, up to so many tiles."""
    sent: list[Tile] = []
    while len(sent) < count and (found := queue.first(1)):
        queue.took(found[0], 1000)
        sent += found
    return sent


def stage(queue: TileQueue) -> Stage:
    return queue.stage


def test_the_quick_picture_goes_first_and_then_the_sharp_one(queue: TileQueue) -> None:
    queue.aim(SCREEN, HERE, 0, 0.0)
    assert stage(queue) is Stage.NOTHING
    coarse = [tile for tile in queue.first(100) if queue.step(tile) is Step.COARSE]
    assert send(queue, len(coarse)) == coarse
    assert {tile.level for tile in coarse} == {2}
    assert stage(queue) is Stage.COARSE
    assert {tile.level for tile in send(queue)} == {0}
    assert stage(queue) is Stage.ALL


def test_another_field_replaces_what_waits_and_what_was_sent_is_not_sent_again(queue: TileQueue) -> None:
    queue.aim(SCREEN, HERE, 0, 0.0)
    before = send(queue, 7)
    queue.aim(SCREEN, AWAY, 0, 0.0)
    away = send(queue)
    assert not {tile for tile in away if tile.level == 0 and tile.column < 30}
    queue.aim(SCREEN, HERE, 0, 0.0)
    assert not set(send(queue)) & {*before, *away}
    assert stage(queue) is Stage.ALL
    queue.aim(SCREEN, HERE, 0, 0.0)
    assert stage(queue) is Stage.ALL
    assert not queue.first(1)


def test_another_plane_is_sent_anew(queue: TileQueue) -> None:
    queue.aim(SCREEN, HERE, 0, 0.0)
    count = len(send(queue))
    queue.aim(SCREEN, HERE, 1, 0.0)
    assert {tile.plane for tile in send(queue)} == {1}
    assert count > 10


def test_of_a_place_all_channels_that_are_shown_go_together_from_the_middle_out(queue: TileQueue) -> None:
    queue.aim(SCREEN, HERE, 0, 0.0, (0, 2))
    sent = send(queue)
    places = [(tile.level, tile.column, tile.row) for tile in sent]
    assert [tile.channel for tile in sent] == [0, 2] * (len(sent) // 2)
    assert places[::2] == places[1::2]
    assert len(set(places)) == len(sent) // 2
    # Another channel beside them is all that is still wanted.
    queue.aim(SCREEN, HERE, 0, 0.0, (0, 1, 2))
    more = send(queue)
    assert {tile.channel for tile in more} == {1}
    assert {(tile.level, tile.column, tile.row) for tile in more} == set(places)


def test_what_the_client_had_before_is_not_wanted_in_any_coding() -> None:
    whole = TileQueue(slide(), Sent().of(""))
    whole.aim(SCREEN, HERE, 0, 0.0)
    coarse = {tile for tile in send(whole) if tile.level == 2}
    queue = TileQueue(slide(), Sent().of("", coarse))
    queue.aim(THIN, HERE, 0, 0.0)
    assert stage(queue) is Stage.COARSE
    assert {tile.level for tile in send(queue)} == {0}
    queue.look_ahead(THIN, HERE)
    assert not coarse & {tile._replace(reduced=False) for tile in send(queue)}


def test_of_a_slide_with_planes_those_beside_the_shown_one_may_come_next() -> None:
    queue = TileQueue(slide(), Sent().of(""), planes=3)
    queue.aim(SCREEN, HERE, 2, 0.0)
    shown = [tile for tile in send(queue) if tile.level == 0]
    queue.look_ahead(SCREEN, HERE)
    assert queue.first(len(shown)) == [tile._replace(plane=1) for tile in shown][:AHEAD]


def test_a_window_at_the_same_magnification_is_refined_where_it_shows_something() -> None:
    queue = TileQueue(slide(), Sent().of(""))
    small = Screen(500, 300, 1.0, reduced=True, across=1000)
    queue.aim(small, HERE, 0, 0.0)
    reduced = {tile for tile in send(queue) if tile.level == 0}
    queue.refine(Screen(500, 300, 1.0, across=1000), HERE)
    assert {tile._replace(reduced=True) for tile in send(queue)} <= reduced


def test_a_tile_that_cannot_be_had_leaves_the_field_incomplete_and_is_tried_again_later(queue: TileQueue) -> None:
    queue.aim(SCREEN, HERE, 0, 0.0)
    lacking = queue.first(100)[-1]
    queue.lacks(lacking, 0.0)
    assert lacking not in send(queue)
    assert stage(queue) is Stage.COARSE
    queue.aim(SCREEN, HERE, 0, LACKING / 2)
    assert not queue.first(1)
    assert stage(queue) is Stage.COARSE
    queue.aim(SCREEN, HERE, 0, LACKING)
    assert send(queue) == [lacking]
    assert stage(queue) is Stage.ALL


def test_where_the_small_coding_cannot_be_had_the_files_own_is_sent(queue: TileQueue) -> None:
    queue.aim(THIN, HERE, 0, 0.0)
    lacking = queue.first(1)[0]
    assert lacking.reduced
    queue.lacks(lacking, 0.0)
    native = lacking._replace(reduced=False)
    assert queue.step(native) is Step.COARSE
    assert native in send(queue)
    assert stage(queue) is Stage.ALL
    queue.aim(THIN, HERE, 0, 0.1)
    assert stage(queue) is Stage.ALL


def test_what_the_file_holds_takes_the_place_of_the_small_coding_before_what_is_only_ahead(queue: TileQueue) -> None:
    queue.aim(THIN, HERE, 0, 0.0)
    first, second = queue.first(2)
    queue.look_ahead(THIN, HERE)
    queue.lacks(first, 0.0)
    assert queue.first(2) == [first._replace(reduced=False), second]


def test_a_tile_that_was_only_to_be_refined_is_needed_when_its_small_coding_cannot_be_had(queue: TileQueue) -> None:
    queue.aim(THIN, HERE, 0, 0.0)
    coarse = [tile for tile in queue.first(100) if queue.step(tile) is Step.COARSE]
    send(queue, len(coarse) + 1)
    queue.refine(SCREEN, HERE)
    lacking = queue.first(1)[0]
    native = lacking._replace(reduced=False)
    assert queue.step(native) is Step.NATIVE
    queue.lacks(lacking, 0.0)
    assert queue.step(native) is Step.SHARP
    sent = send(queue)
    assert sent[0] == native
    assert len(sent) == len(set(sent))
    assert stage(queue) is Stage.ALL


def test_where_the_small_coding_takes_too_long_only_the_rest_is_sent_as_the_file_holds_it(queue: TileQueue) -> None:
    queue.aim(THIN, HERE, 0, 0.0)
    small = send(queue, 7)
    queue.slow = True
    queue.aim(THIN, HERE, 0, 0.1)
    rest = send(queue)
    assert rest
    assert not any(tile.reduced for tile in rest)
    assert not {tile._replace(reduced=True) for tile in rest} & set(small)
    assert stage(queue) is Stage.ALL


def test_a_resting_field_is_followed_by_what_may_come_next_and_no_more_than_is_given_to_it(queue: TileQueue) -> None:
    queue.aim(SCREEN, HERE, 0, 0.0)
    send(queue)
    queue.look_ahead(SCREEN, HERE)
    found = queue.first(1000)
    assert 0 < len(found) <= AHEAD
    assert {queue.step(tile) for tile in found} == {Step.AHEAD}
    assert stage(queue) is Stage.ALL
    queue.give_up_ahead()
    assert not queue.first(1)


def test_what_went_out_small_follows_as_the_file_holds_it_where_the_field_is(queue: TileQueue) -> None:
    wide = View(5000, 5000, 400, 600)
    queue.aim(THIN, wide, 0, 0.0)
    small = [tile for tile in send(queue) if tile.level == 0]
    queue.refine(SCREEN, wide)
    native = send(queue)
    assert native
    assert all(not tile.reduced for tile in native)
    assert len(native) < len(small)  # the window shows more than the field
    assert {tile._replace(reduced=True) for tile in native} <= set(small)


def test_what_went_out_natively_needs_no_refining(queue: TileQueue) -> None:
    queue.aim(SCREEN, HERE, 0, 0.0)
    send(queue)
    queue.refine(SCREEN, HERE)
    assert not queue.first(1)


def test_of_a_field_beside_the_slide_and_of_one_of_too_many_tiles_nothing_is_still_to_come(queue: TileQueue) -> None:
    everything = View(8192, 6144, 16384, 12288)
    for screen, field, channels in (
        (SCREEN, View(-9000, -9000, 1000, 600), 1),
        (Screen(16384, 12288, 1.0), everything, 1),
        (Screen(1600, 900, 1.0), View(5000, 5000, 1600, 900), 64),
    ):
        queue.aim(screen, field, 0, 0.0, range(channels))
        assert stage(queue) is Stage.ALL
        assert not queue.first(1)
        queue.look_ahead(screen, field)
        assert len(queue.first(10_000)) <= AHEAD
