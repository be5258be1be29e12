"""telepath/geometry.py."""

import math

import msgspec
import pytest

from telepath.geometry import Look, Region, Size, View, magnification, plausible_mpp


@pytest.mark.parametrize(
    ("mpp", "true"), [(0.25, True), (0.0, False), (math.nan, False), (None, False), (499.0, False), (20.0, True)]
)
def test_only_a_plausible_scale_gives_a_scale_bar(mpp: float | None, true: bool) -> None:
    assert plausible_mpp(mpp) is true


def test_a_quarter_of_a_micrometre_is_called_forty_times() -> None:
    assert magnification(0.25, 1) == 40
    assert magnification(0.25, 4) == 10
    assert magnification(0.5, 1) == 20


def test_a_region_that_leaves_the_slide_is_not_within_it() -> None:
    slide = Size(100, 50)
    assert Region(0, 0, 100, 50).within(slide)
    assert not Region(1, 0, 100, 50).within(slide)
    assert not Region(-1, 0, 10, 10).within(slide)


@pytest.mark.parametrize(
    "view", [View(0, 0, 0, 1), View(math.nan, 0, 1, 1), View(0, 0, 1, math.inf), View(2**24, 0, 1, 1)]
)
def test_a_view_that_no_frame_could_carry_is_not_valid(view: View) -> None:
    assert not view.valid()


def test_an_ordinary_view_is_valid() -> None:
    assert View(20000, 15000, 1920, 1080, rotation=90, flip=True).valid()


def test_a_view_without_a_look_is_written_as_before_there_were_any() -> None:
    assert msgspec.json.encode(View(1, 2, 3, 4)) == b'{"x":1,"y":2,"width":3,"height":4,"rotation":0.0,"flip":false}'
    looked = View(1, 2, 3, 4, look=Look(z=0, channels="0:0000ff:1:2", colours="icc"))
    assert msgspec.json.decode(msgspec.json.encode(looked), type=View) == looked


@pytest.mark.parametrize(
    "look", [Look(z=-1), Look(channels="0:blue:1:2"), Look(channels="0:0000ff:1:2" + ",0:0000ff:1:2" * 200)]
)
def test_a_look_that_no_slide_can_have_makes_a_view_invalid(look: Look) -> None:
    assert not View(0, 0, 16, 9, look=look).valid()
