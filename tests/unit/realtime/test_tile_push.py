"""realtime/tile_push.py: what a follower's window needs is sent, the quick picture first, from the middle out, and once."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.tile_push import (
    FINEST,
    MOST,
    NEAR,
    OVERHEAD,
    Grid,
    Screen,
    Sent,
    Tile,
    ahead,
    area,
    around,
    followed,
    grids,
    ordered,
    plan,
)
from telepath.geometry import Region, View
from telepath.slides.pyramid import Level

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "tile_push.json").read_text())


def levels(width: int, height: int, *steps: int, tile: int = 256) -> tuple[Grid, ...]:
    return grids(
        [
            Level(
                width=width // step,
                height=height // step,
                downsample=step,
                tile_width=tile,
                tile_height=tile,
            )
            for step in steps
        ]
    )


SLIDE = levels(65536, 32768, 1, 2, 4, 8, 16, 32)
WINDOW = Screen(1600, 900, 1.0)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_server_and_client_reckon_alike(vector: dict[str, Any]) -> None:
    finest = vector["levels"][0]["width"]
    slide = grids([Level(**one, downsample=finest / one["width"]) for one in vector["levels"]])
    found = plan(slide, Screen(**vector["screen"]), View(**vector["field"]))
    assert (found.view.width, found.view.height) == (vector["view"]["width"], vector["view"]["height"])
    assert found.downsample == vector["downsample"]
    assert found.pushed == vector["pushed"]
    for name, which in (("coarse", found.coarse), ("sharp", found.sharp)):
        assert (None if which is None else msgspec.structs.asdict(which)) == vector[name]
    first = ordered(slide, found.sharp, found.view)[: len(vector["first"])] if found.sharp is not None else []
    assert [[one.column, one.row] for one in first] == vector["first"]


fields = st.builds(
    View,
    st.floats(0, 65536),
    st.floats(0, 32768),
    st.floats(10, 70000),
    st.floats(10, 70000),
    st.floats(0, 360),
    st.booleans(),
)
screens = st.builds(Screen, st.integers(64, 4000), st.integers(64, 4000), st.floats(0.25, 8), st.booleans())


@given(fields, screens)
def test_the_window_shows_all_of_the_field_and_hardly_more_than_needed(field: View, screen: Screen) -> None:
    view = followed(field, screen, SLIDE)
    assert view.width >= field.width * (1 - 1e-5)
    assert view.height >= field.height * (1 - 1e-5)
    tightest = max(field.width / screen.width, field.height / screen.height)
    assert view.width / screen.width <= tightest * NEAR * (1 + 1e-9)
    assert view.width * screen.height == pytest.approx(view.height * screen.width)


@given(fields, screens)
def test_every_place_of_the_window_that_is_on_the_slide_lies_in_a_tile_that_is_sent(
    field: View, screen: Screen
) -> None:
    found = plan(SLIDE, screen, field)
    if not found.pushed:
        return
    box = around(found.view)
    for part_x in (0, 0.5, 1):
        for part_y in (0, 0.5, 1):
            x, y = box.x + part_x * box.width, box.y + part_y * box.height
            if not (0 < x < 65536 and 0 < y < 32768):
                continue
            assert found.sharp is not None
            grid = SLIDE[found.sharp.level]
            assert found.sharp.left <= x / grid.width <= found.sharp.right + 1
            assert found.sharp.top <= y / grid.height <= found.sharp.bottom + 1


@given(fields, screens)
def test_no_level_is_sent_that_is_finer_than_the_screen(field: View, screen: Screen) -> None:
    found = plan(SLIDE, screen, field)
    if found.sharp is not None and found.sharp.level < len(SLIDE) - 1:
        assert SLIDE[found.sharp.level].downsample >= FINEST * found.downsample
    if found.coarse is not None:
        assert found.sharp is None or found.coarse.level > found.sharp.level
        assert found.coarse.count <= MOST


def test_tiles_go_from_the_middle_out_and_each_once() -> None:
    view = View(10_000, 10_000, 1600, 900)
    sharp = plan(SLIDE, WINDOW, view).sharp
    assert sharp is not None
    order = ordered(SLIDE, sharp, view)
    assert len(order) == len(set(order)) == sharp.count
    assert (order[0].column, order[0].row) == (39, 39)

    def distance(tile: Tile) -> float:
        return ((tile.column + 0.5) * 256 - 10_000) ** 2 / 1600**2 + ((tile.row + 0.5) * 256 - 10_000) ** 2 / 900**2

    assert order == sorted(order, key=distance)


def test_a_plane_and_a_coding_are_part_of_the_name() -> None:
    sharp = plan(SLIDE, WINDOW, View(10_000, 10_000, 1600, 900)).sharp
    assert sharp is not None
    assert set(ordered(SLIDE, sharp, View(0, 0, 1, 1), 3, reduced=True)) == {
        one._replace(plane=3, reduced=True) for one in ordered(SLIDE, sharp, View(0, 0, 1, 1))
    }


def test_an_area_beside_the_slide_is_none() -> None:
    assert area(SLIDE, 0, Region(-500, 0, 400, 400)) is None
    assert area(SLIDE, 0, Region(65536, 0, 400, 400)) is None
    assert area(SLIDE, 0, Region(-500, -500, 501, 501)) is not None


def test_what_may_come_next_is_closer_then_around_then_further() -> None:
    view = View(10_000, 10_000, 3200, 1800)
    found = [one.level for one, _ in ahead(SLIDE, WINDOW, view)]
    assert found == [0, 1, 4, 2]
    assert all(one.count <= MOST for one, _ in ahead(SLIDE, Screen(16000, 12000, 1.0), view))


def test_what_was_sent_is_remembered_up_to_so_many_bytes_the_oldest_forgotten_first() -> None:
    sent = Sent(5 * (OVERHEAD + 20)).of("slide")
    for column in range(10):
        sent.add(Tile(0, column, 0), 20)
    assert [column for column in range(10) if Tile(0, column, 0) in sent] == [5, 6, 7, 8, 9]


def test_of_tiles_without_bytes_no_more_are_remembered_than_there_is_room_for() -> None:
    sent = Sent(5 * OVERHEAD).of("slide")
    for column in range(10):
        sent.add(Tile(0, column, 0), 0)
    assert [column for column in range(10) if Tile(0, column, 0) in sent] == [5, 6, 7, 8, 9]


def test_who_has_the_native_tile_needs_no_small_one_but_not_the_other_way_round() -> None:
    sent = Sent().of("slide")
    sent.add(Tile(0, 1, 1), 10)
    sent.add(Tile(0, 2, 2, reduced=True), 10)
    assert Tile(0, 1, 1, reduced=True) in sent
    assert Tile(0, 2, 2) not in sent


def test_what_was_sent_of_one_slide_is_known_after_another_and_counts_together_with_it() -> None:
    sent = Sent(3 * OVERHEAD)
    one, other = sent.of("one"), sent.of("other")
    one.add(Tile(0, 1, 1), 0)
    assert (Tile(0, 1, 1) in sent.of("one"), Tile(0, 1, 1) in other) == (True, False)
    for column in range(3):
        other.add(Tile(0, column, 0), 0)
    assert Tile(0, 1, 1) not in sent.of("one")
